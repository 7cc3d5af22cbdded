/* SPDX-License-Identifier: MIT */
/** PSW bits (PoP ch. 4) and control-register bits (fig. 4-4) as 64-bit masks. */
#ifndef SIENNA_CPU_PSW_H
#define SIENNA_CPU_PSW_H

#include "machine/types.h"

/** Mask of PoP bit `n` (0 = most significant) of a doubleword. */
#define BIT64(n) (1ULL << (63 - (n)))

#define PSW_PER BIT64(1)
#define PSW_DAT BIT64(5)
#define PSW_IO BIT64(6)
#define PSW_EXTERNAL BIT64(7)
#define PSW_KEY_SHIFT 52
#define PSW_KEY (0xfULL << PSW_KEY_SHIFT)
#define PSW_SHORT BIT64(12) /**< one in the 8-byte format only */
#define PSW_MACHINE_CHECK BIT64(13)
#define PSW_WAIT BIT64(14)
#define PSW_PROBLEM BIT64(15)
#define PSW_AS_SHIFT 46
#define PSW_AS (3ULL << PSW_AS_SHIFT)
#define PSW_CC_SHIFT 44
#define PSW_CC (3ULL << PSW_CC_SHIFT)
#define PSW_PROGRAM_MASK_SHIFT 40
#define PSW_PROGRAM_MASK (0xfULL << PSW_PROGRAM_MASK_SHIFT)
#define PSW_FIXED_OVERFLOW BIT64(20)
#define PSW_DECIMAL_OVERFLOW BIT64(21)
#define PSW_EA BIT64(31)
#define PSW_BA BIT64(32)
/** Bits that must be zero in a 16-byte PSW (bit 24 belongs to runtime instrumentation, absent here). */
#define PSW_UNASSIGNED (BIT64(0) | BIT64(2) | BIT64(3) | BIT64(4) | BIT64(12) | (0x7fULL << 33) | BIT64(24) | 0x7fffffffULL)

/** Address-space control, PSW bits 16–17. */
enum address_space { SPACE_PRIMARY, SPACE_ACCESS_REGISTER, SPACE_SECONDARY, SPACE_HOME };

#define CR0_TRANSACTION BIT64(8)
#define CR0_CLOCK_SIGN BIT64(10)
#define CR0_TRACE_TOD BIT64(32)
#define CR0_SSM_SUPPRESSION BIT64(33)
#define CR0_TOD_SYNC BIT64(34)
#define CR0_LOW_ADDRESS_PROTECTION BIT64(35)
#define CR0_EXTRACTION_AUTHORITY BIT64(36)
#define CR0_SECONDARY_SPACE BIT64(37)
#define CR0_FETCH_PROTECTION_OVERRIDE BIT64(38)
#define CR0_STORAGE_PROTECTION_OVERRIDE BIT64(39)
#define CR0_EDAT BIT64(40)
#define CR0_IEP BIT64(43)
#define CR0_AFP BIT64(45)
#define CR0_VECTOR BIT64(46)
#define CR0_MALFUNCTION_ALERT BIT64(48)
#define CR0_EMERGENCY_SIGNAL BIT64(49)
#define CR0_EXTERNAL_CALL BIT64(50)
#define CR0_CLOCK_COMPARATOR BIT64(52)
#define CR0_CPU_TIMER BIT64(53)
#define CR0_SERVICE_SIGNAL BIT64(54)
#define CR0_INTERRUPT_KEY BIT64(57)
#define CR0_MEASUREMENT_ALERT BIT64(58)
#define CR0_TIMING_ALERT BIT64(59)

#endif
