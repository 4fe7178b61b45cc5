#!/bin/bash
# A small Debian 12 with systemd, made once and kept: what the tests of the packages install into. Needs root.
# usage: make_root.sh FOLDER        it then holds `tree`
set -eu
folder=$1
# What mailchute depends on is there already, so that a test installs its package without a network.
packages=(systemd systemd-sysv dbus procps cron libuv1 libspdlog1.10 libyaml-cpp0.7 libsqlite3-0 libmicrohttpd12 libidn2-0 ca-certificates)
# Nobody reads manuals there; those of mailchute are looked at.
options=(force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' 'path-exclude=/usr/share/locale/*'
  'path-include=/usr/share/doc/mailchute*' 'path-include=/usr/share/man/man*/mailchute*')

main() {
  if (($(id -u) != 0)); then
    echo "skipped: only root can make a root"
    exit 77
  fi
  local mark
  mark=$(md5sum "$0" | cut -d ' ' -f 1)
  if [[ -e $folder/made && $(<"$folder/made") == "$mark" ]]; then return; fi
  rm -rf "$folder"
  mkdir -p "$folder"
  local include
  include=$(IFS=,; echo "${packages[*]}")
  local dpkg=()
  for each in "${options[@]}"; do dpkg+=("--dpkgopt=$each"); done
  mmdebstrap --quiet --variant=minbase --include="$include" --aptopt='Acquire::Retries "5"' "${dpkg[@]}" bookworm "$folder/tree"
  # Units that would do nothing here but take time.
  ln -sf /dev/null "$folder/tree/etc/systemd/system/apt-daily.timer"
  ln -sf /dev/null "$folder/tree/etc/systemd/system/apt-daily-upgrade.timer"
  echo "$mark" >"$folder/made"
}

main
