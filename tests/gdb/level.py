# SPDX-License-Identifier: MIT
"""Waits until a guest of some level exists and prints its process: level.py SOCKET LEVEL SECONDS."""
import re
import sys
import time

from client import Client


def process(path, level):
    client = Client(path)
    client.ask("qSupported:multiprocess+")
    text = client.ask("qXfer:osdata:read:processes:0,3f00")
    client.ask("D")
    for item in text.split("<item>")[1:]:
        columns = dict(re.findall(r'<column name="([^"]*)">([^<]*)<', item))
        if columns["level"] == level:
            return columns["pid"]
    return None


def main():
    path, level, seconds = sys.argv[1:]
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        found = process(path, level)
        if found:
            print(found)
            return
        time.sleep(1)
    sys.exit("no guest of level %s came within %s s" % (level, seconds))


main()
