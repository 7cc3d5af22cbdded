/* SPDX-License-Identifier: MIT */
/** CPU models: generations as facility lists and machine types. */
#ifndef SIENNA_LIBSIENNA_CPU_MODEL_H
#define SIENNA_LIBSIENNA_CPU_MODEL_H

#include "libsienna/internal.h"

struct sclp_features;

/** Understand `MODEL[,FEATURE=on|off…]`; NULL = max. Sets what SIE announces in *announce. False with one sentence. */
bool cpu_model_parse(const char *text, struct facility_list *list, struct sclp_features *announce,
                     uint16_t *type, char *problem);
/** Fill in what the instruction-blocking control of guests needs: the machine's facilities, cut to each generation. */
void cpu_model_blocking(const struct facility_list *own, uint16_t type, struct cpus *cpus);

#endif
