#!/bin/bash
# clang-tidy with the few checks of .clang-tidy over the sources that the last commits changed, at most FILES_MAX of them:
# the whole tree takes longer than anyone waits.
# usage: check_tidy.sh BUILD_FOLDER [FILE...]
set -eu
build=$(realpath "$1")
shift
cd "$(dirname "$0")/../.."
files_max=${FILES_MAX:-6}
if (($# > 0)); then
  files=("$@")
else
  mapfile -t files < <(git -c safe.directory='*' log -n 20 --name-only --pretty=format: -- 'daemon/*.cc' 2>/dev/null |
    awk 'NF && !seen[$0]++' | while read -r file; do if [[ -e $file ]]; then echo "$file"; fi; done | head -n "$files_max")
fi
((${#files[@]} > 0)) || files=(daemon/base/text.cc)
echo "clang-tidy: ${files[*]}"
clang-tidy --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option --warnings-as-errors='*' "${files[@]}" 2> >(grep -v 'warnings generated' >&2)
