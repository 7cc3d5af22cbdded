# SPDX-License-Identifier: MIT
"""Speaks GDB's remote protocol to the QEMU of level 2, which KVM runs, and debugs the start of Linux in it.

debug_nested.py PORT STCKE TARGET BRASL: steps single instructions, then stops at an address (the STCKE that
Linux starts with), at the change of its target in storage, and at an instruction replaced by a breakpoint
(the first BRASL). Prints one line for each, ends with 1 when something was not as it should be, and
lets the guest go on. PORT is tried until QEMU answers there.
"""
import re
import socket
import sys
import time

PSW_ADDRESS = 1     # QEMU's number of the register
START = 0x10000     # where Linux starts


class Debugger:
    def __init__(self, port, limit):
        self.port = port
        self.buffer = b""
        self.connection = None
        deadline = time.time() + limit
        while self.connection is None:
            try:
                self.connection = socket.create_connection(("127.0.0.1", port), 20)
                # Forwarding accepts before anybody listens in the guest.
                self.ask("?")
            except OSError:
                self.connection = None
                self.buffer = b""
                if time.time() > deadline:
                    sys.exit("debug: QEMU never answered")
                time.sleep(2)
        self.connection.settimeout(limit)

    def byte(self):
        if not self.buffer:
            self.buffer = self.connection.recv(4096)
            if not self.buffer:
                raise ConnectionError("closed")
        first, self.buffer = self.buffer[:1], self.buffer[1:]
        return first

    def ask(self, text):
        data = text.encode()
        self.connection.sendall(b"$%s#%02x" % (data, sum(data) & 255))
        while self.byte() != b"$":
            pass
        answer = b""
        while (one := self.byte()) != b"#":
            answer += one
        self.byte()
        self.byte()
        self.connection.sendall(b"+")
        return answer.decode()

    def stay(self):
        """Keep the connection until the guest is gone: QEMU stops its guest whenever it accepts one, and an earlier
        try may still wait there to be accepted."""
        try:
            while self.connection.recv(4096):
                pass
        except OSError:
            pass

    def address(self):
        return int(self.ask("p%x" % PSW_ADDRESS), 16)

    def following(self):
        """Where the instruction goes that is next: only J and BRAS branch at Linux's start."""
        at = self.address()
        text = bytes.fromhex(self.storage(at, 6))
        if text[0] == 0xA7 and text[1] & 15 in (4, 5):
            return at + 2 * int.from_bytes(text[2:4], "big", signed=True)
        return at + (2, 4, 4, 6)[text[0] >> 6]

    def storage(self, address, length):
        return self.ask("m%x,%x" % (address, length))


failed = False


def expect(what, got, wanted):
    global failed
    right = got == wanted
    failed = failed or not right
    print("debug: %s: %s%s" % (what, got, "" if right else " instead of %s: FAIL" % wanted), flush=True)


def main(port, stcke, target, brasl):
    debugger = Debugger(port, 400)
    # QEMU gives single registers only to those who know their description.
    debugger.ask("qXfer:features:read:target.xml:0,ffb")
    expect("start", hex(debugger.address()), hex(START))
    # J, MVI, SLR, LHI, SIGP (which KVM intercepts), BRAS.
    for _ in range(6):
        wanted = debugger.following()
        debugger.ask("vCont;s:p1.1")
        expect("step", hex(debugger.address()), hex(wanted))
    expect("set hardware breakpoint", debugger.ask("Z1,%x,4" % stcke), "OK")
    debugger.ask("c")
    expect("hardware breakpoint", hex(debugger.address()), hex(stcke))
    expect("remove it", debugger.ask("z1,%x,4" % stcke), "OK")
    before = debugger.storage(target, 16)
    expect("set watchpoint", debugger.ask("Z2,%x,8" % target), "OK")
    stop = debugger.ask("c")
    expect("watchpoint at", hex(debugger.address()), hex(stcke + 4))
    told = re.search("watch:([0-9a-f]+)", stop)
    expect("watchpoint is told", hex(int(told.group(1), 16)) if told else stop, hex(target))
    expect("storage changed", debugger.storage(target, 16) != before, True)
    expect("remove it", debugger.ask("z2,%x,8" % target), "OK")
    expect("set breakpoint", debugger.ask("Z0,%x,6" % brasl), "OK")
    debugger.ask("c")
    expect("breakpoint", hex(debugger.address()), hex(brasl))
    expect("remove it", debugger.ask("z0,%x,6" % brasl), "OK")
    debugger.ask("vCont;s:p1.1")
    print("debug: BRASL went to %s" % hex(debugger.address()))
    debugger.ask("D")
    debugger.stay()
    sys.exit(1 if failed else 0)


main(int(sys.argv[1]), int(sys.argv[2], 0), int(sys.argv[3], 0), int(sys.argv[4], 0))
