/* SPDX-License-Identifier: MIT */
/** Joining -device with -drive, -netdev, -fsdev and -chardev, and what is implied by -nic and -drive. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_console.h"
#include "options.h"

static struct backend *backend_named(struct command *c, const char *option, const char *id)
{
    for (unsigned i = 0; i < c->backend_count; i++) {
        struct backend *b = &c->backends[i];
        const char *own = option_list_get(&b->list, "id");

        if (!strcmp(b->option, option) && own && !strcmp(own, id))
            return b;
    }
    return NULL;
}

/* Copy the settings of a backend that the machine's device knows too; refuse the rest. */
static bool merge(struct option_list *to, struct backend *b, const char *const *ignored, char *problem)
{
    for (unsigned i = 0; i < b->list.count; i++) {
        const char *key = b->list.settings[i].key;
        bool ignore = false;

        for (const char *const *at = ignored; *at; at++)
            ignore |= !strcmp(*at, key);
        if (!ignore && strcmp(key, "id"))
            option_list_set(to, key, b->list.settings[i].value);
    }
    b->used = true;
    return true;
}

static bool drive_settings(struct command *c, struct option_list *to, struct backend *b, char *problem)
{
    static const char *const ignored[] = {"if", "format", "media", "aio", "discard", "werror", "rerror", "index",
                                          "driver", "node-name", "file.locking", NULL};
    const char *format = option_list_get(&b->list, "format");

    if (format && strcmp(format, "raw"))
        return option_problem(problem, "-drive format=%s: disks are raw images", format);
    if (c->snapshot && !option_list_get(&b->list, "snapshot"))
        option_list_set(to, "snapshot", "on");
    return merge(to, b, ignored, problem);
}

/* Replace drive=ID by the drive's settings, netdev=ID by the network's, and so on. */
static bool join(struct command *c, struct option_list *device, char *problem)
{
    static const char *const nothing[] = {NULL};
    static const struct {
        const char *key, *option;
    } joins[] = {{"drive", "-drive"}, {"netdev", "-netdev"}, {"fsdev", "-fsdev"}, {"rng", "-object"}};

    /* Devices go by their numbers here; nothing refers to their names. */
    option_list_take(device, "id");
    for (unsigned i = 0; i < sizeof joins / sizeof joins[0]; i++) {
        const char *id = option_list_take(device, joins[i].key);
        struct backend *b;

        if (!id)
            continue;
        b = backend_named(c, joins[i].option, id);
        if (!b)
            return option_problem(problem, "-device %s,%s=%s: there is no %s with this id", device->head,
                                  joins[i].key, id, joins[i].option);
        if (!strcmp(joins[i].option, "-drive")) {
            if (!drive_settings(c, device, b, problem))
                return false;
        } else if (!strcmp(joins[i].option, "-object")) {
            b->used = true;
        } else if (!strcmp(joins[i].option, "-netdev") && strcmp(b->list.head, "user")) {
            return option_problem(problem, "-netdev %s: the only kind of network is user", b->list.head);
        } else {
            option_list_take(&b->list, "security_model");
            if (!merge(device, b, nothing, problem))
                return false;
        }
    }
    return true;
}

/* QEMU's device names without its bus suffix. */
static void rename_device(struct option_list *device)
{
    size_t n = strlen(device->head);
    char *head = device->text;

    if (n > 4 && !strcmp(device->head + n - 4, "-ccw"))
        head[n - 4] = 0;
    if (!strcmp(head, "virtconsole"))
        device->head = "virtio-console";
}

bool options_add_device(struct command *c, const char *type, struct option_list **out, char *problem)
{
    if (c->device_count == MAX_DEVICES)
        return option_problem(problem, "more than %d devices", MAX_DEVICES);
    *out = &c->devices[c->device_count++];
    return option_list_parse(*out, type, "-device", problem);
}

/* -drive if=virtio and -nic bring their own devices. */
static bool imply(struct command *c, struct backend *b, char *problem)
{
    static const char *const nic_ignored[] = {"model", NULL};
    const char *interface = option_list_get(&b->list, "if");
    struct option_list *device = NULL;

    if (!strcmp(b->option, "-object") && !options_check_object(b, problem))
        return false;
    if (b->used)
        return true;
    if (!strcmp(b->option, "-drive")) {
        if (interface && !strcmp(interface, "none"))
            return option_problem(problem, "-drive if=none: no -device names it");
        if (interface && strcmp(interface, "virtio"))
            return option_problem(problem, "-drive if=%s: say virtio or none", interface);
        return options_add_device(c, "virtio-blk", &device, problem) && drive_settings(c, device, b, problem);
    }
    if (!strcmp(b->option, "-nic")) {
        if (!strcmp(b->list.head, "none"))
            return true;
        if (strcmp(b->list.head, "user"))
            return option_problem(problem, "-nic %s: say user or none", b->list.head);
        return options_add_device(c, "virtio-net", &device, problem) && merge(device, b, nic_ignored, problem);
    }
    return true;
}

