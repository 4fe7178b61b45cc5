#!/usr/bin/env python3
"""The only name server of a network namespace: it hears every question and answers none.

usage: silent_name_server.py FOLDER PID ASKED
Makes itself known in /etc/resolv.conf (of a mount namespace), returns, and goes on in the background until the process
PID is gone. ASKED is made when the first question comes.
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys

SIOCSIFFLAGS, IFF_UP = 0x8914, 1
LIFETIME = 120          # seconds, whatever becomes of the process


def main(folder, pid, asked):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(server, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", IFF_UP, b""))
    server.bind(("127.0.0.1", 53))
    config = os.path.join(folder, "resolv.conf")
    with open(config, "w") as file:
        file.write("nameserver 127.0.0.1\noptions timeout:30 attempts:2\n")
    subprocess.run(["mount", "--bind", config, os.path.realpath("/etc/resolv.conf")], check=True)
    if os.fork() == 0:
        listen(server, pid, asked)
        os._exit(0)


def listen(server, pid, asked):
    server.settimeout(1)
    for _ in range(LIFETIME):
        if not os.path.exists("/proc/%s" % pid):
            return
        try:
            server.recv(512)
        except socket.timeout:
            continue
        open(asked, "w").close()


if __name__ == "__main__":
    main(*sys.argv[1:])
