#!/bin/bash
# Runs one fuzz target for a while, beginning with its corpus; what it finds new stays in the build folder.
# usage: fuzz_one.sh PROGRAM SECONDS
set -eu
program=$1
seconds=$2
name=${program##*/fuzz_}
corpus=tests/fuzz/corpus/$name
found=${program%/*}/found_$name
mkdir -p "$found"
seeds=("$found")
[[ -d $corpus ]] && seeds+=("$corpus")
log=$program.log
if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$program-" -print_final_stats=1 \
  "${seeds[@]}" >"$log" 2>&1; then
  echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s, no finding"
  exit 0
fi
tail -n 60 "$log"
exit 255 # xargs begins nothing more
