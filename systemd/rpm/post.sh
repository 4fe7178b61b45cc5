#!/bin/sh
# After it is installed, for the first time (1) or over an older one: the user and the folders. Starts nothing.
systemd-sysusers mailchute.conf
systemd-tmpfiles --create mailchute.conf || :
journalctl --update-catalog || :
if [ -d /run/systemd/system ]; then systemctl --system daemon-reload || :; fi
