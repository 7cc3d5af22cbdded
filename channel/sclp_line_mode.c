/* SPDX-License-Identifier: MIT */
/*
 * The line-mode console: messages of the program appear as lines, lines typed
 * become operator commands.
 *
 * Typed bytes are edited here (erase, kill, control keys), since the program
 * gets whole lines only. Control keys travel in the convention of Linux and
 * z/VM: the lines "^c", "^d" and "^z", and "^n" at a line's end for "no new line".
 */
#include <stdlib.h>

#include "channel/sclp_internal.h"

enum { CONTROL_C = 0x03, CONTROL_D = 0x04, BACKSPACE = 0x08, CONTROL_U = 0x15, CONTROL_Z = 0x1a, ESCAPE = 0x1b,
       DELETE = 0x7f };
enum { COMMAND_TEXT = sizeof ((struct operator_command *)0)->text, COMMANDS_LIMIT = 256 };

static enum ebcdic_page page(const struct sclp *sclp)
{
    return sclp->features.line_mode_037 ? EBCDIC_037 : EBCDIC_500;
}

/* ---- commands towards the program ---- */

static void queue_command(struct sclp *sclp, const uint8_t *text, unsigned count, bool more, bool priority)
{
    struct operator_command *c = machine_allocate(sizeof *c);

    memcpy(c->text, text, count);
    c->count = count;
    if (more) {
        c->text[c->count++] = '^';
        c->text[c->count++] = 'n';
    }
    c->priority = priority;
    *sclp->last_command = c;
    sclp->last_command = &c->next;
    sclp->command_count++;
}

/* One UTF-8 character to ISO 8859-1; anything else becomes '?'. Advances *at. */
static uint8_t take_character(const char *text, unsigned count, unsigned *at)
{
    uint8_t c = (uint8_t)text[(*at)++];
    unsigned following = 0;

    if (c < 0x80)
        return c;
    if ((c == 0xc2 || c == 0xc3) && *at < count && ((uint8_t)text[*at] & 0xc0) == 0x80)
        return (uint8_t)(c << 6 | ((uint8_t)text[(*at)++] & 0x3f));
    while (*at < count && ((uint8_t)text[*at] & 0xc0) == 0x80 && following++ < 3)
        (*at)++;
    return '?';
}

/* A typed line as one or more commands; what does not fit into one continues in the next. */
static void queue_line(struct sclp *sclp, const char *text, unsigned count, bool more, bool priority)
{
    uint8_t part[COMMAND_TEXT];
    unsigned filled = 0, at = 0;

    while (at < count) {
        if (filled == COMMAND_TEXT - 2) {
            queue_command(sclp, part, filled, true, priority);
            filled = 0;
        }
        part[filled++] = take_character(text, count, &at);
    }
    queue_command(sclp, part, filled, more, priority);
}

static void signal_command(struct machine *machine, bool priority)
{
    sclp_event_arrived(machine, priority ? EVENT_PRIORITY_COMMAND : EVENT_OPERATOR_COMMAND);
}

bool sclp_operator_command(struct machine *machine, const char *text, bool priority)
{
    if (!machine->sclp->line_mode)
        return false;
    queue_line(machine->sclp, text, (unsigned)strlen(text), false, priority);
    signal_command(machine, priority);
    return true;
}

bool sclp_command_pending(const struct sclp *sclp, bool priority)
{
    for (const struct operator_command *c = sclp->commands; c; c = c->next)
        if (c->priority == priority)
            return true;
    return false;
}

static struct operator_command *take_command(struct sclp *sclp, bool priority)
{
    struct operator_command **place = &sclp->commands, *c;

    while (*place && (*place)->priority != priority)
        place = &(*place)->next;
    c = *place;
    if (!c)
        return NULL;
    *place = c->next;
    if (!c->next)
        sclp->last_command = place;
    sclp->command_count--;
    return c;
}

void sclp_drop_commands(struct sclp *sclp)
{
    while (sclp->commands) {
        struct operator_command *c = sclp->commands;

        sclp->commands = c->next;
        free(c);
    }
    sclp->last_command = &sclp->commands;
    sclp->command_count = 0;
}

enum { MULTIPLE_DOMAIN_UNIT = 0x1310, CONTROL_POINT_UNIT = 0x1212, TEXT_COMMAND = 0x1320,
       SELF_DEFINING_TEXT = 0x31, TEXT = 0x30, GDS_HEADER = 4, SUBVECTOR_HEADER = 2 };

