/* SPDX-License-Identifier: MIT */
/** JSON values that several commands give. */
#include <stdarg.h>
#include <stdio.h>

#include "monitor_internal.h"

json_t *monitor_string(const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return json_string(text);
}

json_t *monitor_hex(uint64_t value, int digits)
{
    return monitor_string("%0*llx", digits, (unsigned long long)value);
}

json_t *monitor_hex_bytes(const uint8_t *bytes, size_t count)
{
    char text[513];

    for (size_t i = 0; i < count && i < 256; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return json_stringn(text, 2 * (count < 256 ? count : 256));
}

const char *monitor_member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* PSW bits by PoP number. */
static bool bit(uint64_t mask, unsigned n)
{
    return mask >> (63 - n) & 1;
}

void monitor_psw_words(uint64_t mask, char *text, size_t room)
{
    static const char *const spaces[] = {"primary", "access-register", "secondary", "home"};

    snprintf(text, room, "%s%s%s%s%s%s%s key %x cc %u %s-bit", bit(mask, 15) ? "problem" : "supervisor",
             bit(mask, 5) ? " DAT " : " real", bit(mask, 5) ? spaces[mask >> 46 & 3] : "",
             bit(mask, 14) ? " wait" : "",
             bit(mask, 6) ? " I/O" : "", bit(mask, 7) ? " external" : "",
             bit(mask, 13) ? " machine-check" : "",
             (unsigned)(mask >> 52 & 15), (unsigned)(mask >> 44 & 3),
             bit(mask, 31) ? "64" : bit(mask, 32) ? "31" : "24");
}

json_t *monitor_next_instruction(struct monitor *m, unsigned cpu)
{
    struct sienna_cpu state;
    uint8_t bytes[6];
    char text[128];
    size_t n;

    if (!sienna_cpu(m->sienna, cpu, &state))
        return NULL;
    n = sienna_storage_read(m->sienna, cpu, SIENNA_LOGICAL, state.psw_address, bytes, sizeof bytes);
    return sienna_disassemble(bytes, n, state.psw_address, text, sizeof text) ? json_string(text) : NULL;
}
