#!/usr/bin/env python3
"""The figures of docs/performance.md, measured on this machine: a program with figures, not a test that can fail by time.

usage: tests/bench/relay.py MAILCHUTE [--messages N] [--rounds N] [--postfix LISTEN:SINK] [--only NAME,...]

Parts: load (end to end between smtp-source and smtp-sink, 20 sessions, 4 KiB, one connection a message, against the sink
directly and, with --postfix, against a Postfix that relays 127.0.0.1:LISTEN to 127.0.0.1:SINK), alone (one client, against
one fdatasync), idle (memory, wake-ups), large (a 25 MiB message) and backlog (--queued messages of 10 KiB wait for an upstream
that is down: start, memory, acceptance; then it comes back).
Everything stays on loopback. Needs smtp-source and smtp-sink (package postfix); strace for the wake-ups.
"""
import argparse
import os
import re
import signal
import smtplib
import socket
import statistics
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 300


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_port(port):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit("nothing answers at port %d" % port)


class Relay:
    """mailchute in a folder of its own, in front of a sink's port."""

    def __init__(self, binary, folder, sink_port):
        self.binary, self.folder, self.sink_port = binary, folder, sink_port
        self.port = free_port()
        self.config = os.path.join(folder, "mailchute.yaml")
        with open(self.config, "w") as file:
            file.write('root: a@b.test\nhostname: relay.test\nmail_domain: relay.test\n'
                       'listen: { smtp: ["127.0.0.1:%d"], submit: %s/submit.sock, control: %s/control.sock }\n'
                       'queue: { path: %s/queue.db, reserve: 16MiB }\nlog: { level: warning }\n'
                       'upstreams: { sink: { host: 127.0.0.1, port: %d, tls: none, max_connections: 20,'
                       ' messages_per_connection: 1000 } }\n' % (self.port, folder, folder, folder, sink_port))
        self.process = None

    def start(self):
        began = time.monotonic()
        log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen([self.binary, "run", "--config", self.config], stderr=log,
                                        env={**os.environ, "MAILCHUTE_ALLOW_ROOT": "1"})
        log.close()
        await_port(self.port)
        return time.monotonic() - began

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def kib(self, name):
        with open("/proc/%d/status" % self.process.pid) as file:
            return int(re.search(name + r":\s+(\d+)", file.read())[1])

    def forget_peak(self):
        with open("/proc/%d/clear_refs" % self.process.pid, "w") as file:
            file.write("5")


class Sink:
    """smtp-sink, counting."""

    def __init__(self, port):
        self.port = port
        self.counter = tempfile.TemporaryFile()
        self.process = subprocess.Popen(["smtp-sink", "-c", "-u", "nobody", "127.0.0.1:%d" % port, "1000"],
                                        stdout=self.counter, stderr=subprocess.DEVNULL)
        await_port(port)

    def count(self):
        size = os.fstat(self.counter.fileno()).st_size
        tail = os.pread(self.counter.fileno(), 96, max(0, size - 96))
        seen = re.findall(rb"mesg=(\d+)", tail)
        return int(seen[-1]) if seen else 0

    def stop(self):
        self.process.terminate()
        self.process.wait()


def pour(port, messages, sessions=20, size=4096, keep=()):
    subprocess.run(["smtp-source", *keep, "-s", str(sessions), "-m", str(messages), "-l", str(size), "-f", "app@local.test",
                    "-t", "user@up.test", "127.0.0.1:%d" % port], check=True)


def end_to_end(listen, sink_port, messages):
    """Messages a second, from the first connection to the last message counted."""
    sink = Sink(sink_port)
    began = last = time.monotonic()
    pour(listen, messages)
    got = 0
    while got < messages and time.monotonic() - began < PATIENCE:
        now = sink.count()
        if now != got:
            got, last = now, time.monotonic()
        time.sleep(0.002)
    sink.stop()
    if got < messages:
        raise SystemExit("only %d of %d messages arrived" % (got, messages))
    return messages / (last - began)


