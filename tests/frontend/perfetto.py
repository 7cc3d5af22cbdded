#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads a file for Perfetto with nothing but protobuf's wire format: tracks are named, slices end, times are there.

  perfetto.py FILE [RUNS]

RUNS: that many runs under SIE begin and end in it; else it is of the demonstration.
"""
import sys


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = int.from_bytes(data[at:at + 8], "little"), at + 8
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
            assert len(value) == size, "a field is cut"
        else:
            raise AssertionError("wire type %d" % kind)
        yield key >> 3, value


names, depth, counts = {}, {}, {}
for number, packet in fields(open(sys.argv[1], "rb").read()):
    assert number == 1, "something that is no packet"
    packet = dict(fields(packet))
    assert packet[10] == 1, "no sequence"
    if 60 in packet:
        track = dict(fields(packet[60]))
        names[track[1]] = track.get(2, b"").decode()
    if 11 in packet:
        event = dict(fields(packet[11]))
        track, kind = event[11], event[9]
        assert 8 in packet and track in names, "an event nowhere, or never"
        counts[(names[track], kind)] = counts.get((names[track], kind), 0) + 1
        if kind in (1, 2):
            depth[track] = depth.get(track, 0) + (1 if kind == 1 else -1)
            assert depth[track] >= 0, "a slice ends that has not begun"
assert not any(depth.values()), "a slice does not end"
if len(sys.argv) > 2:
    assert counts[("CPU 0, level 2", 1)] == int(sys.argv[2]), "runs under SIE: %s" % counts
else:
    assert counts[("CPU 0, level 2", 1)] == 7, "seven runs under SIE"
    assert counts[("exits: instruction diag", 4)] == 6, "six exits for DIAGNOSE"
    assert ("CPU 0, level 2: interruptions", 1) in counts
    assert counts[("instructions, level 2", 4)] > 5
