/* SPDX-License-Identifier: MIT */
/** START INTERPRETIVE EXECUTION for format-2 state descriptions. */
#ifndef SIENNA_SIE_SIE_H
#define SIENNA_SIE_SIE_H

#include "cpu/cpus.h"

/** The service that makes START INTERPRETIVE EXECUTION work: cpus->sie = &sie_interpretation. */
extern const struct sie_service sie_interpretation;

#endif