def load(options):
    with tempfile.TemporaryDirectory() as folder:
        relay = Relay(options.binary, folder, free_port())
        relay.start()
        direct_port = free_port()
        ours, direct, theirs, cpu = [], [], [], []
        for _ in range(options.rounds):
            before = relay.cpu_seconds()
            ours.append(end_to_end(relay.port, relay.sink_port, options.messages))
            cpu.append(1000 * (relay.cpu_seconds() - before) / options.messages)
            direct.append(end_to_end(direct_port, direct_port, options.messages))
            if options.postfix:
                listen, sink = map(int, options.postfix.split(":"))
                theirs.append(end_to_end(listen, sink, options.messages // 4))
        relay.stop()
    mine = statistics.median(ours)
    print("load     end to end %.0f messages/s, CPU %.3f ms a message" % (mine, statistics.median(cpu)))
    print("load     the sink directly %.0f/s: mailchute reaches %.2f of it" %
          (statistics.median(direct), mine / statistics.median(direct)))
    if theirs:
        print("load     Postfix %.0f/s: mailchute is %.1f times as fast" %
              (statistics.median(theirs), mine / statistics.median(theirs)))


def sync_ms(folder, count=200):
    path = os.path.join(folder, "sync")
    times = []
    with open(path, "wb") as file:
        for _ in range(count):
            file.write(b"x" * 8192)
            file.flush()
            began = time.monotonic()
            os.fdatasync(file.fileno())
            times.append(1000 * (time.monotonic() - began))
    return statistics.median(times)


def alone(options):
    with tempfile.TemporaryDirectory() as folder:
        relay = Relay(options.binary, folder, free_port())
        sink = Sink(relay.sink_port)
        relay.start()
        times = []
        with smtplib.SMTP("127.0.0.1", relay.port) as client:
            for _ in range(300):
                client.ehlo_or_helo_if_needed()
                client.mail("a@s.test")
                client.rcpt("b@r.test")
                client.docmd("DATA")
                began = time.monotonic()
                client.send(b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n.\r\n")
                client.getreply()
                times.append(1000 * (time.monotonic() - began))
        relay.stop()
        sink.stop()
        print("alone    final dot to 250: median %.2f ms; one fdatasync of 8 KiB here: %.2f ms" %
              (statistics.median(times), sync_ms(folder)))


def idle(options):
    with tempfile.TemporaryDirectory() as folder:
        relay = Relay(options.binary, folder, free_port())
        relay.start()
        time.sleep(2)
        with open("/proc/%d/smaps_rollup" % relay.process.pid) as file:
            share, own = (int(re.search(name + r":\s+(\d+)", text)[1]) for text in [file.read()] for name in ("Pss", "Pss_Anon"))
        trace = os.path.join(folder, "trace")
        tracer = subprocess.Popen(["strace", "-f", "-q", "-o", trace, "-p", str(relay.process.pid)])
        time.sleep(20)
        tracer.send_signal(signal.SIGINT)
        tracer.wait()
        with open(trace) as file:
            calls = [line for line in file if "resumed" not in line and "detached" not in line]
        relay.stop()
        print("idle     %.1f MiB (PSS: its share of what it maps), %.1f of it its own; %d system calls begun in 20 s" %
              (share / 1024, own / 1024, sum("unfinished" not in line for line in calls)))


def large(options):
    with tempfile.TemporaryDirectory() as folder:
        relay = Relay(options.binary, folder, free_port())
        sink = Sink(relay.sink_port)
        relay.start()
        pour(relay.port, 50)
        time.sleep(1)
        relay.forget_peak()
        before = relay.kib("VmHWM")
        pour(relay.port, 1, sessions=1, size=25 << 20)
        while sink.count() < 51:
            time.sleep(0.02)
        print("large    a message of 25 MiB adds %.1f MiB at the peak" % ((relay.kib("VmHWM") - before) / 1024))
        relay.stop()
        sink.stop()


def rate_and_cpu(relay, action, messages):
    """Messages a second, and milliseconds of CPU for each."""
    cpu, began = relay.cpu_seconds(), time.monotonic()
    action()
    return messages / (time.monotonic() - began), 1000 * (relay.cpu_seconds() - cpu) / messages


def backlog(options):
    probe, size = 5000, 10 << 10
    with tempfile.TemporaryDirectory() as folder:
        relay = Relay(options.binary, folder, free_port())
        relay.start()
        accept = lambda: pour(relay.port, probe, size=size)
        empty = rate_and_cpu(relay, accept, probe)
        pour(relay.port, options.queued - probe, size=size, keep=["-d"])
        relay.stop()
        up = relay.start()
        full = rate_and_cpu(relay, accept, probe)
        print("backlog  %d queued: up in %.2f s; accepts %.0f/s at %.3f ms of CPU, %.0f/s at %.3f ms when empty" %
              (options.queued, up, *full, *empty))
        print("backlog  memory: %.1f MiB resident, %.1f MiB at the peak, files mapped included" %
              (relay.kib("VmRSS") / 1024, relay.kib("VmHWM") / 1024))
        sink = Sink(relay.sink_port)
        drained = rate_and_cpu(relay, lambda: await_count(sink, probe), probe)
        print("backlog  the upstream is back: %.0f/s at %.3f ms of CPU for the first %d, its cooldown included; %.1f MiB at the peak" %
              (*drained, probe, relay.kib("VmHWM") / 1024))
        relay.stop()
        sink.stop()


def await_count(sink, messages):
    end = time.monotonic() + PATIENCE
    while sink.count() < messages:
        if time.monotonic() > end:
            raise SystemExit("only %d of %d messages arrived" % (sink.count(), messages))
        time.sleep(0.02)


PARTS = {"load": load, "alone": alone, "idle": idle, "large": large, "backlog": backlog}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", metavar="MAILCHUTE")
    parser.add_argument("--messages", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--queued", type=int, default=100000)
    parser.add_argument("--postfix", metavar="LISTEN:SINK")
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    print("%s, %d CPUs, %s" % (os.uname().machine, os.cpu_count(), time.strftime("%Y-%m-%d", time.gmtime())))
    for name in options.only.split(","):
        PARTS[name](options)


if __name__ == "__main__":
    main()
