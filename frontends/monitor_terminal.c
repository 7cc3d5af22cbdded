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

enum { SEQUENCE_BYTES = 8, CONTROL_C = 3, ESCAPE = 27, DELETE = 127, HISTORY_LINES = 500 };

struct monitor_terminal {
    struct monitor *monitor;
    struct monitor_session *session;
    monitor_write *write;
    void *context;
    EditLine *editor;
    History *history;
    FILE *in, *out;
    int master, slave;
    uint8_t sequence[SEQUENCE_BYTES]; /* a key's bytes: those before `taken` are libedit's already */
    unsigned count, taken;
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

    if (t->taken == t->count)
        return 0;
    *c = t->sequence[t->taken++];
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

static void press(struct monitor_terminal *t, uint8_t c);

static void complete(struct monitor_terminal *t)
{
    const LineInfo *info = el_line(t->editor);
    char line[1024], common[WORD_BYTES];
    size_t bytes = (size_t)(info->cursor - info->buffer), have;
    unsigned n;

    if (bytes >= sizeof line)
        return;
    memcpy(line, info->buffer, bytes);
    line[bytes] = 0;
    n = common_beginning(t, line, common);
    have = begun(line);
    if (n == 0 || strlen(common) < have)
        return;
    if (n == 1)
        strcat(common, " ");
    if (strlen(common) == have) {
        list_completions(t, line);
        monitor_terminal_prompt(t);
    }
    for (const char *c = common + have; *c; c++)
        press(t, (uint8_t)*c);
}

/* ---- Creation ---- */

static bool open_terminals(struct monitor_terminal *t)
{
    char name[64];

    t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (t->master < 0 || grantpt(t->master) < 0 || unlockpt(t->master) < 0 ||
        ptsname_r(t->master, name, sizeof name))
        return false;
    t->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (t->slave < 0)
        return false;
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
    el_set(t->editor, EL_BIND, "\\e[3~", "ed-delete-next-char", NULL);
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

void monitor_terminal_resize(struct monitor_terminal *t)
{
    struct winsize size;

    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && ioctl(t->slave, TIOCSWINSZ, &size) == 0)
        el_resize(t->editor);
}

void monitor_terminal_prompt(struct monitor_terminal *t)
{
    const LineInfo *info = el_line(t->editor);

    if (info->lastchar > info->buffer && info->lastchar[-1] != '\n' && info->lastchar[-1] != '\r') {
        el_set(t->editor, EL_REFRESH);
    } else {
        el_set(t->editor, EL_UNBUFFERED, 0);
        el_set(t->editor, EL_UNBUFFERED, 1);
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

/* Give libedit the key in t->sequence. */
static void press_sequence(struct monitor_terminal *t)
{
    while (t->taken < t->count) {
        int n = 0;
        const char *line = el_gets(t->editor, &n);

        if (line && n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            line_done(t, line, n);
    }
    t->count = t->taken = 0;
}

static void press(struct monitor_terminal *t, uint8_t c)
{
    t->sequence[0] = c;
    t->count = 1;
    press_sequence(t);
}

/*
 * Keys that libedit may have. It has others that read on (search, quoting) or run commands of its own: not
 * here.
 */
static bool is_key(uint8_t c)
{
    return (c >= ' ' && c < DELETE) || c == DELETE ||
        (c && c < ' ' && strchr("\1\2\5\6\10\13\14\15\12\16\20\24\25\27\31", c));
}

/* One more byte of what a function key sends, or of a letter with the meta key. */
static void press_escape(struct monitor_terminal *t, uint8_t c)
{
    bool function = t->count > 1 && (t->sequence[1] == '[' || t->sequence[1] == 'O');

    t->sequence[t->count++] = c;
    if (t->count == 2 && (c == '[' || c == 'O'))
        return;
    if (function && c >= '0' && c <= '9' && t->count < SEQUENCE_BYTES)
        return;
    if (function ? c && strchr("ABCDFH~", c) : c && strchr("bfd\177", c))
        press_sequence(t);
    t->count = t->taken = 0;
}

void monitor_terminal_type(struct monitor_terminal *t, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t c = bytes[i];

        if (c == CONTROL_C) {
            t->count = 0;
            drop_line(t);
        } else if (t->count) {
            press_escape(t, c);
        } else if (c == ESCAPE) {
            t->sequence[t->count++] = c;
        } else if (c == '\t') {
            complete(t);
        } else if (is_key(c)) {
            press(t, c);
        }
    }
    fflush(t->out);
}