static uint8_t *put_vector(uint8_t *at, uint16_t id, size_t contents)
{
    put_be16(at, (uint16_t)(GDS_HEADER + contents));
    put_be16(at + 2, id);
    return at + GDS_HEADER;
}

static uint8_t *put_subvector(uint8_t *at, uint8_t key, size_t contents)
{
    at[0] = (uint8_t)(SUBVECTOR_HEADER + contents);
    at[1] = key;
    return at + SUBVECTOR_HEADER;
}

/* General data stream: unit { unit { text command { self-defining text { text } } } }. */
size_t sclp_command_event(struct sclp *sclp, bool priority, uint8_t *buffer, size_t room)
{
    struct operator_command *c;
    uint8_t *at = buffer;
    size_t text;

    if (room < 3 * GDS_HEADER + 2 * SUBVECTOR_HEADER + COMMAND_TEXT)
        return 0;
    c = take_command(sclp, priority);
    text = c->count;
    at = put_vector(at, MULTIPLE_DOMAIN_UNIT, 2 * GDS_HEADER + 2 * SUBVECTOR_HEADER + text);
    at = put_vector(at, CONTROL_POINT_UNIT, GDS_HEADER + 2 * SUBVECTOR_HEADER + text);
    at = put_vector(at, TEXT_COMMAND, 2 * SUBVECTOR_HEADER + text);
    at = put_subvector(at, SELF_DEFINING_TEXT, SUBVECTOR_HEADER + text);
    at = put_subvector(at, TEXT, text);
    for (size_t i = 0; i < text; i++)
        *at++ = ebcdic_from_latin1(page(sclp), c->text[i]);
    free(c);
    /* There is room again for what was typed ahead. */
    if (sclp->line_mode)
        sclp_line_mode_received(sclp->line_mode, sclp->line_mode->machine);
    return (size_t)(at - buffer);
}

/* ---- typing ---- */

static void echo(struct sclp *sclp, const char *text)
{
    if (sclp->line_mode->terminal)
        console_write(sclp->line_mode, text, strlen(text));
}

static void erase_character(struct sclp *sclp)
{
    struct line_editor *e = &sclp->editor;

    if (!e->count)
        return;
    while (--e->count && ((uint8_t)e->text[e->count] & 0xc0) == 0x80)
        ;
    echo(sclp, "\b \b");
}

static void erase_line(struct sclp *sclp)
{
    while (sclp->editor.count)
        erase_character(sclp);
}

/*
 * The line is complete. The program echoes what it accepts (Linux does), so the echo of
 * the editor disappears from a terminal.
 */
static void submit(struct machine *machine, bool more)
{
    struct sclp *sclp = machine->sclp;
    unsigned count = sclp->editor.count;
    char text[sizeof sclp->editor.text];

    memcpy(text, sclp->editor.text, count);
    erase_line(sclp);
    queue_line(sclp, text, count, more, false);
    signal_command(machine, false);
}

static void control_key(struct machine *machine, char key)
{
    char text[2] = {'^', key};

    erase_line(machine->sclp);
    queue_line(machine->sclp, text, 2, false, false);
    signal_command(machine, false);
}

/* Cursor and function keys send ESC [ … letter or ESC O letter: nothing a line can hold. */
static bool in_escape_sequence(struct line_editor *e, uint8_t byte)
{
    if (byte == ESCAPE) {
        e->escape = ESCAPE;
        return true;
    }
    if (!e->escape)
        return false;
    if (e->escape == ESCAPE && (byte == '[' || byte == 'O'))
        e->escape = byte;
    else if (e->escape != '[' || (byte >= 0x40 && byte <= 0x7e))
        e->escape = 0;
    return true;
}

static void append(struct sclp *sclp, uint8_t byte)
{
    struct line_editor *e = &sclp->editor;
    char shown[2] = {(char)byte, 0};

    if (e->count == sizeof e->text)
        return;
    e->text[e->count++] = (char)byte;
    echo(sclp, shown);
}

