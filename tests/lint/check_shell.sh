#!/bin/bash
# Runs shellcheck over every shell script of the tree.
set -eu
cd "$(dirname "$0")/../.."
mapfile -t scripts < <(find . -path ./build -prune -o -name '*.sh' -print; find .ci systemd/debian/*/ -type f 2>/dev/null)
for script in "${scripts[@]}"; do bash -n "$script"; done
if ! command -v shellcheck >/dev/null; then
  echo "shellcheck is not installed: syntax only"
  exit 0
fi
shellcheck --severity=warning "${scripts[@]}"
