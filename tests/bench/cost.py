#!/usr/bin/env python3
"""What a message costs in figures that do not depend on how busy the machine is: instructions and system calls.

usage: tests/bench/cost.py MAILCHUTE [--messages N] [--sessions N] [--only calls,instructions]

The load is that of relay.py: smtp-source to smtp-sink, 4 KiB, one connection a message. The daemon is started, warmed up, and only
then counted. calls: system calls by name (strace). instructions: user code by function (callgrind); how many messages share a commit
is not as it is at full speed, for both slow the daemon down. Needs smtp-source and smtp-sink (package postfix), strace, valgrind.
"""
import argparse
import os
import re
import signal
import subprocess
import tempfile
import time

import relay

WARM_UP = 200


def pour_through(daemon, sink, messages, sessions):
    goal = sink.count() + messages
    relay.pour(daemon.port, messages, sessions=sessions)
    end = time.monotonic() + relay.PATIENCE
    while sink.count() < goal:
        if time.monotonic() > end:
            raise SystemExit("only %d of %d messages arrived" % (sink.count(), goal))
        time.sleep(0.02)


def calls(options):
    with tempfile.TemporaryDirectory() as folder:
        daemon = relay.Relay(options.binary, folder, relay.free_port())
        sink = relay.Sink(daemon.sink_port)
        daemon.start()
        pour_through(daemon, sink, WARM_UP, options.sessions)
        table = os.path.join(folder, "calls")
        tracer = subprocess.Popen(["strace", "-c", "-f", "-q", "-o", table, "-p", str(daemon.process.pid)])
        await_tracer(daemon.process.pid)
        pour_through(daemon, sink, options.messages, options.sessions)
        tracer.send_signal(signal.SIGINT)
        tracer.wait()
        daemon.stop()
        sink.stop()
        with open(table) as file:
            counts = {row[-1]: int(row[3]) for row in map(str.split, file) if len(row) >= 5 and row[3].isdigit()}
        total = counts.pop("total")
        print("calls    %.1f system calls a message" % (total / options.messages))
        for name, count in sorted(counts.items(), key=lambda each: -each[1]):
            if count * 20 >= options.messages:
                print("         %6.2f %s" % (count / options.messages, name))


def await_tracer(pid):
    end = time.monotonic() + relay.PATIENCE
    while time.monotonic() < end:
        with open("/proc/%d/status" % pid) as file:
            if not re.search(r"TracerPid:\s+0\b", file.read()):
                return
        time.sleep(0.02)
    raise SystemExit("strace does not attach")


def instructions(options):
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "under-callgrind")
        with open(binary, "w") as file:
            file.write("#!/bin/sh\nexec valgrind -q --tool=callgrind --callgrind-out-file=%s/out.%%p --separate-threads=no"
                       " %s \"$@\"\n" % (folder, os.path.abspath(options.binary)))
        os.chmod(binary, 0o755)
        daemon = relay.Relay(binary, folder, relay.free_port())
        sink = relay.Sink(daemon.sink_port)
        daemon.start()
        pour_through(daemon, sink, WARM_UP, options.sessions)
        control = ["callgrind_control", str(daemon.process.pid)]
        subprocess.run([*control, "--zero"], check=True, stdout=subprocess.DEVNULL)
        pour_through(daemon, sink, options.messages, options.sessions)
        subprocess.run([*control, "--dump"], check=True, stdout=subprocess.DEVNULL)
        daemon.stop()
        sink.stop()
        report(folder, daemon.process.pid, options)


def report(folder, pid, options):
    dump = os.path.join(folder, "out.%d.1" % pid)
    text = subprocess.run(["callgrind_annotate", "--inclusive=no", "--threshold=90", dump], check=True, capture_output=True, text=True).stdout
    if options.keep:
        with open(dump, "rb") as source, open(options.keep, "wb") as target:
            target.write(source.read())
    total = int(re.search(r"^\s*([\d,]+).*PROGRAM TOTALS", text, re.M)[1].replace(",", ""))
    print("instr    %.0f instructions a message" % (total / options.messages))
    for line in text.splitlines():
        found = re.match(r"\s*([\d,]+) \(\s*([\d.]+)%\)\s+(\S.*)", line)
        if found and float(found[2]) >= 0.8 and "PROGRAM" not in line:
            print("         %8.0f %5s%% %s" % (int(found[1].replace(",", "")) / options.messages, found[2], found[3][:110]))


PARTS = {"calls": calls, "instructions": instructions}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", metavar="MAILCHUTE")
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--keep", metavar="FILE", help="keeps callgrind's record, for kcachegrind or callgrind_annotate")
    options = parser.parse_args()
    for name in options.only.split(","):
        PARTS[name](options)


if __name__ == "__main__":
    main()
