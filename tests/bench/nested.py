# SPDX-License-Identifier: MIT
"""What each level of Debian's KVM costs: the same work in the processor at levels 1, 2 and 3, in one run.

Every level boots the same kernel and /init (tests/guest/nested-init), works, and starts the next one. The
emulator's processor time is taken when a level says that it begins and ends, so what else the host does
disturbs little.
"""
import os
import re
import subprocess
import sys
import time

DEPTH = 3


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def cpu_seconds(pid):
    nanoseconds = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            nanoseconds += int(file.read().split()[0])
    return nanoseconds / 1e9


def start(program, top, suite, thousands):
    lib = os.path.join(top, "scripts", "lib")
    kernel = os.path.join(output_of(os.path.join(lib, "fetch-debian.sh"), "kernel", suite), "vmlinuz")
    initrd = output_of("bash", "-c", f". {lib}/common.sh; . {lib}/guest.sh; guest_initrd {suite} nested")
    image = output_of(os.path.join(lib, "nested-image.sh"), suite)
    return subprocess.Popen(
        [program, "-m", "1024M", "-nographic", "-no-reboot", "-nic", "none", "-kernel", kernel, "-initrd", initrd,
         "-append", f"console=ttysclp0 quiet nested.append=quiet nested.depth={DEPTH} nested.work=10 "
         f"nested.loop={thousands}", "-drive", f"file={image},format=raw,if=virtio,readonly=on"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)


def measure(process, limit):
    """Processor seconds of each level: from the level's start to its first line, and its loop."""
    boot, loop, begun, last, text = {}, {}, {}, 0.0, "nothing"
    end = time.monotonic() + limit
    for line in process.stdout:
        text = line.decode(errors="replace").strip()
        now = cpu_seconds(process.pid)
        match = re.search(r"nested: level (\d) (is Linux|loop begins|loop ends|has KVM)", text)
        if match:
            level, what = int(match[1]), match[2]
            if what == "is Linux":
                boot[level] = now - last
            elif what == "has KVM":
                last = now
            elif what == "loop begins":
                begun[level] = now
            else:
                loop[level] = now - begun[level]
        if len(loop) == DEPTH:
            return boot, loop
        if time.monotonic() > end:
            break
    sys.exit(f"run: nested levels: only levels {sorted(loop)} came to the end of the work; last words: {text}")


def report(program, top, suite, thousands, limit):
    process = start(program, top, suite, thousands)
    try:
        boot, loop = measure(process, limit)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    print(f"\nDebian {suite}'s KVM, processor time of {thousands} thousand rounds; boot from the level above")
    for level in range(1, DEPTH + 1):
        print(f"level {level}: {loop[level]:.2f} s, level 1's speed times {loop[1] / loop[level]:.2f}; "
              f"boot {boot[level]:.1f} s")
