/* SPDX-License-Identifier: MIT */
#include "libsienna/plugged.h"

#include <stdlib.h>

static bool append(char *data, size_t *bytes, const char *text)
{
    size_t n = strlen(text) + 1;

    if (*bytes + n > PLUGGED_BYTES)
        return false;
    memcpy(data + *bytes, text, n);
    *bytes += n;
    return true;
}

size_t plugged_text(char text[PLUGGED_BYTES], const char *type, const struct sienna_setting *settings, unsigned count)
{
    size_t bytes = 0;
    bool fits = append(text, &bytes, type);

    for (unsigned i = 0; i < count && fits; i++)
        fits = append(text, &bytes, settings[i].key) && append(text, &bytes, settings[i].value);
    return fits ? bytes : 0;
}

int plugged_settings(const char *text, size_t bytes, struct sienna_setting settings[PLUGGED_SETTINGS])
{
    const char *end = text + bytes, *at = text + strnlen(text, bytes) + 1;
    int count = 0;

    if (!bytes || end[-1])
        return -1;
    for (; at < end && count < PLUGGED_SETTINGS; count++) {
        settings[count].key = at;
        at += strlen(at) + 1;
        if (at >= end)
            return -1;
        settings[count].value = at;
        at += strlen(at) + 1;
    }
    return count;
}

void plugged_note(struct sienna *s, const struct channel_device *device, uint32_t port, const char *type,
                  const struct sienna_setting *settings, unsigned count)
{
    char text[PLUGGED_BYTES];
    size_t bytes = plugged_text(text, type, settings, count);
    struct plugged *p = machine_allocate(sizeof *p + bytes);

    p->device = device;
    p->port = port;
    p->bytes = (uint32_t)bytes;
    memcpy(p->text, text, bytes);
    p->next = s->plugged;
    s->plugged = p;
}

const struct plugged *plugged_of(const struct sienna *s, const struct channel_device *device)
{
    const struct plugged *p = s->plugged;

    while (p && p->device != device)
        p = p->next;
    return p;
}

void plugged_forget(struct sienna *s, const struct channel_device *device)
{
    for (struct plugged **at = &s->plugged; *at;) {
        struct plugged *p = *at;

        if (device && p->device != device) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        free(p);
    }
}
