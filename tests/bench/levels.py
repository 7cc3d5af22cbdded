# SPDX-License-Identifier: MIT
"""What levels cost on Sienna: entries and exits of SIE, and work in a guest, against the same at level 1.

The programs (levels.c) need no operating system. The emulator's processor time is taken, less what it
needs for a program that does nothing; the best of the rounds, which other work on the machine disturbed least.
"""
import os
import re
import subprocess

COUNT = 4000000
MODES = ["nothing", "supervisor calls", "entries", "work", "work in a guest"]
COMPILE = ["s390x-linux-gnu-gcc", "-march=z10", "-O2", "-ffreestanding", "-fno-pie", "-no-pie", "-msoft-float",
           "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-nostdlib", "-static",
           "-Wl,--build-id=none,-Ttext-segment=0x10000"]


def build(folder):
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "levels.c")
    for mode in range(len(MODES)):
        subprocess.run(COMPILE + [f"-DMODE={mode}", f"-DCOUNT={COUNT}", "-o", os.path.join(folder, f"level-{mode}"),
                                  source], check=True)


def run_once(program, folder, mode, limit):
    """Processor seconds, and the address in the PSW of the wait that ends the program."""
    before = os.times()
    result = subprocess.run([program, "-m", "16M", "-nic", "none", "-kernel", os.path.join(folder, f"level-{mode}")],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                            timeout=limit)
    after = os.times()
    match = re.search(r"disabled wait \(CPU 0, PSW [0-9a-f]{16} ([0-9a-f]{16})\)", result.stderr)
    if not match:
        raise SystemExit(f"run: {MODES[mode]}: {result.stderr.strip()}")
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return used, int(match[1], 16)


def report(program, folder, rounds, limit):
    build(folder)
    best, results = {}, {}
    for _ in range(rounds):
        for mode, name in enumerate(MODES):
            used, result = run_once(program, folder, mode, limit)
            best[name] = min(used, best.get(name, used))
            results[name] = result
    if results["work"] != results["work in a guest"] or {results["entries"], results["supervisor calls"]} != {COUNT}:
        raise SystemExit(f"run: levels: wrong results {results}")
    cost = {name: max(used - best["nothing"], 0.001) for name, used in best.items()}
    call, entry = (cost[name] / COUNT * 1e9 for name in ("supervisor calls", "entries"))
    print("\nlevels, processor time")
    print(f"a supervisor call and its return at level 1: {call:.0f} ns")
    print(f"an entry into a guest and its exit (DIAGNOSE 44): {entry:.0f} ns, {entry / call:.1f} times that")
    print(f"CPU-bound work at level 1 {cost['work']:.2f} s, at level 2 {cost['work in a guest']:.2f} s: "
          f"level 2 at {100 * cost['work'] / cost['work in a guest']:.0f} % of level 1")
