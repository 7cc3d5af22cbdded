/* SPDX-License-Identifier: MIT */
/** A trace for ui.perfetto.dev: tracks, slices, arrows and counters in its protobuf. */
#ifndef SIENNA_TRACE_PERFETTO_H
#define SIENNA_TRACE_PERFETTO_H

#include <stdio.h>

#include "trace/reader.h"

struct perfetto;
struct perfetto *perfetto_begin(FILE *out);
void perfetto_put(struct perfetto *perfetto, const struct trace_item *item);
/** End open slices; free it. Errors are the stream's. */
void perfetto_end(struct perfetto *perfetto);

#endif
