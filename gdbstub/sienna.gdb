# SPDX-License-Identifier: MIT
# For gdb-multiarch: gdb-multiarch -x sienna.gdb, or `source sienna.gdb`. Then
# `target extended-remote :1234`. docs/gdb.md explains the commands.
set architecture s390:64-bit
set endian big
set confirm off
set pagination off
set non-stop off
# Levels run together, and one that another's continue leaves behind would never go on.
set schedule-multiple on
set breakpoint condition-evaluation target
set dprintf-style agent
set remotetimeout 30
set can-use-hw-watchpoints 1
