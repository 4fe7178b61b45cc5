#!/bin/sh
# Before it is removed for good (0); the queue stays on disk.
if [ "$1" -eq 0 ] && [ -d /run/systemd/system ]; then
  systemctl --no-reload disable --now mailchute.socket mailchute-submit.socket mailchute-control.socket mailchute.service || :
fi
