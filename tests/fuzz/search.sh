#!/bin/sh
# search.sh TARGET CORPUS: lets libFuzzer search for FUZZ_SECONDS (60), from a copy of the seeds, so that what it finds on
# the way does not land in the source tree. An input that breaks the target is kept where the test was run. FUZZ_SEED (1) makes
# two searches of the same program take the same way, so that a red test can be repeated; 0 takes a new way each time.
set -eu
target=$1
seeds=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cp -R "$seeds/." "$work/"
"$target" -seed="${FUZZ_SEED:-1}" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
  -artifact_prefix="$(basename "$target")-" "$work"
