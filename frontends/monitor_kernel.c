/* SPDX-License-Identifier: MIT */
/** Which Linux runs in a guest, and where: from what it leaves for crash dumps, the VMCOREINFO note. */
#include <stdio.h>
#include <stdlib.h>

#include "monitor_internal.h"
#include "sienna_debug.h"

/* The lowcore's pointer to the note; the note's greatest plausible size. */
enum { LOWCORE_VMCOREINFO = 0xe0c, NOTE_BYTES = 1 << 16, NOTE_HEAD = 12 };

static uint64_t number_at(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;

    while (count--)
        value = value << 8 | *bytes++;
    return value;
}

/* The note's text, to be freed; NULL when there is none at the place that the lowcore at `lowcore` names. */
static char *note_text(const struct sienna *s, struct sienna_thread thread, uint64_t lowcore)
{
    uint8_t pointer[8], head[NOTE_HEAD + 12];
    uint64_t at, name, bytes;
    char *text;

    if (sienna_thread_storage_read(s, thread, SIENNA_ABSOLUTE, lowcore + LOWCORE_VMCOREINFO, pointer, 8) != 8)
        return NULL;
    at = number_at(pointer, 8);
    if (!at || sienna_thread_storage_read(s, thread, SIENNA_ABSOLUTE, at, head, sizeof head) != sizeof head)
        return NULL;
    name = number_at(head, 4);
    bytes = number_at(head + 4, 4);
    if (name != 11 || memcmp(head + NOTE_HEAD, "VMCOREINFO", 11) || !bytes || bytes > NOTE_BYTES)
        return NULL;
    text = calloc(1, bytes + 1);
    if (!text)
        abort();
    if (sienna_thread_storage_read(s, thread, SIENNA_ABSOLUTE, at + sizeof head, text, bytes) == bytes)
        return text;
    free(text);
    return NULL;
}

/* The value of a line NAME=VALUE, or NULL; to be freed. */
static char *value_of(const char *text, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = text; at; at = strchr(at, '\n'), at += at != NULL)
        if (!strncmp(at, name, n) && at[n] == '=')
            return strndup(at + n + 1, strcspn(at + n + 1, "\n"));
    return NULL;
}

static void add(json_t *object, const char *name, const char *text, const char *wanted)
{
    char *value = value_of(text, wanted);

    if (value)
        json_object_set_new(object, name, json_string(value));
    free(value);
}

json_t *monitor_do_kernel(struct monitor_call *call)
{
    const struct sienna *s = call->monitor->sienna;
    struct sienna_thread thread = {0, 0};
    struct sienna_thread_info info;
    uint64_t guest = 0;
    json_t *value;
    char *text;

    if (!monitor_number(call, "guest", 0, SIENNA_ANY_GUEST - 1, &guest))
        return NULL;
    thread.guest = (unsigned)guest;
    if (!sienna_thread(s, thread, &info))
        return monitor_fail(call, "there is no guest %u", thread.guest);
    text = note_text(s, thread, 0);
    if (!text)
        text = note_text(s, thread, info.cpu.prefix);
    if (!text)
        return monitor_fail(call, "no Linux has said so far where it is (it does when its drivers start)");
    value = json_pack("{s:i}", "guest", (int)thread.guest);
    add(value, "release", text, "OSRELEASE");
    add(value, "build_id", text, "BUILD-ID");
    add(value, "offset", text, "KERNELOFFSET");
    add(value, "physical_offset", text, "KERNELOFFPHYS");
    add(value, "identity_base", text, "IDENTITYBASE");
    add(value, "stext", text, "SYMBOL(_stext)");
    free(text);
    return value;
}
