/* SPDX-License-Identifier: MIT */
/** CPU models: generations as facility lists and machine types. */
#ifndef SIENNA_LIBSIENNA_CPU_MODEL_H
#define SIENNA_LIBSIENNA_CPU_MODEL_H

#include "libsienna/internal.h"

struct sclp_features;

/** Understand `MODEL[,FEATURE=on|off…]`; NULL = max. Sets what SIE announces in *announce. False with one sentence. */
bool cpu_model_parse(const char *text, struct facility_list *list, struct sclp_features *announce,
                     uint16_t *type, char *problem);

#endif
