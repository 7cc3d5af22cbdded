# SPDX-License-Identifier: MIT
"""Drives a machine as a test harness does: storage and registers written, run to a disabled wait, read back, again.

harness.py SOCKET ROUNDS: each round multiplies two numbers under its own prefix and control register, and stops at
a wait whose address tells the round. Prints how many rounds passed in how many seconds.
"""
import sys
import time

from client import Client

# LG 2,0(0,3); MSG 2,8(0,3); STG 2,16(0,3); LPSWE 24(3)
PROGRAM = "e32030000004" "e3203008000c" "e32030100024" "b2b23018"
PSWM, PSWA, R3, R4, CR0, PREFIX = 0, 1, 5, 6, 0x53, 0x66


def main():
    client = Client(sys.argv[1])
    rounds = int(sys.argv[2])
    begin = time.monotonic()
    client.need("M20000,%x:%s" % (len(PROGRAM) // 2, PROGRAM))
    for i in range(rounds):
        data = 0x30000 + 64 * (i % 512)
        x, y = 3 * i + 1, 7 * i + 2
        wait = 0x1000000 + 2 * i
        client.need("M%x,28:%016x%016x%016x%016x%016x" % (data, x, y, 0, 0x0002000180000000, wait))
        client.need("P%x=%016x" % (R3, data))
        client.need("P%x=%016x" % (PREFIX, 0x2000 * (1 + i % 4)))
        client.need("P%x=%016x" % (CR0, 0x10000 * (i % 2)))
        client.need("P%x=%016x" % (PSWM, 0x0000000180000000))
        client.need("P%x=%016x" % (PSWA, 0x20000))
        stop = client.ask("c")
        if not stop.startswith("T05") or "01:%016x;" % wait not in stop:
            raise AssertionError("round %d stops with %s" % (i, stop))
        client.need("m%x,8" % (data + 16), "%016x" % (x * y))
        client.need("p%x" % PREFIX, "%016x" % (0x2000 * (1 + i % 4)))
        client.need("p%x" % CR0, "%016x" % (0x10000 * (i % 2)))
        if b"disabled wait" not in client.console:
            raise AssertionError("the console is not told of the disabled wait: %r" % client.console)
        client.console = b""
    seconds = time.monotonic() - begin
    print("%d rounds in %.1f s, %.0f a minute" % (rounds, seconds, 60 * rounds / seconds))
    client.send("k")


main()
