#!/bin/bash
# Installs the Debian packages that a build or the tests need, if any is missing.
# usage: install_needs.sh build|tests
set -eu
build=(g++ cmake ninja-build pkg-config libuv1-dev libssl-dev libspdlog-dev libyaml-cpp-dev libsqlite3-dev libexpected-dev
  nlohmann-json3-dev libcli11-dev libmicrohttpd-dev libidn2-dev openssl scdoc file dpkg-dev)
# The last line is what smtp-sink and smtp-source link; they themselves come without their package, which would set up a mail server.
# shellcheck disable=SC2034  # read by name
tests=("${build[@]}" git ccache libgtest-dev clang libclang-rt-14-dev llvm-14 clang-tidy clang-format shellcheck systemd
  python3 python3-aiosmtpd swaks curl procps systemd-container mmdebstrap lintian rpm man-db groff zsh fish
  libdb5.3 libicu72 libnsl2 e2fsprogs mount strace)

main() {
  local -n wanted=$1
  local missing=()
  for package in "${wanted[@]}"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then return; fi
  echo "installing ${missing[*]}"
  as_root apt-get -q -o Acquire::Retries=5 update
  as_root apt-get -q -y -o Acquire::Retries=5 -o Dpkg::Use-Pty=0 install --no-install-recommends "${missing[@]}"
}

as_root() {
  if (($(id -u) == 0)); then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

main "$@"
