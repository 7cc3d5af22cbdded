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
set dprintf-style agent
set remotetimeout 30
set can-use-hw-watchpoints 1

define space
  monitor space $arg0
  maintenance flush dcache
end
document space
space KIND: what addresses without a prefix are: absolute, real, logical, primary, secondary or home.
end

define levels
  monitor levels
end
document levels
The levels that a CPU is in: the host at SIE, and its guest.
end

define why-exit
  monitor why-exit
end
document why-exit
Why the CPU left its guest under SIE last.
end

define guests
  info os processes
end
document guests
The processes that attach takes: level 1 and all guests.
end

define kernel-symbols
  monitor kernel
  symbol-file $arg0
end
document kernel-symbols
kernel-symbols FILE: load symbols (scripts/kernel-symbols makes the file) of a kernel that was not moved.
end

define sienna-step
  monitor step
  maintenance flush register-cache
  maintenance flush dcache
  x/i $pc
end
document sienna-step
One instruction of the CPU by the monitor, where GDB's unwinder does not let stepi work.
end

# With schedule-multiple GDB does not tell the stub whose step back it is.
define hook-reverse-stepi
  set schedule-multiple off
end
define hookpost-reverse-stepi
  set schedule-multiple on
end
define hook-reverse-step
  set schedule-multiple off
end
define hookpost-reverse-step
  set schedule-multiple on
end
define hook-reverse-next
  set schedule-multiple off
end
define hookpost-reverse-next
  set schedule-multiple on
end
define hook-reverse-finish
  set schedule-multiple off
end
define hookpost-reverse-finish
  set schedule-multiple on
end