static void type(struct machine *machine, uint8_t byte)
{
    struct sclp *sclp = machine->sclp;
    struct line_editor *e = &sclp->editor;
    bool after_return = e->after_return;

    e->after_return = byte == '\r';
    if (in_escape_sequence(e, byte))
        return;
    if (byte == '\n' && after_return)
        return;
    if (byte == '\r' || byte == '\n')
        submit(machine, false);
    else if (byte == CONTROL_C)
        control_key(machine, 'c');
    else if (byte == CONTROL_Z)
        control_key(machine, 'z');
    else if (byte == CONTROL_D && e->count)
        submit(machine, true);
    else if (byte == CONTROL_D)
        control_key(machine, 'd');
    else if (byte == CONTROL_U)
        erase_line(sclp);
    else if (byte == BACKSPACE || byte == DELETE)
        erase_character(sclp);
    else if (byte >= ' ' || byte == '\t')
        append(sclp, byte == '\t' ? ' ' : byte);
}

void sclp_line_mode_received(struct console *console, void *device)
{
    struct machine *machine = device;
    uint8_t byte;

    while (machine->sclp->command_count < COMMANDS_LIMIT && console_read(console, &byte, 1))
        type(machine, byte);
}

/* ---- messages of the program ---- */

enum { BLOCK_HEADER = 12, BLOCK_TYPE = 1, BLOCK_TAG = 0xd4c4c240, OBJECT_HEADER = 4, GENERAL_OBJECT = 1,
       TEXT_OBJECT = 4, TEXT_OBJECT_HEADER = 10, GENERAL_FLAGS = 28, SOUND_ALARM = 0x4000 };

static void write_text(struct sclp *sclp, const uint8_t *text, size_t bytes)
{
    uint8_t line[2 * PAGE_BYTES + 1];
    size_t count = 0;

    for (size_t i = 0; i < bytes && count < sizeof line - 2; i++) {
        uint8_t c = ebcdic_to_latin1(page(sclp), text[i]);

        if (c >= 0xa0) {
            line[count++] = 0xc0 | c >> 6;
            line[count++] = 0x80 | (c & 0x3f);
        } else {
            line[count++] = c >= ' ' && c < DELETE ? c : ' ';
        }
    }
    line[count++] = '\n';
    console_write(sclp->line_mode, line, count);
}

/* What has been typed so far gives way to the program's message and comes back after it. */
static void hide_typing(struct sclp *sclp, bool hide)
{
    struct line_editor *e = &sclp->editor;

    if (!e->count || !sclp->line_mode->terminal)
        return;
    if (hide)
        console_write(sclp->line_mode, "\r\x1b[K", 4);
    else
        console_write(sclp->line_mode, e->text, e->count);
}

/* Walk the objects of a message data block; with `show` false, only check them. */
static bool walk_objects(struct sclp *sclp, const uint8_t *block, size_t bytes, bool show)
{
    for (size_t at = BLOCK_HEADER; at < bytes;) {
        const uint8_t *object = block + at;
        size_t length;

        if (bytes - at < OBJECT_HEADER)
            return false;
        length = get_be16(object);
        if (length < OBJECT_HEADER || length > bytes - at)
            return false;
        if (get_be16(object + 2) == TEXT_OBJECT) {
            if (length < TEXT_OBJECT_HEADER)
                return false;
            if (show)
                write_text(sclp, object + TEXT_OBJECT_HEADER, length - TEXT_OBJECT_HEADER);
        } else if (show && get_be16(object + 2) == GENERAL_OBJECT && length >= GENERAL_FLAGS + 2
                   && (get_be16(object + GENERAL_FLAGS) & SOUND_ALARM)) {
            console_write(sclp->line_mode, "\a", 1);
        }
        at += length;
    }
    return true;
}

uint16_t sclp_message_event(struct machine *machine, const uint8_t *buffer, size_t bytes)
{
    struct sclp *sclp = machine->sclp;
    size_t length;

    if (bytes < BLOCK_HEADER)
        return RESPONSE_SYNTAX;
    length = get_be16(buffer);
    if (length < BLOCK_HEADER || length > bytes || get_be16(buffer + 2) != BLOCK_TYPE
        || get_be32(buffer + 4) != (uint32_t)BLOCK_TAG || !walk_objects(sclp, buffer, length, false))
        return RESPONSE_SYNTAX;
    hide_typing(sclp, true);
    walk_objects(sclp, buffer, length, true);
    hide_typing(sclp, false);
    return RESPONSE_DONE;
}
