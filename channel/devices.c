/* SPDX-License-Identifier: MIT */
#include "channel/device.h"
#include "channel/unit_record.h"

const struct device_type device_types[] = {
    {"reader", "2540 card reader: 80-byte records from a file", "file=PATH", card_reader_create},
    {"punch", "2540 card punch: 80-byte records to a file", "file=PATH", card_punch_create},
    {NULL, NULL, NULL, NULL},
};

const struct device_type *device_type_find(const char *name)
{
    for (const struct device_type *type = device_types; type->name; type++)
        if (!strcmp(type->name, name))
            return type;
    return NULL;
}

const char *device_option(const struct device_options *options, const char *key, const char *otherwise)
{
    for (unsigned i = 0; i < options->count; i++)
        if (!strcmp(options->option[i].key, key))
            return options->option[i].value;
    return otherwise;
}
