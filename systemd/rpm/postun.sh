#!/bin/sh
# After an upgrade (1) the daemon is restarted; its sockets stay open meanwhile.
if [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload || :
  if [ "$1" -ge 1 ]; then systemctl try-restart mailchute.service || :; fi
fi
