#!/bin/bash
# What Debian's own checker says of the packages (no errors), and that all of them hold what they should.
# usage: check_packages.sh PACKAGES_FOLDER
set -eu
cd "$1"
status=0

# usage: expect PACKAGE PATH...       the package holds each path
expect() {
  local package=$1 held
  shift
  case $package in
  *.deb) held=$(dpkg-deb --fsys-tarfile "$package" | tar -t | sed 's|^\.||') ;;
  *.rpm) held=$(rpm --query --list --package "$package") ;;
  esac
  for path in "$@"; do
    grep -qxF "$path" <<<"$held" || { echo "$package: $path is missing"; status=1; }
  done
  if grep -E '^/(etc|var|run|home|tmp|opt)/' <<<"$held"; then
    echo "$package: a path above is none of the package's"
    status=1
  fi
}

program=(/usr/sbin/mailchute /usr/lib/systemd/system/mailchute.service /usr/lib/systemd/system/mailchute.socket
  /usr/lib/systemd/system/mailchute-submit.socket /usr/lib/systemd/system/mailchute-control.socket
  /usr/lib/sysusers.d/mailchute.conf /usr/lib/tmpfiles.d/mailchute.conf /usr/lib/systemd/catalog/mailchute.catalog
  /usr/share/mailchute/providers/qq.yaml
  /usr/share/man/man8/mailchute.8.gz /usr/share/man/man8/mailchute-queue.8.gz /usr/share/man/man5/mailchute.yaml.5.gz
  /usr/share/doc/mailchute/examples/mailchute.yaml /usr/share/doc/mailchute/copyright
  /usr/share/doc/mailchute/alerts.md /usr/share/doc/mailchute/how-to/encrypted-credentials.md)
expect mailchute_*.deb "${program[@]}"
expect mailchute-[0-9]*.rpm "${program[@]}"
expect mailchute-mta_*.deb /usr/sbin/sendmail /usr/bin/mailq /usr/bin/newaliases /usr/lib/sendmail \
  /usr/share/man/man8/sendmail.8.gz /usr/share/man/man1/mailq.1.gz /usr/share/man/man1/newaliases.1.gz

# Warnings are shown and do no harm.
lintian --allow-root --fail-on error ./*.deb || status=1
exit "$status"
