/* SPDX-License-Identifier: MIT */
/**
 * Line editing with libedit, fed byte by byte.
 *
 * libedit wants a terminal of its own whose mode it may change and from which it may read at leisure.
 * Ours is shared with the guest's console and must never block, so libedit gets a pseudo-terminal that
 * nobody reads from, bytes through a function that hands out what has been typed, and an output stream
 * that leads to the session.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "monitor_internal.h"

enum { PENDING_BYTES = 4096, CONTROL_C = 3, ESCAPE = 27, HISTORY_LINES = 500 };

struct monitor_terminal {
    struct monitor *monitor;
    struct monitor_session *session;
    monitor_write *write;
    void *context;
    EditLine *editor;
    History *history;
    FILE *in, *out;
    int master, slave;
    uint8_t pending[PENDING_BYTES]; /* typed, not yet taken */
    size_t first, count;
};

static struct monitor_terminal *owner(EditLine *editor)
{
    struct monitor_terminal *t = NULL;

    el_get(editor, EL_CLIENTDATA, &t);
    return t;
}

static char *prompt(EditLine *editor)
{
    static char text[] = "(sienna) ";

    return text;
}

static int next_character(EditLine *editor, wchar_t *c)
{
    struct monitor_terminal *t = owner(editor);

    if (!t->count)
        return 0;
    *c = t->pending[t->first++];
    t->count--;
    return 1;
}

static ssize_t write_out(void *context, const char *bytes, size_t count)
{
    struct monitor_terminal *t = context;

    t->write(t->context, bytes, count);
    return (ssize_t)count;
}

/* ---- Completion ---- */

enum { WORD_BYTES = 128 };

/* What all completions begin with; returns how many there are. */
static unsigned common_beginning(struct monitor_terminal *t, const char *line, char common[WORD_BYTES])
{
    char word[WORD_BYTES];
    unsigned n;

    for (n = 0; monitor_completion(t->monitor, line, n, word, sizeof word); n++) {
        size_t same = 0;

        if (n == 0)
            strcpy(common, word);
        while (common[same] && common[same] == word[same])
            same++;
        common[same] = 0;
    }
    return n;
}

static void list_completions(struct monitor_terminal *t, const char *line)
{
    char word[WORD_BYTES];

    fputc('\n', t->out);
    for (unsigned n = 0; n < 100 && monitor_completion(t->monitor, line, n, word, sizeof word); n++)
        fprintf(t->out, "%s  ", word);
    fputc('\n', t->out);
    fflush(t->out);
}

/* Length of what is there of the word that completions stand for: behind the last blank or equals sign. */
static size_t begun(const char *line)
{
    size_t n = strlen(line), word = n;

    while (word && line[word - 1] != ' ' && line[word - 1] != '=')
        word--;
    return n - word;
}

static unsigned char complete(EditLine *editor, int c)
{
    struct monitor_terminal *t = owner(editor);
    const LineInfo *info = el_line(editor);
    char line[1024], common[WORD_BYTES];
    size_t bytes = (size_t)(info->cursor - info->buffer), have;
    unsigned n;

    if (bytes >= sizeof line)
        return CC_ERROR;
    memcpy(line, info->buffer, bytes);
    line[bytes] = 0;
    n = common_beginning(t, line, common);
    have = begun(line);
    if (n == 0 || strlen(common) < have)
        return CC_ERROR;
    if (n == 1)
        strcat(common, " ");
    if (strlen(common) > have) {
        el_insertstr(editor, common + have);
        return CC_REFRESH;
    }
    list_completions(t, line);
    return CC_REDISPLAY;
}

/* ---- Creation ---- */

static bool open_terminals(struct monitor_terminal *t)
{
    struct winsize size;
    char name[64];

    t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (t->master < 0 || grantpt(t->master) < 0 || unlockpt(t->master) < 0 || ptsname_r(t->master, name, sizeof name))
        return false;
    t->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (t->slave < 0)
        return false;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        ioctl(t->slave, TIOCSWINSZ, &size);
    t->in = fdopen(dup(t->slave), "r");
    return t->in != NULL;
}

