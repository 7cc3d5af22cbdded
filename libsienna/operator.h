/* SPDX-License-Identifier: MIT */
/** The operator's actions on a running machine (libsienna/operator.c). */
#ifndef SIENNA_LIBSIENNA_OPERATOR_H
#define SIENNA_LIBSIENNA_OPERATOR_H

#include "libsienna/internal.h"
#include "sienna_inspect.h"

/** Register the receivers of the operator's records in the input log. */
void operator_register(struct sienna *sienna);
/** Hot-plug through the input log; see sienna_device_add(). */
bool operator_add(struct sienna *sienna, const char *type, const struct sienna_setting *settings, unsigned count,
                  char *problem);
/** Perform an action of sienna_operate() now (libsienna/operate.c). */
bool operator_operate(struct sienna *sienna, enum sienna_action action, unsigned cpu, char *problem);
/** Create a device and attach it now; `announce` by a channel report (libsienna/devices.c). */
bool device_plug(struct sienna *sienna, const char *type, const struct sienna_setting *settings, unsigned count,
                 bool announce, char *problem);

#endif
