# SPDX-License-Identifier: MIT
"""What traces cost on Sienna: two parts of the boot of Debian's kernel, traced in several ways and not at all.

The decompressor is as fast as this machine executes anything, which makes each record cost most; what comes later
is ordinary code. Processor time is that of all threads (a second one encodes and compresses), user and system; what
the machine needs to come to the part is taken off.
"""
import os
import resource
import statistics
import subprocess
import tempfile
import time

# Name, and from when to when in virtual milliseconds.
PARTS = [("the kernel's decompressor", 0, 12), ("the kernel's start", 540, 640)]
WAYS = ["filter=sie", "filter=events", "filter=insn,registers=off", "filter=insn"]


def used_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_once(program, kernel, end, trace, limit):
    """Processor and wall seconds of a boot up to `end`, and bytes of the trace."""
    command = [program, "-rtc", "base=2026-01-01", "-m", "512M", "-nic", "none", "-nographic", "-append", "quiet",
               "-kernel", kernel, "-limit", str(end)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace")
        if trace:
            command += ["-trace", f"{path},{trace}"]
        before, begin = used_seconds(), time.monotonic()
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                text=True, timeout=limit)
        used, wall = used_seconds() - before, time.monotonic() - begin
        if result.returncode != 3:
            raise SystemExit(f"run: traces: {result.stderr.strip()}")
        return used, wall, os.path.getsize(path) if trace else 0


def measure(program, kernel, part, rounds, limit):
    """Medians of each way: processor seconds, wall seconds, bytes; None is what is not traced."""
    _, begin, end = part
    results = {way: [] for way in ["before", None] + WAYS}
    for _ in range(rounds):
        for way in results:
            if way == "before":
                results[way].append(run_once(program, kernel, begin, None, limit) if begin else (0, 0, 0))
            else:
                trace = f"{way},start=time:{begin / 1000}s" if way and begin else way
                results[way].append(run_once(program, kernel, end, trace, limit))
    return {way: [statistics.median(column) for column in zip(*rows)] for way, rows in results.items()}


def report(program, kernel, rounds, limit):
    print("\ntraces, times an untraced run in processor time (in wall time)")
    for part in PARTS:
        medians = measure(program, kernel, part, rounds, limit)
        used, wall, _ = (max(whole - before, 0.001) for whole, before in zip(medians[None], medians["before"]))
        print(f"{part[0]}, {part[2] - part[1]} ms of virtual time: not traced {used:.3f} s ({wall:.3f} s)")
        for way in WAYS:
            cost = [whole - before for whole, before in zip(medians[way], medians["before"])]
            print(f"  {way:26} {cost[0]:7.3f} s  {cost[0] / used:5.2f} ({cost[1] / wall:5.2f})  {cost[2]:10.0f} bytes")
