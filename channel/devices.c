/* SPDX-License-Identifier: MIT */
#include "channel/device.h"

const struct device_type device_types[] = {
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
