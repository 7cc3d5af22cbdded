/* SPDX-License-Identifier: MIT */
/**
 * What the guests of `sienna demo` ask of their host, DIAGNOSE 0x500: GR1 = 1 says the EBCDIC text at GR2 with the length
 * in GR3, GR1 = 2 ends with the number in GR2.
 */
#ifndef SIENNA_DEMO_HYPERCALL_H
#define SIENNA_DEMO_HYPERCALL_H

#include <stdint.h>

enum { SAY = 1, END = 2 };

static void hypercall(uint64_t function, uint64_t a, uint64_t b)
{
    register uint64_t r1 __asm__("1") = function, r2 __asm__("2") = a, r3 __asm__("3") = b;

    __asm__ volatile("diag 0,0,0x500" : : "d"(r1), "d"(r2), "d"(r3) : "memory");
}

static void say(const char *text)
{
    uint64_t n = 0;

    while (text[n])
        n++;
    hypercall(SAY, (uint64_t)text, n);
}

/** The TOD clock. */
static uint64_t clock(void)
{
    uint64_t tod;

    __asm__ volatile("stckf %0" : "=Q"(tod) : : "cc");
    return tod;
}

#endif
