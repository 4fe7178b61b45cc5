#!/bin/sh
# After it is installed, for the first time (1) or over an older one: the user and the folders. Starts nothing.
systemd-sysusers mailchute.conf
# The folders as mailchute.conf says, for a tree in which systemd-tmpfiles cannot work: it wants /proc.
systemd-tmpfiles --create mailchute.conf 2>/dev/null || {
  install -d -m 0755 /etc/mailchute /etc/mailchute/conf.d
  install -d -m 0750 -g mailchute /etc/mailchute/credentials
}
journalctl --update-catalog || :
if [ -d /run/systemd/system ]; then systemctl --system daemon-reload || :; fi
if [ "$1" -eq 1 ] && [ ! -e /etc/mailchute/mailchute.yaml ]; then
  echo "mailchute: installed, and started nothing; next: mailchute setup"
fi
