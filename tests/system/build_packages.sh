#!/bin/bash
# The packages of a build that is done, by CPack.
# usage: build_packages.sh BUILD_FOLDER PACKAGES_FOLDER
set -eu
build=$1
packages=$2
rm -rf "$packages"
for kind in DEB RPM; do
  cpack --config "$build/CPackConfig.cmake" -G "$kind" -B "$packages" >"$build/package.$kind.log" 2>&1 || { cat "$build/package.$kind.log"; exit 1; }
done
rm -rf "$packages/_CPack_Packages"
ls -l "$packages"
