# SPDX-License-Identifier: MIT
"""A client that means no good, and a look at the machine beside it.

hostile.py noise SOCKET SECONDS: says all kinds of nonsense, nothing of which asks for the machine to stand, and stays
connected meanwhile. hostile.py vanish SOCKET ADDRESS: sets a breakpoint there, lets the machine go on until it is met
three times, and is gone without a word. hostile.py time MONITOR SECONDS: prints "running" or "stopped", how much virtual
time passes, in microseconds, and how many stops are set.
"""
import json
import os
import random
import socket
import sys
import time

from client import Client


def connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(20)
    connection.connect(path)
    return connection


def noise(path, seconds):
    connection = connect(path)
    dice = random.Random(5)
    end = time.monotonic() + seconds
    pieces = [
        b"$m0,", b"#", b"$" + b"m" * 100000 + b"#00", b"$qSupported:" + b"x" * 5000, b"\x03" * 100, b"-" * 1000,
        b"+" * 1000, b"$g#00", b"$g#zz", b"$#00", b"}}}}", b"$vCont;#ff", b"$Z0,0,0;X10000,#00", b"$qXfer:features:read:::#00",
        b"$" * 300, b"$qSearch:memory:0;10000000;xyzzy#00" * 100, b"$qCRC:0,1000000#00" * 100, b"$qRcmd,zz#00", b"%Stop:T05#00", b"$m" + b"f" * 40 + b",1#00",
    ]
    while time.monotonic() < end:
        piece = dice.choice(pieces)
        if dice.randrange(3) == 0:
            piece = bytes(b for b in dice.randbytes(2000) if b not in b"?kDvR!sScCGMXP")
        try:
            connection.sendall(piece)
            connection.setblocking(False)
            connection.recv(1000)
        except (BlockingIOError, socket.timeout):
            pass
        finally:
            connection.settimeout(20)
        time.sleep(0.001)


def vanish(path, address):
    client = Client(path)
    client.need("Z0,%s,2" % address)
    for _ in range(3):
        if not client.ask("c").startswith("T05"):
            sys.exit("the breakpoint is not met")
    client.send("c")
    os.kill(os.getpid(), 9)


def ask(monitor, command):
    monitor.sendall(command.encode() + b"\n")
    line = b""
    while not line.endswith(b"\n"):
        line += monitor.recv(65536)
    return json.loads(line)["result"]


def passes(path, seconds):
    monitor = connect(path)
    first = ask(monitor, "status")
    time.sleep(seconds)
    last = ask(monitor, "status")
    moved = float(last["virtual_seconds"]) - float(first["virtual_seconds"])
    print(last["state"], round(moved * 1000000), len(ask(monitor, "stops")["stops"]))


def main():
    what, path, argument = sys.argv[1:]
    if what == "noise":
        noise(path, float(argument))
    elif what == "vanish":
        vanish(path, argument)
    else:
        passes(path, float(argument))


main()
