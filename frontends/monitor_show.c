/* SPDX-License-Identifier: MIT */
/** The commands' values as text. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor_internal.h"

enum { NAME_COLUMN = 18 };

/* A scalar as text; `buffer` holds numbers. */
static const char *scalar(const json_t *value, char *buffer, size_t room)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value)) {
        snprintf(buffer, room, "%lld", (long long)json_integer_value(value));
        return buffer;
    }
    return json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "";
}

static void show_name(FILE *out, const char *name, int width)
{
    int n = 0;

    for (; *name; name++, n++)
        fputc(*name == '_' ? ' ' : *name, out);
    fprintf(out, "%*s", width > n ? width - n : 0, "");
}

/* ---- Tables: an array of objects, a line each ---- */

/* Width of the column `name`. */
static int column_width(const json_t *rows, const char *name)
{
    size_t width = strlen(name), i;
    json_t *row;
    char buffer[32];

    json_array_foreach((json_t *)rows, i, row) {
        size_t n = strlen(scalar(json_object_get(row, name), buffer, sizeof buffer));

        width = n > width ? n : width;
    }
    return (int)width;
}

/* The columns of a table: all members that its rows have. */
static json_t *columns_of(const json_t *rows)
{
    json_t *columns = json_object(), *row;
    size_t i;

    json_array_foreach((json_t *)rows, i, row)
        json_object_update_missing(columns, row);
    return columns;
}

/* A line with the columns of `head`: its names, or the values of `row`. */
static void show_row(FILE *out, const json_t *rows, const json_t *head, const json_t *row)
{
    size_t left = json_object_size(head);
    const char *name;
    json_t *member;
    char buffer[32];

    json_object_foreach((json_t *)head, name, member) {
        int width = --left ? column_width(rows, name) + 2 : 0; /* no blanks at the end of a line */

        if (row)
            fprintf(out, "%-*s", width, scalar(json_object_get(row, name), buffer, sizeof buffer));
        else
            show_name(out, name, width);
    }
    fputc('\n', out);
}

static void show_rows(FILE *out, const json_t *rows)
{
    json_t *head, *row;
    size_t i;

    if (!json_array_size(rows)) {
        fprintf(out, "none\n");
        return;
    }
    head = columns_of(rows);
    show_row(out, rows, head, NULL);
    json_array_foreach((json_t *)rows, i, row)
        show_row(out, rows, head, row);
    json_decref(head);
}

void monitor_show_value(FILE *out, const json_t *value)
{
    bool alone = json_object_size(value) == 1;
    const char *name;
    json_t *member;
    char buffer[32];

    json_object_foreach((json_t *)value, name, member) {
        if (json_is_array(member)) {
            if (!alone) {
                show_name(out, name, 0);
                fputs(":\n", out);
            }
            show_rows(out, member);
        } else {
            show_name(out, name, NAME_COLUMN);
            fprintf(out, " %s\n", scalar(member, buffer, sizeof buffer));
        }
    }
}

/* ---- What has a form of its own ---- */

static void show_register_class(FILE *out, const char *name, const json_t *list)
{
    size_t i, digits, per_line;
    json_t *member;

    if (!json_array_size(list))
        return;
    digits = json_string_length(json_array_get(list, 0));
    per_line = digits == 32 ? 2 : 4;
    json_array_foreach((json_t *)list, i, member) {
        char label[24];

        snprintf(label, sizeof label, "%s%zu", name, i);
        fprintf(out, "%6s %s%s", label, json_string_value(member), i % per_line == per_line - 1 ? "\n" : "");
    }
    if (i % per_line)
        fputc('\n', out);
}

void monitor_show_registers(FILE *out, const json_t *value)
{
    const char *psw = monitor_member(value, "psw");

    fprintf(out, "CPU %lld  PSW %.16s %s\n       %s\n",
            (long long)json_integer_value(json_object_get(value, "cpu")), psw,
            strlen(psw) > 16 ? psw + 16 : "",
            monitor_member(value, "meaning"));
    for (unsigned i = 0; i < SIENNA_REGISTER_CLASSES; i++) {
        const char *name = sienna_register_type((enum sienna_register_class)i)->name;
        const json_t *member = json_object_get(value, name);

        if (json_is_array(member))
            show_register_class(out, name, member);
        else if (member && i != SIENNA_PSW)
            fprintf(out, "%10s %s\n", name, json_string_value(member));
    }
}

static int byte_at(const char *hex, size_t i)
{
    char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};

    return (int)strtoul(digits, NULL, 16);
}

void monitor_show_storage(FILE *out, const json_t *value)
{
    json_t *line;
    size_t l;

    json_array_foreach(json_object_get(value, "lines"), l, line) {
        const char *hex = monitor_member(line, "bytes");
        size_t bytes = strlen(hex) / 2;

        fprintf(out, "%s  ", monitor_member(line, "address"));
        for (size_t i = 0; i < 16; i++)
            fprintf(out, "%.*s%s", 2, i < bytes ? hex + 2 * i : "  ", i % 4 == 3 ? " " : "");
        fputs(" |", out);
        for (size_t i = 0; i < bytes; i++)
            fputc(isprint(byte_at(hex, i)) ? byte_at(hex, i) : '.', out);
        fputs("|\n", out);
    }
}

void monitor_show_code(FILE *out, const json_t *value)
{
    json_t *line;
    size_t l;

    json_array_foreach(json_object_get(value, "lines"), l, line) {
        const char *text = monitor_member(line, "text"), *operands = strchr(text, ' ');
        int mnemonic = operands ? (int)(operands - text) : (int)strlen(text);

        fprintf(out, "%s  %-12s  ", monitor_member(line, "address"), monitor_member(line, "bytes"));
        if (operands)
            fprintf(out, "%-7.*s%s\n", mnemonic, text, operands);
        else
            fprintf(out, "%s\n", text);
    }
}

void monitor_show_where(FILE *out, const json_t *value)
{
    const char *note = monitor_member(value, "note"), *next = monitor_member(value, "next");

    if (json_object_get(value, "guest"))
        fprintf(out, "guest %lld ", (long long)json_integer_value(json_object_get(value, "guest")));
    fprintf(out, "CPU %lld %s  PSW %s %s\n       %s\n",
            (long long)json_integer_value(json_object_get(value, "cpu")),
            monitor_member(value, "state"), monitor_member(value, "psw_mask"),
            monitor_member(value, "psw_address"),
            monitor_member(value, "psw"));
    if (*next)
        fprintf(out, "       next: %s\n", next);
    if (*note)
        fprintf(out, "       after %lld instructions: %s\n",
                (long long)json_integer_value(json_object_get(value, "executed")), note);
    if (*monitor_member(value, "history"))
        fprintf(out, "       %s, at position %lld\n", monitor_member(value, "history"),
                (long long)json_integer_value(json_object_get(value, "position")));
}

void monitor_show_help(FILE *out, const json_t *value)
{
    json_t *list = json_object_get(value, "commands"), *command;
    size_t i;

    json_array_foreach(list, i, command) {
        const char *alias = monitor_member(command, "alias");

        fprintf(out, "%-46s %s%s%s%s\n", monitor_member(command, "usage"), monitor_member(command, "help"),
                *alias ? " (short: " : "", alias, *alias ? ")" : "");
    }
    if (i > 1)
        fputs("\nAn address is hexadecimal or a register such as %psw or %gr15+a0, with its space before\n"
              "it if need be: absolute:1000, real:200, home:%gr2. Arguments go by their order or as\n"
              "name=value: registers cpu=1.\n", out);
}
