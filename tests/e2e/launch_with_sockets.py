#!/usr/bin/env python3
"""Hands listening sockets to a program as systemd does: descriptors from 3 on, LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES.

usage: launch_with_sockets.py NAME=ADDRESS:PORT|NAME=FD:NUMBER [...] -- PROGRAM ARGUMENT...
FD:NUMBER passes on a descriptor that was inherited.
"""
import fcntl
import os
import socket
import sys


def main():
    split = sys.argv.index("--")
    names, descriptors = [], []
    for each in sys.argv[1:split]:
        name, place = each.split("=", 1)
        names.append(name)
        descriptors.append(_descriptor(place))
    # First out of the way of 3, 4, ..., then to where they belong.
    high = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 100) for each in descriptors]
    for target, source in enumerate(high, start=3):
        os.dup2(source, target, inheritable=True)
    environment = {**os.environ, "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(names)),
                   "LISTEN_FDNAMES": ":".join(names)}
    os.execvpe(sys.argv[split + 1], sys.argv[split + 1:], environment)


def _descriptor(place):
    address, number = place.rsplit(":", 1)
    if address == "FD":
        return int(number)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, int(number)))
    listener.listen(128)
    return listener.detach()


if __name__ == "__main__":
    main()
