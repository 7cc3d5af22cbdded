/* SPDX-License-Identifier: MIT */
#include "trace/command_internal.h"
int trace_stats(struct invocation *v) { return TRACE_WRONG; }
int trace_export(struct invocation *v) { return TRACE_WRONG; }
