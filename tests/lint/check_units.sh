#!/bin/bash
# systemd's own opinion of the units: no mistakes, and an exposure of at most 1.5 (of 10; chrony has 3.7).
# Needs the program systemd-analyze, not a running systemd.
# usage: check_units.sh BUILD_FOLDER
set -eu
build=$(realpath "$1")
exposure_max_tenths=15
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
binary=$build/mailchute
[[ -x $binary ]] || binary=/bin/true
for unit in systemd/*.service systemd/*.socket; do
  sed -e "s|/usr/sbin/mailchute|$binary|" -e '/^Documentation=/d' "$unit" >"$folder/${unit##*/}"
done

said=$(SYSTEMD_UNIT_PATH=$folder: systemd-analyze verify --man=no --recursive-errors=no "$folder"/* 2>&1 || true)
if grep -q mailchute <<<"$said"; then
  echo "$said"
  exit 1
fi
systemd-analyze security --offline=true --no-pager --threshold="$exposure_max_tenths" \
  "$folder/mailchute.service"
