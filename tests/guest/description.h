/* SPDX-License-Identifier: MIT */
/** The state description (format 2), as far as the hypervisors of this folder's programs use it. */
#ifndef SIENNA_GUEST_DESCRIPTION_H
#define SIENNA_GUEST_DESCRIPTION_H

#include <stdint.h>

struct description {
    uint32_t cpustat, prefix;
    uint8_t pad1[0x28 - 0x08];
    uint64_t cpu_timer, clock_comparator, epoch;
    uint8_t pad2[0x48 - 0x40];
    uint32_t ictl, eca;
    uint8_t icptcode, icptstatus;
    uint16_t host_cpu;
    uint8_t pad3[2];
    uint16_t ipa;
    uint32_t ipb, sca_high;
    uint8_t pad4[1], ecb, pad5[2];
    uint32_t sca_low;
    uint8_t pad6[0x80 - 0x68];
    uint64_t mso, msl, psw_mask, psw_address, gr14, gr15;
    uint8_t pad7[0xb8 - 0xb0];
    uint8_t host_program;
    uint8_t pad8[0x100 - 0xb9];
    uint64_t cr[16];
    uint8_t pad9[0x200 - 0x180];
};

#endif
