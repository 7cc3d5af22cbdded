/* SPDX-License-Identifier: MIT */
/** CPU models: generations as facility lists and machine types. */
#ifndef SIENNA_LIBSIENNA_CPU_MODEL_H
#define SIENNA_LIBSIENNA_CPU_MODEL_H

#include "libsienna/internal.h"

/** Understand `MODEL[,FEATURE=on|off…]`; NULL = max. False with one sentence. */
bool cpu_model_parse(const char *text, struct facility_list *list, uint16_t *type, char *problem);

#endif
