/* SPDX-License-Identifier: MIT */
/** The target description: which registers a process has. */
#include <string.h>

#include "gdbstub/internal.h"

/* One vector register, seen in every size of element. */
static void put_vector_types(struct text *t)
{
    static const struct {
        const char *id, *field, *type;
        unsigned count;
    } views[] = {
        {"v4f", "v4_float", "ieee_single", 4}, {"v2d", "v2_double", "ieee_double", 2},
        {"v16i8", "v16_int8", "int8", 16},     {"v8i16", "v8_int16", "int16", 8},
        {"v4i32", "v4_int32", "int32", 4},     {"v2i64", "v2_int64", "int64", 2},
    };
    enum { VIEWS = sizeof views / sizeof views[0] };

    for (unsigned i = 0; i < VIEWS; i++)
        text_say(t, "<vector id=\"%s\" type=\"%s\" count=\"%u\"/>\n", views[i].id, views[i].type, views[i].count);
    text_say(t, "<union id=\"vec128\">\n");
    for (unsigned i = 0; i < VIEWS; i++)
        text_say(t, "<field name=\"%s\" type=\"%s\"/>\n", views[i].field, views[i].id);
    text_say(t, "<field name=\"uint128\" type=\"uint128\"/>\n</union>\n");
}

bool gdb_description_document(struct gdb *g, struct text *t)
{
    const char *feature = NULL;
    struct sienna_thread thread;
    struct gdb_register r;

    if (!gdb_general(g, &thread))
        return false;
    text_say(t, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
                "<target version=\"1.0\">\n<architecture>s390:64-bit</architecture>\n");
    for (unsigned i = 0; gdb_register(g, thread, i, &r); i++) {
        if (!feature || strcmp(feature, r.feature)) {
            text_say(t, "%s<feature name=\"%s\">\n", feature ? "</feature>\n" : "", r.feature);
            if (!strcmp(r.type, "uint64") && strstr(r.feature, ".vx"))
                put_vector_types(t);
        }
        feature = r.feature;
        text_say(t, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" group=\"%s\" regnum=\"%u\"/>\n", r.name, 8 * r.bytes,
                 r.type, r.group, i);
    }
    text_say(t, "</feature>\n</target>\n");
    return true;
}
