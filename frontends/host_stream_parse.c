/* SPDX-License-Identifier: MIT */
/** The two spellings of streams: -serial's "tcp:host:port,server" and -chardev's "socket,host=…,server=on". */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "host_stream_internal.h"

static bool copy(char *to, size_t room, const char *from, size_t count, const char *what, char *problem)
{
    if (count >= room)
        return host_problem(problem, "the %s of a stream is too long", what);
    memcpy(to, from, count);
    to[count] = 0;
    return true;
}

static bool on_or_off(const char *value, size_t count, bool *to)
{
    if (count == 2 && !memcmp(value, "on", 2))
        *to = true;
    else if (count == 3 && !memcmp(value, "off", 3))
        *to = false;
    else
        return false;
    return true;
}

static bool is(const char *text, size_t count, const char *word)
{
    return count == strlen(word) && !memcmp(text, word, count);
}

/* One "key", "key=value" of the list behind the first comma. */
static bool option(struct host_stream_options *o, const char *text, size_t count, char *problem)
{
    const char *equals = memchr(text, '=', count);
    size_t key = equals ? (size_t)(equals - text) : count, bytes = equals ? count - key - 1 : 0;
    const char *value = equals ? equals + 1 : "";
    bool flag = true;

    if (is(text, key, "id") || is(text, key, "mux") || is(text, key, "signal") || is(text, key, "nodelay")
        || is(text, key, "logfile"))
        return true;
    if (is(text, key, "path"))
        return copy(o->path, sizeof o->path, value, bytes, "path", problem);
    if (is(text, key, "host"))
        return copy(o->host, sizeof o->host, value, bytes, "host", problem);
    if (is(text, key, "port"))
        return copy(o->port, sizeof o->port, value, bytes, "port", problem);
    if (equals && !on_or_off(value, bytes, &flag))
        return host_problem(problem, "stream option '%.*s' wants on or off", (int)count, text);
    if (is(text, key, "server"))
        o->server = flag;
    else if (is(text, key, "wait"))
        o->wait = flag;
    else if (is(text, key, "nowait"))
        o->wait = !flag;
    else if (is(text, key, "append"))
        o->append = flag;
    else
        return host_problem(problem, "a stream has no option '%.*s'", (int)count, text);
    return true;
}

static bool option_list(struct host_stream_options *o, const char *text, char *problem)
{
    while (*text == ',') {
        size_t count = strcspn(++text, ",");

        if (count && !option(o, text, count, problem))
            return false;
        text += count;
    }
    return true;
}

/* "host:port" with an optional host, which may be an IPv6 address in brackets. */
static bool address(struct host_stream_options *o, const char *text, size_t count, char *problem)
{
    const char *colon = memrchr(text, ':', count);
    size_t host = colon ? (size_t)(colon - text) : 0;

    if (!colon || host + 1 == count)
        return host_problem(problem, "a TCP stream is tcp:HOST:PORT, not 'tcp:%.*s'", (int)count, text);
    if (!copy(o->port, sizeof o->port, colon + 1, count - host - 1, "port", problem))
        return false;
    if (host >= 2 && text[0] == '[' && text[host - 1] == ']')
        return copy(o->host, sizeof o->host, text + 1, host - 2, "host", problem);
    return copy(o->host, sizeof o->host, text, host, "host", problem);
}

static bool complete(const struct host_stream_options *o, char *problem)
{
    if (o->kind == STREAM_TCP && !o->port[0])
        return host_problem(problem, "a TCP stream needs a port");
    if ((o->kind == STREAM_UNIX || o->kind == STREAM_FILE) && !o->path[0])
        return host_problem(problem, "a file or Unix-socket stream needs a path");
    return true;
}

bool host_stream_parse(const char *text, struct host_stream_options *o, char problem[HOST_PROBLEM_BYTES])
{
    size_t word = strcspn(text, ",:"), rest = strcspn(text, ",");
    const char *after = text + word + 1;

    *o = (struct host_stream_options){.wait = true};
    if (is(text, word, "stdio")) {
        o->kind = STREAM_STDIO;
    } else if (is(text, word, "null") || is(text, word, "none")) {
        o->kind = STREAM_NULL;
    } else if (is(text, word, "pty")) {
        o->kind = STREAM_PTY;
    } else if (is(text, word, "file")) {
        o->kind = STREAM_FILE;
        if (text[word] == ':' && !copy(o->path, sizeof o->path, after, rest - word - 1, "path", problem))
            return false;
    } else if (is(text, word, "unix")) {
        o->kind = STREAM_UNIX;
        if (text[word] == ':' && !copy(o->path, sizeof o->path, after, rest - word - 1, "path", problem))
            return false;
    } else if (is(text, word, "tcp")) {
        o->kind = STREAM_TCP;
        if (text[word] == ':' && !address(o, after, rest - word - 1, problem))
            return false;
    } else if (is(text, word, "socket")) {
        o->kind = STREAM_TCP;
    } else {
        return host_problem(problem, "no such stream: '%s'; there are stdio, null, pty, file:PATH, "
                                     "tcp:HOST:PORT[,server] and unix:PATH[,server]", text);
    }
    if (!option_list(o, text + rest, problem))
        return false;
    if (is(text, word, "socket") && o->path[0])
        o->kind = STREAM_UNIX;
    return complete(o, problem);
}
