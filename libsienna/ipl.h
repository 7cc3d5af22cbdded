/* SPDX-License-Identifier: MIT */
/** Loading from a device (libsienna/ipl.c). */
#ifndef SIENNA_LIBSIENNA_IPL_H
#define SIENNA_LIBSIENNA_IPL_H

#include "libsienna/internal.h"

/** Make the machine's IPL parameter block name this device. */
void ipl_block_make(struct sienna *sienna, unsigned devno);
/** Does the device that the block names want the boot program to read it? */
bool ipl_by_boot_program(const struct sienna *sienna);
/**
 * Read a program from the device that the block names; I/O has been reset, no CPU runs. Virtual time passes.
 * The PSW at absolute 0 starts it.
 */
bool ipl_read(struct sienna *sienna, char problem[SIENNA_PROBLEM_BYTES]);

#endif