/* The stream that a -chardev describes: its text with commas, as host streams take it. */
char *options_stream(struct command *c, const char *id, char *problem)
{
    struct backend *b = backend_named(c, "-chardev", id);
    size_t room = 4096, used;
    char *text;

    if (!b) {
        option_problem(problem, "there is no -chardev with id=%s", id);
        return NULL;
    }
    text = calloc(1, room);
    used = (size_t)snprintf(text, room, "%s", b->list.head);
    for (unsigned i = 0; i < b->list.count && used < room; i++)
        if (strcmp(b->list.settings[i].key, "id") && strcmp(b->list.settings[i].key, "mux") &&
            strcmp(b->list.settings[i].key, "signal"))
            used += (size_t)snprintf(text + used, room - used, ",%s=%s", b->list.settings[i].key,
                                     b->list.settings[i].value);
    b->used = true;
    return text;
}

static bool add_console(struct command *c, const char *stream, unsigned kinds, char *problem)
{
    if (!strcmp(stream, "none"))
        return true;
    for (unsigned i = 0; i < c->console_count; i++)
        if (!strcmp(c->consoles[i].stream, stream)) {
            c->consoles[i].kinds |= kinds;
            return true;
        }
    if (c->console_count == MAX_SERIALS)
        return option_problem(problem, "more than %d consoles", MAX_SERIALS);
    c->consoles[c->console_count++] = (struct console_choice){.stream = stream, .kinds = kinds};
    return true;
}

static unsigned console_kind(const char *type)
{
    return !strcmp(type, "sclpconsole")      ? 1u << SIENNA_CONSOLE_ASCII
           : !strcmp(type, "sclplmconsole")  ? 1u << SIENNA_CONSOLE_LINE_MODE
           : !strcmp(type, "virtio-console") ? 1u << SIENNA_CONSOLE_VIRTIO
                                             : 0;
}

/* -device sclpconsole,chardev=ID is no device of the channel subsystem: it only places a console. */
static bool place_console(struct command *c, unsigned i, bool *removed, char *problem)
{
    struct option_list *device = &c->devices[i];
    unsigned kind = console_kind(device->head);
    const char *id;
    char *named = NULL;
    unsigned before = c->console_count;
    bool ok;

    *removed = false;
    if (!kind)
        return true;
    id = option_list_take(device, "chardev");
    if (id && !(named = options_stream(c, id, problem)))
        return false;
    ok = add_console(c, named ? named : "stdio", 1u << 31 | kind, problem);
    if (c->console_count == before) /* the stream was known */
        free(named);
    if (!ok)
        return false;
    if (kind == 1u << SIENNA_CONSOLE_VIRTIO)
        return true;
    free(device->text);
    memmove(device, device + 1, (--c->device_count - i) * sizeof *device);
    *removed = true;
    return true;
}

static bool on_stdio(const char *monitor)
{
    return !strcmp(monitor, "stdio") || !strcmp(monitor, "json:stdio");
}

/* Standard input has one reader. */
static bool check_monitors(struct command *c, char *problem)
{
    unsigned users = 0;

    for (unsigned i = 0; i < c->console_count; i++)
        users += !strcmp(c->consoles[i].stream, "stdio") || !strcmp(c->consoles[i].stream, "mon:stdio");
    for (unsigned i = 0; i < c->monitor_count; i++)
        if (on_stdio(c->monitors[i]) && ++users > 1)
            return option_problem(problem, "-monitor %s: standard input is taken; a console there has the monitor "
                                  "behind C-a c (-serial mon:stdio)", c->monitors[i]);
    if (c->gdb && !strcmp(c->gdb, "stdio") && users)
        return option_problem(problem, "-gdb stdio: standard input is taken; say -gdb tcp::1234");
    return true;
}

