#!/bin/bash
# clang-format over every C++ file; prints the lines that would change.
# usage: check_format.sh [FILE...]
set -eu
cd "$(dirname "$0")/../.."
if (($# == 0)); then
  mapfile -t files < <(find daemon tests -name '*.cc' -o -name '*.h' | sort)
else
  files=("$@")
fi
clang-format --dry-run -Werror "${files[@]}"
