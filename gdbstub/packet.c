/* SPDX-License-Identifier: MIT */
/** Which function answers which packet. An unknown one gets the empty answer, as the protocol wants it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gdbstub/internal.h"

bool gdb_ok(struct text *reply)
{
    text_clear(reply);
    text_say(reply, "OK");
    return true;
}

bool gdb_error(struct text *reply, unsigned number)
{
    text_clear(reply);
    text_say(reply, "E%02x", number);
    return true;
}

bool gdb_refuse(struct text *reply, const char *format, ...)
{
    char words[SIENNA_PROBLEM_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    text_clear(reply);
    text_say(reply, "E.");
    text_binary(reply, words, strlen(words));
    return true;
}

/* Longer names before their beginnings. */
static const struct {
    const char *name;
    gdb_function *perform;
} packets[] = {
    {"qSupported", gdb_do_supported}, {"QStartNoAckMode", gdb_do_no_ack}, {"QNonStop:", gdb_do_non_stop},
    {"qXfer:", gdb_do_document}, {"qSearch:memory:", gdb_do_search}, {"qCRC:", gdb_do_crc},
    {"qRcmd,", gdb_do_monitor}, {"qAttached", gdb_do_attached}, {"qfThreadInfo", gdb_do_first_threads},
    {"qsThreadInfo", gdb_do_more_threads}, {"qThreadExtraInfo,", gdb_do_extra_info}, {"qC", gdb_do_current},
    {"QPassSignals", gdb_do_accept}, {"QProgramSignals", gdb_do_accept},
    {"QDisableRandomization:", gdb_do_accept}, {"qSymbol:", gdb_do_accept},
    {"vCont?", gdb_do_vcont_query}, {"vCont", gdb_do_vcont}, {"vCtrlC", gdb_do_ctrl_c},
    {"vStopped", gdb_do_vstopped}, {"vAttach;", gdb_do_attach}, {"vKill;", gdb_do_vkill},
    {"bs", gdb_do_reverse_step}, {"bc", gdb_do_reverse_continue},
    {"?", gdb_do_question}, {"!", gdb_do_extended}, {"H", gdb_do_select}, {"T", gdb_do_alive},
    {"g", gdb_do_read_registers}, {"G", gdb_do_write_registers}, {"p", gdb_do_read_register},
    {"P", gdb_do_write_register}, {"m", gdb_do_read}, {"M", gdb_do_write}, {"X", gdb_do_write_binary},
    {"x", gdb_do_read_binary}, {"Z", gdb_do_insert}, {"z", gdb_do_remove}, {"C", gdb_do_continue},
    {"c", gdb_do_continue}, {"S", gdb_do_step}, {"s", gdb_do_step}, {"D", gdb_do_detach}, {"k", gdb_do_kill},
    {"R", gdb_do_restart},
};

/* Names with arguments end in a punctuation mark or are one letter; the others end here. */
static bool is(const char *name, struct cursor *c)
{
    size_t n = strlen(name);

    if (!take_word(c, name))
        return false;
    if (n > 1 && strchr("qQ", name[0]) && !strchr(":,", name[n - 1]) && !at_end(c) && !strchr(":;", *c->at)) {
        c->at -= n;
        return false;
    }
    return true;
}

void gdb_packet(struct gdb *g, char *bytes, size_t count)
{
    struct cursor c = {bytes, bytes + count};
    struct text reply = {0};
    bool answered = true;

    for (unsigned i = 0; i < sizeof packets / sizeof packets[0]; i++)
        if (is(packets[i].name, &c)) {
            answered = packets[i].perform(g, &c, &reply);
            break;
        }
    if (answered)
        gdb_send(g, reply.bytes, reply.count);
    text_free(&reply);
}