/*
 * Two -serial are the ASCII and the line-mode console. Otherwise there is one console, the one
 * that the command line makes the kernel's: with both on one stream every message came twice. Without
 * `console=` Linux uses one of both, and a program for the bare machine has its own mind.
 */
static bool default_consoles(struct command *c, char *problem)
{
    unsigned ascii = 1u << SIENNA_CONSOLE_ASCII, line_mode = 1u << SIENNA_CONSOLE_LINE_MODE;
    unsigned kernels = host_console_kinds(c->program.command_line);
    bool placed = c->no_defaults;

    /* A monitor or gdb on standard input and output has them to itself. */
    placed |= c->gdb && !strcmp(c->gdb, "stdio") && c->serial_count == 0;
    for (unsigned i = 0; i < c->monitor_count && c->serial_count == 0; i++)
        placed |= on_stdio(c->monitors[i]);

    for (unsigned i = 0; i < c->console_count; i++)
        placed |= (c->consoles[i].kinds & (ascii | line_mode)) != 0;
    if (c->serial_count == 0)
        return placed || add_console(c, "stdio", kernels, problem);
    if (c->serial_count == 1)
        return add_console(c, c->serials[0], kernels, problem);
    return add_console(c, c->serials[0], ascii, problem) && add_console(c, c->serials[1], line_mode, problem);
}

/* -serial chardev:ID is the stream of that -chardev. */
static bool named_serials(struct command *c, char *problem)
{
    for (unsigned i = 0; i < c->serial_count; i++)
        if (!strncmp(c->serials[i], "chardev:", 8) && !(c->serials[i] = options_stream(c, c->serials[i] + 8, problem)))
            return false;
    return true;
}

/* -device loader,file=FILE,addr=ADDRESS[,cpu-num=0] is no device either: it places a raw image. */
static bool place_image(struct command *c, unsigned i, bool *removed, char *problem)
{
    struct option_list *device = &c->devices[i];
    struct sienna_image *image = &c->images[c->program.image_count];
    const char *address, *cpu, *raw;

    *removed = false;
    if (strcmp(device->head, "loader"))
        return true;
    if (c->program.image_count == SIENNA_MAX_IMAGES)
        return option_problem(problem, "more than %d -device loader", SIENNA_MAX_IMAGES);
    image->file = option_list_take(device, "file");
    address = option_list_take(device, "addr");
    cpu = option_list_take(device, "cpu-num");
    raw = option_list_take(device, "force-raw");
    if (!image->file || !address)
        return option_problem(problem, "-device loader needs file=FILE and addr=ADDRESS");
    if (!option_size(address, 1, &image->address))
        return option_problem(problem, "-device loader,addr=%s: say an absolute address such as 0x10000", address);
    if ((cpu && strcmp(cpu, "0")) || (raw && strcmp(raw, "on")))
        return option_problem(problem, "-device loader starts CPU 0 only (cpu-num=0) and takes files as they are");
    if (device->count)
        return option_problem(problem, "-device loader has no setting '%s'; it has file, addr and cpu-num",
                              device->settings[0].key);
    image->start = cpu != NULL;
    c->program.images = c->images;
    c->program.image_count++;
    memmove(device, device + 1, (--c->device_count - i) * sizeof *device); /* its text lives on: file points there */
    *removed = true;
    return true;
}

bool options_resolve(struct command *c, char problem[SIENNA_PROBLEM_BYTES])
{
    bool removed;

    for (unsigned i = 0; i < c->device_count; i += !removed) {
        if (!*c->devices[i].head)
            return option_problem(problem, "-device needs a type first (see -device help)");
        rename_device(&c->devices[i]);
        if (!place_image(c, i, &removed, problem))
            return false;
        if (!removed && !place_console(c, i, &removed, problem))
            return false;
    }
    for (unsigned i = 0; i < c->console_count; i++)
        c->consoles[i].kinds &= ~(1u << 31);
    if (!options_join_serial(c, problem) || !options_join_net(c, problem) || !named_serials(c, problem))
        return false;
    for (unsigned i = 0; i < c->device_count; i++)
        if (!join(c, &c->devices[i], problem))
            return false;
    for (unsigned i = 0; i < c->backend_count; i++)
        if (!imply(c, &c->backends[i], problem))
            return false;
    if (!default_consoles(c, problem))
        return false;
    for (unsigned i = 0; i < c->backend_count; i++)
        if (!strcmp(c->backends[i].option, "-mon") && !options_join_monitor(c, &c->backends[i], problem))
            return false;
    return check_monitors(c, problem);
}
