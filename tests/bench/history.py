# SPDX-License-Identifier: MIT
"""What the past costs on Sienna: to record a run, and to go back in a live one that keeps its history.

The machine boots with the monitor as a program's: when the guest is in its user space it is stopped, then gone to
places that are pseudo-random in the last hundred million cycles (or back to the present first), and from each place
one instruction is stepped backwards, twice. Times are wall time, from the request to its answer.
"""
import json
import os
import random
import statistics
import subprocess
import sys
import time

RANGE = 100_000_000
KEPT = "2G"


class Monitor:
    """A machine whose monitor answers JSON on its standard streams."""

    def __init__(self, command, log):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                                        bufsize=1)

    def ask(self, text):
        """The result of a command, and the seconds until it came."""
        begin = time.monotonic()
        self.process.stdin.write(text + "\n")
        line = self.process.stdout.readline()
        took = time.monotonic() - begin
        answer = json.loads(line) if line else {"ok": False, "error": "the machine has ended"}
        if not answer["ok"]:
            sys.exit(f"run: the monitor's '{text}': {answer['error']}")
        return answer["result"], took

    def release(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def wait_for(path, text, limit):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        with open(path, "rb") as file:
            if text in file.read():
                return
        time.sleep(0.1)
    sys.exit("run: history: the guest did not come to its user space")


def measure(program, guest, memory, places, limit):
    """Seconds of going to a place, of the first step back there, and of the next."""
    console = os.path.join(guest.folder, "console")
    open(console, "wb").close()
    machine = Monitor([program, "-m", f"{memory}M", "-nic", "none", "-kernel", guest.kernel, "-initrd", guest.initrd,
                       "-append", "console=ttysclp0 quiet", "-history", KEPT, "-serial", f"file:{console}",
                       "-monitor", "json:stdio"], subprocess.DEVNULL)
    order = random.Random(1)
    times = {"go": [], "first": [], "next": []}
    try:
        wait_for(console, b"guest: user space", limit)
        machine.ask("stop")
        present = machine.ask("position")[0]["position"]
        for _ in range(places):
            place = present - order.randrange(RANGE)
            times["go"].append(machine.ask(f"go {place}")[1])
            for which in ("first", "next"):
                before = machine.ask("position")[0]["position"]
                times[which].append(machine.ask("reverse-step")[1])
                if machine.ask("position")[0]["position"] >= before:
                    sys.exit("run: history: a step back went nowhere")
            machine.ask(f"go {present}")
    finally:
        machine.release()
    return times


def report_recording(plain, recorded, row, what):
    """Runs without and with -record, of which `row` is compared, in processor time."""
    without, with_it = (statistics.median(run.seconds(row, True) for run in runs) for runs in (plain, recorded))
    print(f"{what}: {without:.2f} s, recorded {with_it:.2f} s: {100 * (with_it / without - 1):.1f} % more")


def report(program, guest, memory, places, limit):
    times = measure(program, guest, memory, places, limit)
    print(f"{places} places in the last {RANGE // 1000000} million cycles, medians (longest), wall time: " + ", ".join(
        f"{what} {statistics.median(times[key]):.3f} s ({max(times[key]):.3f})" for key, what in (
            ("go", "going there"), ("first", "the first step back"), ("next", "the next"))))
