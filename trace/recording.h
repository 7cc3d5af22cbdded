/* SPDX-License-Identifier: MIT */
/**
 * Recordings on disk: one file that carries all a replay needs.
 *
 * The first chunk is the header: strings, `key=value` each, ended by a zero byte. The others hold inputs
 * (include/sienna_history.h) one behind the other; a long one goes on in the next chunk. A file that was cut
 * anywhere is read as far as its chunks are whole.
 */
#ifndef SIENNA_TRACE_RECORDING_H
#define SIENNA_TRACE_RECORDING_H

#include "sienna_history.h"

struct recording_writer;
/** Create the file, with `count` header strings. NULL with a sentence. */
struct recording_writer *recording_create(const char *path, const char *const *header, unsigned count,
                                          char problem[SIENNA_PROBLEM_BYTES]);
/** The recorder that writes there, for sienna_options.recorder. */
const struct sienna_recorder *recording_recorder(const struct recording_writer *writer);
/** Write what is left and close the file. False with a sentence when something could not be written at any time. */
bool recording_close(struct recording_writer *writer, char problem[SIENNA_PROBLEM_BYTES]);

struct recording_reader;
/** Open a recording. NULL with a sentence. */
struct recording_reader *recording_open(const char *path, char problem[SIENNA_PROBLEM_BYTES]);
void recording_release(struct recording_reader *reader);
/** The `index`-th header string's value whose key is `key`; NULL past the last. */
const char *recording_header(const struct recording_reader *reader, const char *key, unsigned index);
/** The player that reads there, for sienna_options.player. */
const struct sienna_player *recording_player(const struct recording_reader *reader);
/** The next input; false at the end of what is whole. Data are valid until the next call. */
bool recording_next(struct recording_reader *reader, struct sienna_input *input);
/** Why the last recording_next() found no more, in a sentence; NULL: the recording ends there by itself. */
const char *recording_trouble(const struct recording_reader *reader);
/** Is that because it is damaged, not because it was cut? */
bool recording_damaged(const struct recording_reader *reader);

#endif
