#!/bin/bash
# Builds one of the other presets and runs what it is for.
# usage: build_and_run.sh asan|tsan|clang      FUZZ_SECONDS (60): how long each fuzz target runs
set -eu
cd "$(dirname "$0")/../.."
preset=$1
build=build/$preset
jobs=$(nproc)

main() {
  cmake --preset "$preset" >"build/$preset.configure.log" || { cat "build/$preset.configure.log"; exit 1; }
  case $preset in
  asan)
    build_targets '(unit|run|fuzz)_[a-z_]+|sim|mailchute'
    run_ctest '^(unit|dialog)\.'
    run_sim 30
    FUZZ_SECONDS=${FUZZ_SECONDS:-60} run_ctest '^fuzz\.'
    ;;
  tsan) build_targets 'unit_(store|net)'; run_ctest '^unit\.(store|net)\.' ;;
  clang) build_targets 'mailchute' ;;
  *) echo "unknown build $preset"; exit 64 ;;
  esac
}

# The programs whose name matches the pattern.
build_targets() {
  mapfile -t targets < <(ninja -C "$build" -t targets all | sed 's/:.*//' | grep -xE "$1")
  if ((${#targets[@]} == 0)); then
    echo "no target matches $1 in $build"
    exit 1
  fi
  echo "building ${targets[*]}"
  ninja -C "$build" -j "$jobs" "${targets[@]}" >"$build.log" || { tail -n 80 "$build.log"; exit 1; }
}

run_ctest() {
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1
  export UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
  ctest --test-dir "$build" -R "$1" -j "$jobs" --output-on-failure --no-tests=error
}

# The whole relay in memory; fewer lives than in the release build, for each takes longer here.
run_sim() {
  "$(find "$build/tests" -type f -name sim -perm -u+x)" --seeds "$1"
}

main
