/* SPDX-License-Identifier: MIT */
/** Packets: framing, checksums, acknowledgements, and what the host calls. */
#include <stdlib.h>
#include <string.h>

#include "gdbstub/internal.h"

struct gdb *gdb_create(struct sienna *sienna, const struct gdb_host *host)
{
    struct gdb *g = calloc(1, sizeof *g);

    if (!g || !(g->packet = malloc(GDB_PACKET_BYTES + 1)))
        abort();
    g->sienna = sienna;
    g->host = *host;
    g->space = SIENNA_LOGICAL;
    return g;
}

void gdb_release(struct gdb *g)
{
    if (!g)
        return;
    if (g->connected)
        gdb_connected(g, false);
    text_free(&g->sent);
    text_free(&g->stop);
    text_free(&g->document);
    text_free(&g->problem);
    free(g->attached);
    free(g->packet);
    free(g);
}

bool gdb_is_connected(const struct gdb *g)
{
    return g->connected;
}

bool gdb_is_looking(const struct gdb *g)
{
    return g->connected && g->met && (g->attached_count || g->killed);
}

/* ---- Sending ---- */

static void frame(struct gdb *g, char first, const char *bytes, size_t count)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (uint8_t)bytes[i];
    g->sent_again = 0;
    text_clear(&g->sent);
    text_put(&g->sent, &first, 1);
    text_put(&g->sent, bytes, count);
    text_say(&g->sent, "#%02x", sum);
    if (g->connected)
        g->host.write(g->host.context, g->sent.bytes, g->sent.count);
}

void gdb_send(struct gdb *g, const void *bytes, size_t count)
{
    frame(g, '$', bytes, count);
}

/* Notifications are neither acknowledged nor sent again. */
void gdb_notify(struct gdb *g, const void *bytes, size_t count)
{
    struct text kept = g->sent;

    g->sent = (struct text){0};
    frame(g, '%', bytes, count);
    text_free(&g->sent);
    g->sent = kept;
}

void gdb_console(struct gdb *g, const char *words, size_t count)
{
    struct text t = {0};

    /* An answer must fit into what the client takes. */
    while (count) {
        size_t piece = count < 2000 ? count : 2000;

        text_clear(&t);
        text_say(&t, "O");
        text_hex(&t, words, piece);
        gdb_send(g, t.bytes, t.count);
        words += piece;
        count -= piece;
    }
    text_free(&t);
}

/* ---- Receiving ---- */

enum { MOST_REPEATS = 16 };

static void acknowledge(struct gdb *g, char sign)
{
    if (!g->no_ack)
        g->host.write(g->host.context, &sign, 1);
}

static bool sum_is_right(const struct gdb *g)
{
    struct cursor c = {g->check, g->check + 2};
    uint8_t said, sum = 0;

    for (size_t i = 0; i < g->packet_bytes; i++)
        sum += (uint8_t)g->packet[i];
    /* What did not fit cannot be summed up; it is refused by its length. */
    return take_bytes(&c, &said, 1) && (g->too_long || said == sum);
}

static size_t unescape(char *bytes, size_t count)
{
    size_t to = 0;

    for (size_t i = 0; i < count; i++)
        bytes[to++] = bytes[i] == '}' && i + 1 < count ? (char)(bytes[++i] ^ 0x20) : bytes[i];
    return to;
}

static void end_packet(struct gdb *g)
{
    g->link = LINK_IDLE;
    /* Clients agree once. This one's bytes are in the buffer, which stays. */
    if (g->host.silent && g->agreed && g->packet_bytes > 10 && !memcmp(g->packet, "qSupported", 10)) {
        gdb_connected(g, false);
        gdb_connected(g, true);
    }
    /* Without acknowledgements the link is reliable, and sums need not be right. */
    if (!g->no_ack && !sum_is_right(g)) {
        acknowledge(g, '-');
        return;
    }
    acknowledge(g, '+');
    if (g->too_long) {
        gdb_send(g, "E16", 3);
        return;
    }
    g->packet_bytes = unescape(g->packet, g->packet_bytes);
    g->packet[g->packet_bytes] = 0;
    gdb_packet(g, g->packet, g->packet_bytes);
}

static void idle(struct gdb *g, char c)
{
    if (c == '$') {
        g->link = LINK_BODY;
        g->packet_bytes = 0;
        g->too_long = false;
    } else if (c == 3) {
        gdb_interrupt(g);
    } else if (c == '-' && !g->no_ack && g->sent.count && g->sent_again++ < MOST_REPEATS) {
        g->host.write(g->host.context, g->sent.bytes, g->sent.count);
    }
}

static void body(struct gdb *g, char c)
{
    if (c == '#') {
        g->link = LINK_CHECK;
        g->check_digits = 0;
    } else if (c == '$') {
        /* What came before has lost its end. */
        g->packet_bytes = 0;
        g->too_long = false;
    } else if (g->packet_bytes < GDB_PACKET_BYTES) {
        g->packet[g->packet_bytes++] = c;
    } else {
        g->too_long = true;
    }
}

void gdb_receive(struct gdb *g, const void *bytes, size_t count)
{
    const char *at = bytes;

    for (size_t i = 0; i < count && g->connected; i++) {
        switch (g->link) {
        case LINK_IDLE: idle(g, at[i]); break;
        case LINK_BODY: body(g, at[i]); break;
        default:
            g->check[g->check_digits++] = at[i];
            if (g->check_digits == 2)
                end_packet(g);
        }
    }
}

/* ---- Clients come and go ---- */

const char *gdb_refusal(void)
{
    return "+$E.another client is connected to this machine#a2";
}

void gdb_connected(struct gdb *g, bool connected)
{
    if (g->connected && !connected)
        gdb_leave(g);
    text_clear(&g->sent);
    text_clear(&g->stop);
    text_clear(&g->document);
    text_clear(&g->problem);
    gdb_forget_notices(g);
    g->document_name[0] = 0;
    g->link = LINK_IDLE;
    g->connected = connected;
    g->met = g->resumed_once = g->killed = g->resumed = false;
    g->agreed = g->no_ack = g->multiprocess = g->swbreak = g->hwbreak = g->extended = g->non_stop = g->into = false;
    g->step = (struct gdb_step){0};
    g->step_done = false;
    g->direction = 0;
    g->start_cpus = g->mask_written = 0;
    g->space = SIENNA_LOGICAL;
    g->key_address = 0;
    g->attached_count = 0;
    g->general = g->control = (struct gdb_thread){1, ANY};
    g->reported = g->looked_at = (struct gdb_thread){1, 1};
    if (connected)
        gdb_attach(g, 0);
}
