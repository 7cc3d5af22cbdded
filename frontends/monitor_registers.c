/* SPDX-License-Identifier: MIT */
/** Commands about registers and pending interruptions. */
#include "monitor_internal.h"

/* The parameter's choices: which classes each set shows. */
enum set { SET_GENERAL, SET_CONTROL, SET_ACCESS, SET_FLOATING, SET_VECTOR, SET_TIMERS, SET_ALL };

static bool in_set(enum set set, enum sienna_register_class class)
{
    switch (class) {
    case SIENNA_PSW: return true;
    case SIENNA_GR: return set == SET_GENERAL || set == SET_ALL;
    case SIENNA_CR: case SIENNA_PREFIX: return set == SET_CONTROL || set == SET_ALL;
    case SIENNA_AR: return set == SET_ACCESS || set == SET_ALL;
    case SIENNA_FPR: return set == SET_FLOATING || set == SET_ALL;
    case SIENNA_FPC: return set == SET_FLOATING || set == SET_VECTOR || set == SET_ALL;
    case SIENNA_VR: return set == SET_VECTOR || set == SET_ALL;
    default: return set == SET_TIMERS || set == SET_ALL;
    }
}

static json_t *register_value(const struct sienna *s, unsigned cpu, enum sienna_register_class class,
                              unsigned n)
{
    uint8_t bytes[SIENNA_REGISTER_BYTES];

    sienna_register_read(s, cpu, class, n, bytes);
    return monitor_hex_bytes(bytes, sienna_register_type(class)->bytes);
}

json_t *monitor_do_registers(struct monitor_call *call)
{
    const struct sienna *s = call->monitor->sienna;
    unsigned cpu, set = SET_GENERAL;
    struct sienna_cpu state;
    char words[128];
    json_t *value;

    if (!monitor_choice(call, "set", &set) || !monitor_cpu(call, &cpu))
        return NULL;
    sienna_cpu(s, cpu, &state);
    monitor_psw_words(state.psw_mask, words, sizeof words);
    value = json_pack("{s:i, s:s}", "cpu", (int)cpu, "meaning", words);
    for (unsigned i = 0; i < SIENNA_REGISTER_CLASSES; i++) {
        enum sienna_register_class class = (enum sienna_register_class)i;
        const struct sienna_register_type *type = sienna_register_type(class);
        json_t *list = json_array();

        for (unsigned n = 0; n < type->count && in_set((enum set)set, class); n++)
            json_array_append_new(list, register_value(s, cpu, class, n));
        if (type->count > 1 && json_array_size(list))
            json_object_set(value, type->name, list);
        else if (json_array_size(list))
            json_object_set(value, type->name, json_array_get(list, 0));
        json_decref(list);
    }
    return value;
}

/* `text`, hexadecimal digits, right-justified in `bytes` bytes. */
static bool parse_value(const char *text, uint8_t *to, unsigned bytes)
{
    static const char digits[] = "0123456789abcdef";
    size_t n;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    n = strlen(text);
    if (!n || n > 2 * bytes)
        return false;
    memset(to, 0, bytes);
    for (size_t i = 0; i < n; i++) {
        const char *d = text[i] ? strchr(digits, text[i] | 0x20) : NULL;
        size_t at = 2 * bytes - n + i;

        if (!d || (text[i] < '0'))
            return false;
        to[at / 2] |= (uint8_t)((d - digits) << (at % 2 ? 0 : 4));
    }
    return true;
}

json_t *monitor_do_set(struct monitor_call *call)
{
    const char *name = monitor_text(call, "register"), *text = monitor_text(call, "value");
    uint8_t bytes[SIENNA_REGISTER_BYTES] = {0};
    enum sienna_register_class class;
    unsigned cpu, number;

    if (!monitor_cpu(call, &cpu))
        return NULL;
    if (!monitor_register(name, strlen(name), &class, &number))
        return monitor_fail(call, "there is no register '%.40s': say gr0 to gr15, cr0, ar0, fpr0, "
                            "vr0 to vr31, fpc, psw, prefix, timer, comparator, todpr, bea or pp", name);
    if (!parse_value(text, bytes, sienna_register_type(class)->bytes))
        return monitor_fail(call, "value '%.40s': say at most %u hexadecimal digits", text,
                            2 * sienna_register_type(class)->bytes);
    if (!sienna_register_write(call->monitor->sienna, cpu, class, number, bytes, call->problem))
        return NULL;
    return json_pack("{s:o}", name, register_value(call->monitor->sienna, cpu, class, number));
}

json_t *monitor_do_pending(struct monitor_call *call)
{
    struct sienna_pending pending;
    json_t *list;
    unsigned cpu;

    if (!monitor_cpu(call, &cpu))
        return NULL;
    list = json_array();
    for (unsigned i = 0; sienna_pending(call->monitor->sienna, cpu, i, &pending); i++) {
        json_t *value = json_pack("{s:s, s:b}", "condition", pending.name, "open", (int)pending.open);

        json_object_set_new(value, "detail",
                            pending.has_detail ? monitor_hex(pending.detail, 1) : json_string(""));
        json_array_append_new(list, value);
    }
    return json_pack("{s:i, s:o}", "cpu", (int)cpu, "pending", list);
}
