/* SPDX-License-Identifier: MIT */
#include "cpu/art.h"

bool art_translate(struct cpu *cpu, uint32_t alet, bool store, uint64_t *asce, struct fault *fault)
{
    if (alet <= 1) {
        *asce = alet == 0 ? cpu->cr[1] : cpu->cr[7];
        return true;
    }
    fault->code = PIC_ALET_SPECIFICATION;
    return false;
}