static bool open_editor(struct monitor_terminal *t)
{
    const char *terminal = getenv("TERM");
    HistEvent event;

    t->out = fopencookie(t, "w", (cookie_io_functions_t){.write = write_out});
    t->editor = t->out ? el_init_fd("sienna", t->in, t->out, t->out, t->slave, t->slave, t->slave) : NULL;
    t->history = history_init();
    if (!t->editor || !t->history)
        return false;
    el_set(t->editor, EL_CLIENTDATA, t);
    el_set(t->editor, EL_TERMINAL, terminal && *terminal ? terminal : "dumb");
    el_set(t->editor, EL_SIGNAL, 0);
    el_set(t->editor, EL_EDITOR, "emacs");
    el_set(t->editor, EL_GETCFN, next_character);
    el_set(t->editor, EL_PROMPT, prompt);
    el_set(t->editor, EL_ADDFN, "complete", "complete the word", complete);
    el_set(t->editor, EL_BIND, "^I", "complete", NULL);
    el_set(t->editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
    history(t->history, &event, H_SETSIZE, HISTORY_LINES);
    history(t->history, &event, H_SETUNIQUE, 1);
    el_set(t->editor, EL_HIST, history, t->history);
    return true;
}

struct monitor_terminal *monitor_terminal_create(struct monitor_session *session, struct monitor *monitor,
                                                 monitor_write *write, void *context)
{
    struct monitor_terminal *t = calloc(1, sizeof *t);

    if (!t)
        abort();
    t->monitor = monitor;
    t->session = session;
    t->write = write;
    t->context = context;
    t->master = t->slave = -1;
    if (open_terminals(t) && open_editor(t))
        return t;
    monitor_terminal_release(t);
    return NULL;
}

void monitor_terminal_release(struct monitor_terminal *t)
{
    if (!t)
        return;
    t->count = 0;
    if (t->history)
        history_end(t->history);
    if (t->editor)
        el_end(t->editor);
    if (t->out)
        fclose(t->out);
    if (t->in)
        fclose(t->in);
    if (t->slave >= 0)
        close(t->slave);
    if (t->master >= 0)
        close(t->master);
    free(t);
}

/* ---- Typing ---- */

void monitor_terminal_prompt(struct monitor_terminal *t)
{
    const LineInfo *info = el_line(t->editor);
    size_t bytes = (size_t)(info->lastchar - info->buffer);
    char line[1024];

    bytes = bytes < sizeof line ? bytes : sizeof line - 1;
    memcpy(line, info->buffer, bytes);
    line[bytes] = 0;
    if (bytes && line[bytes - 1] == '\n')
        line[0] = 0; /* that one is done */
    el_set(t->editor, EL_UNBUFFERED, 0);
    el_set(t->editor, EL_UNBUFFERED, 1);
    if (line[0]) {
        el_insertstr(t->editor, line);
        el_set(t->editor, EL_REFRESH);
    }
    fflush(t->out);
}

static void line_done(struct monitor_terminal *t, const char *line, int bytes)
{
    char *copy = strndup(line, (size_t)bytes - 1);
    HistEvent event;

    if (!copy)
        abort();
    if (copy[strspn(copy, " ")])
        history(t->history, &event, H_ENTER, copy);
    fflush(t->out);
    monitor_session_line(t->session, copy);
    free(copy);
}

static void drop_line(struct monitor_terminal *t)
{
    el_deletestr(t->editor, 0);
    el_set(t->editor, EL_UNBUFFERED, 0);
    fputs("^C\n", t->out);
    el_set(t->editor, EL_UNBUFFERED, 1);
    fflush(t->out);
}

/* Do the pending bytes end within the sequence that a function key sends? */
static bool incomplete(const struct monitor_terminal *t)
{
    const uint8_t *end = t->pending + t->first + t->count, *at = end;

    while (at > t->pending + t->first && end - at < 8 && at[-1] != ESCAPE)
        at--;
    if (at == t->pending + t->first || at[-1] != ESCAPE)
        return false;
    if (at == end)
        return true;
    if (*at != '[' && *at != 'O')
        return false;
    for (at++; at < end; at++)
        if (*at >= 0x40)
            return false;
    return true;
}

void monitor_terminal_type(struct monitor_terminal *t, const uint8_t *bytes, size_t count)
{
    memmove(t->pending, t->pending + t->first, t->count);
    t->first = 0;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == CONTROL_C) {
            t->count = 0;
            drop_line(t);
        } else if (bytes[i] < 0x80 && bytes[i] && t->count < PENDING_BYTES) {
            t->pending[t->count++] = bytes[i];
        }
    }
    while (t->count && !incomplete(t)) {
        int n = 0;
        const char *line = el_gets(t->editor, &n);

        if (line && n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            line_done(t, line, n);
    }
    fflush(t->out);
}
