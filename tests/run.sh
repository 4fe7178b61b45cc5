#!/bin/bash
# Everything: installs what is needed (Debian), builds, and runs every test. The last lines are ctest's summary; the exit
# code is not zero when anything failed.
# usage: tests/run.sh [CTEST ARGUMENT...]          for example: tests/run.sh -R e2e
# FUZZ_SECONDS (30): how long each fuzz target runs.  MAILCHUTE_CRASH=long, MAILCHUTE_CUTS=1000: the long forms of
# the crash tests.
set -eu
exec 0</dev/null
cd "$(dirname "$0")/.."
# ccache and apt want a home; a CI job may have none.
export HOME=${HOME:-$PWD/build/home} LC_ALL=C.UTF-8
# Two clones of the same source share what ccache knows.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=yes
mkdir -p build "$HOME"

tests/install_needs.sh tests
tests/fetch_peers.sh
cmake --preset ci
cmake --build --preset ci --parallel "$(nproc)"
exec ctest --preset ci --parallel "$(nproc)" "$@"
