/* SPDX-License-Identifier: MIT */
/**
 * The monitor: commands by which a person or a program looks into a machine and steers it.
 *
 * Each command is one row of a table. It takes named arguments and gives a JSON value; a session
 * shows that as text or sends it as it is. Commands come from a line of text (typed at a terminal,
 * or from a stream) or from a JSON object on a line. Nothing here blocks: the machine runs between
 * lines.
 */
#ifndef SIENNA_FRONTENDS_MONITOR_H
#define SIENNA_FRONTENDS_MONITOR_H

#include <jansson.h>

#include "host_stream.h"
#include "sienna_inspect.h"

struct host_snapshots;
struct monitor;
struct monitor_session;

/** What the monitor asks of the loop that runs the machine. */
struct monitor_host {
    void *context;
    void (*set_stopped)(void *context, bool stopped);
    bool (*stopped)(const void *context);
    void (*quit)(void *context);
    /** Nanoseconds that virtual time is behind wall time. */
    uint64_t (*lag)(const void *context);
    /** Virtual time at which the run ends; UINT64_MAX = never. */
    uint64_t (*limit)(const void *context);
    /** A device came or went: there may be another network. */
    void (*devices_changed)(void *context);
    /** Virtual time is another than it was. */
    void (*went_back)(void *context);
    struct host_snapshots *snapshots;
};

struct monitor *monitor_create(struct sienna *sienna, const struct monitor_host *host);
/** Sessions are closed by who opened them, before. NULL is permitted. */
void monitor_release(struct monitor *monitor);
/**
 * The machine has stopped by itself or by a command: tell all sessions. `reason` is one word, `text` a
 * sentence. False when nobody listens.
 */
bool monitor_stopped(struct monitor *monitor, const char *reason, const char *text);
/** The same, but nobody is told who does not ask. */
void monitor_note_stop(struct monitor *monitor, const char *reason, const char *text);

/* ---- Sessions ---- */

enum monitor_kind {
    MONITOR_LINES,    /**< lines of text, for pipes and sockets */
    MONITOR_TERMINAL, /**< a terminal: editing, history, completion */
    MONITOR_JSON,     /**< a JSON object or a command line on each line, a JSON object in answer */
};
/** What a session writes to; takes all bytes. */
typedef void monitor_write(void *context, const char *bytes, size_t count);

struct monitor_session *monitor_session_open(struct monitor *monitor, enum monitor_kind kind,
                                             monitor_write *write,
                                             void *context);
void monitor_session_close(struct monitor_session *session);
/** Bytes typed. */
void monitor_session_type(struct monitor_session *session, const void *bytes, size_t count);
/** Somebody (no longer) listens; a listener is greeted with the prompt. Sessions begin without. */
void monitor_session_listen(struct monitor_session *session, bool listens);
/** Perform one line and write the answer. */
void monitor_session_line(struct monitor_session *session, const char *line);

/** Perform a line of text outside of a session, about `*cpu`, and write the answer as text. */
void monitor_perform_line(struct monitor *monitor, unsigned *cpu, const char *line, monitor_write *write,
                          void *context);

/** A session on a stream of the host. */
struct monitor_stream;
/** Open the stream that `text` names, for lines or a terminal, or with "json:" before it for JSON. */
struct monitor_stream *monitor_stream_open(struct monitor *monitor, struct host_loop *loop, const char *text,
                                           char problem[HOST_PROBLEM_BYTES]);
void monitor_stream_close(struct monitor_stream *stream);
/** Let requests flow again that waited until answers had been read; call between runs. */
void monitor_stream_resume(struct monitor_stream *stream);
bool monitor_stream_can_answer(const struct monitor_stream *stream);

/* ---- Commands ---- */

enum { MONITOR_PARAMETERS = 6, MONITOR_LINE_BYTES = 65536 };

/** What a parameter takes; decides completion and the words of complaints. */
enum monitor_parameter_kind {
    PARAMETER_END,
    PARAMETER_CPU,
    PARAMETER_NUMBER,
    PARAMETER_ADDRESS,  /**< [SPACE:]HEX or [SPACE:]%REGISTER[+HEX] */
    PARAMETER_REGISTER,
    PARAMETER_DEVICE,   /**< a device number */
    PARAMETER_COMMAND,
    PARAMETER_CHOICE,   /**< one of `choices` */
    PARAMETER_TEXT,
    PARAMETER_REST,     /**< the rest of the line */
    PARAMETER_CLAUSE,   /**< the parameter's name as a word, and the rest of the line behind it */
};
struct monitor_parameter {
    const char *name;
    enum monitor_parameter_kind kind;
    bool optional;
    const char *choices; /**< separated by '|' */
};

/** A command being performed. */
struct monitor_call {
    struct monitor *monitor;
    const struct monitor_command *command;
    json_t *arguments;  /**< an object; strings and numbers by the parameters' names */
    unsigned *cpu;      /**< the session's CPU */
    char *problem;      /**< HOST_PROBLEM_BYTES */
};
/** A new value, or NULL with one sentence in call->problem. */
typedef json_t *monitor_function(struct monitor_call *call);
/** Write the value as text. */
typedef void monitor_show(FILE *out, const json_t *value);

struct monitor_command {
    const char *name, *alias; /**< alias: NULL = none */
    struct monitor_parameter parameters[MONITOR_PARAMETERS];
    const char *help;
    monitor_function *perform;
    monitor_show *show;       /**< NULL: monitor_show_value() */
};
/** The table; ends with a NULL name. */
extern const struct monitor_command monitor_commands[];
const struct monitor_command *monitor_find(const char *name, size_t length);
/** "storage ADDRESS [COUNT]": how to say it. */
void monitor_usage(const struct monitor_command *command, char *text, size_t room);
/** The table as text, for -monitor help. */
void monitor_help(FILE *out);
/** The `index`-th completion of the last word of `line`; false past the last. */
bool monitor_completion(struct monitor *monitor, const char *line, unsigned index, char *word, size_t room);

/** Perform a line of text: its command goes to *command. NULL with one sentence when it is none. */
json_t *monitor_perform_text(struct monitor *monitor, unsigned *cpu, const char *line,
                             const struct monitor_command **command, char problem[HOST_PROBLEM_BYTES]);
/** Perform a request: a JSON object on one line, or text. Always gives the answer. */
json_t *monitor_perform_json(struct monitor *monitor, unsigned *cpu, const char *line);

#endif
