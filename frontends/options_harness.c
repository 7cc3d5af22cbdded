/* SPDX-License-Identifier: MIT */
/**
 * Options that harnesses for QEMU pass: what they mean here, what is accepted since it means nothing here, and the
 * lists that scripts probe for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

/* ---- Lists ---- */

static const struct {
    const char *name, *text;
} lists[] = {
    {"-accel", "tcg\nkvm\nBoth are Sienna itself: it needs no accelerator and uses none.\n"},
    {"-netdev", "user\n"},
    {"-nic", "user\nnone\n"},
    {"-chardev", "stdio\nnull\npty\nfile\nsocket\n"},
    {"-object", "rng-builtin\nrng-random\n"},
    {"-display", "none\n"},
    {"-vga", "none\n"},
};
enum { LISTS = sizeof lists / sizeof lists[0] };

const char *options_list(const char *option)
{
    for (unsigned i = 0; i < LISTS; i++)
        if (!strcmp(lists[i].name, option))
            return lists[i].text;
    return NULL;
}

/* ---- Accelerators ---- */

bool option_accelerators(const char *option, const char *value, char *problem)
{
    for (const char *at = value;; at++) {
        size_t n = strcspn(at, ":,");

        if ((n != 3 || (strncmp(at, "tcg", 3) != 0 && strncmp(at, "kvm", 3) != 0)) || n == 0)
            return option_problem(problem, "%s %s: say tcg or kvm, which are both Sienna itself", option, value);
        at += n;
        if (*at != ':')
            return true;
    }
}

bool take_accelerator(struct command *c, const char *option, const char *value, char *problem)
{
    return option_accelerators(option, value, problem);
}

/* ---- Options without a meaning here ---- */

bool take_none(struct command *c, const char *option, const char *value, char *problem)
{
    return !strcmp(value, "none") || option_problem(problem, "%s %s: there is none", option, value);
}

bool take_nothing(struct command *c, const char *option, const char *value, char *problem)
{
    return true;
}

/* What happens when a guest ends: it ends Sienna, too. */
bool take_action(struct command *c, const char *option, const char *value, char *problem)
{
    struct option_list list;
    const char *reboot, *panic, *shutdown;
    bool ok = true;

    if (!option_list_parse(&list, value, option, problem))
        return false;
    reboot = option_list_take(&list, "reboot");
    panic = option_list_take(&list, "panic");
    shutdown = option_list_take(&list, "shutdown");
    option_list_take(&list, "watchdog");
    if (reboot && !strcmp(reboot, "shutdown"))
        c->no_reboot = true;
    else if (reboot && strcmp(reboot, "reset") != 0)
        ok = option_problem(problem, "%s reboot=%s: say reset or shutdown", option, reboot);
    if ((panic && (!strcmp(panic, "pause") || !strcmp(panic, "none"))) || (shutdown && !strcmp(shutdown, "pause")))
        ok = option_problem(problem, "%s %s: a machine that has ended stays only for a monitor (-monitor)", option, value);
    if (ok && (list.count || *list.head))
        ok = option_problem(problem, "%s has no setting '%s'; it has reboot, panic and shutdown", option,
                            *list.head ? list.head : list.settings[0].key);
    free(list.text);
    return ok;
}

/* ---- -net nic -net user, the old spelling of -nic user ---- */

bool options_join_net(struct command *c, char *problem)
{
    struct backend *nic = NULL, *user = NULL;
    struct option_list *device;
    const char *mac;

    for (unsigned i = 0; i < c->backend_count; i++) {
        struct backend *b = &c->backends[i];

        if (strcmp(b->option, "-net") != 0 || !strcmp(b->list.head, "none"))
            continue;
        if (!strcmp(b->list.head, "nic") && !nic)
            nic = b;
        else if (!strcmp(b->list.head, "user") && !user)
            user = b;
        else
            return option_problem(problem, "-net %s: say none, or one nic and one user (-nic user is both)", b->list.head);
    }
    if (!nic && !user)
        return true;
    if (!nic || !user)
        return option_problem(problem, "-net %s wants the other half, -net %s (-nic user is both)", nic ? "nic" : "user",
                              nic ? "user" : "nic");
    if (!options_add_device(c, "virtio-net", &device, problem))
        return false;
    mac = option_list_take(&nic->list, "macaddr");
    if (mac)
        option_list_set(device, "mac", mac);
    option_list_take(&nic->list, "model");
    for (unsigned i = 0; i < nic->list.count; i++)
        if (strcmp(nic->list.settings[i].key, "netdev") != 0 && strcmp(nic->list.settings[i].key, "id") != 0)
            option_list_set(device, nic->list.settings[i].key, nic->list.settings[i].value);
    for (unsigned i = 0; i < user->list.count; i++)
        if (strcmp(user->list.settings[i].key, "id") != 0)
            option_list_set(device, user->list.settings[i].key, user->list.settings[i].value);
    nic->used = user->used = true;
    return true;
}

/* ---- -mon chardev=ID: a monitor on a stream that has a name, perhaps a console's ---- */

bool options_join_monitor(struct command *c, struct backend *b, char *problem)
{
    const char *id = *b->list.head ? b->list.head : option_list_get(&b->list, "chardev");
    const char *mode = option_list_get(&b->list, "mode");
    char *stream, *text;

    if (!id)
        return option_problem(problem, "-mon: say chardev=ID");
    if (mode && strcmp(mode, "readline") != 0)
        return option_problem(problem, "-mon mode=%s: the monitor speaks readline; for programs there is -monitor json:STREAM",
                              mode);
    stream = options_stream(c, id, problem);
    if (!stream)
        return false;
    for (unsigned i = 0; i < c->console_count; i++)
        if (!strcmp(c->consoles[i].stream, stream)) {
            text = calloc(1, strlen(stream) + 5);
            if (!text)
                abort();
            sprintf(text, "mon:%s", stream);
            free(stream);
            c->consoles[i].plain = c->consoles[i].stream;
            c->consoles[i].stream = text;
            return true;
        }
    if (c->monitor_count == MAX_MONITORS)
        return option_problem(problem, "more than %d -monitor", MAX_MONITORS);
    c->monitors[c->monitor_count++] = stream;
    return true;
}

/* ---- -device virtio-serial -device virtconsole: QEMU's controller and its first port are one device here ---- */

static struct option_list *find_device(struct command *c, const char *type)
{
    for (unsigned i = 0; i < c->device_count; i++)
        if (!strcmp(c->devices[i].head, type))
            return &c->devices[i];
    return NULL;
}

bool options_join_serial(struct command *c, char *problem)
{
    struct option_list *bus = find_device(c, "virtio-serial"), *port = find_device(c, "virtio-console");
    const char *devno;

    for (unsigned i = 0; port && i < 3; i++)
        option_list_take(port, (const char *const[]){"bus", "nr", "name"}[i]);
    if (!bus)
        return true;
    if (!port)
        return option_problem(problem, "-device virtio-serial: its one port is a console, -device virtconsole");
    devno = option_list_take(bus, "devno");
    if (devno && !option_list_get(port, "devno"))
        option_list_set(port, "devno", devno);
    memmove(bus, bus + 1, (size_t)(&c->devices[--c->device_count] - bus) * sizeof *bus); /* devno points to its text */
    return true;
}

/* ---- Objects ---- */

bool options_check_object(const struct backend *b, char *problem)
{
    /* Random numbers come from a seed, so that runs are equal, whatever source is named. */
    return !strcmp(b->list.head, "rng-builtin") || !strcmp(b->list.head, "rng-random") ||
           option_problem(problem, "-object %s: say rng-builtin or rng-random", b->list.head);
}

/* ---- -smp with a topology ---- */

bool option_topology(struct option_list *list, uint64_t *cpus, bool given, uint64_t most, char *problem)
{
    static const char *const levels[] = {"drawers", "books", "sockets", "dies", "clusters", "modules", "cores", "threads"};
    uint64_t product = 1;
    bool any = false;

    for (unsigned i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        const char *value = option_list_take(list, levels[i]);
        char *end;
        uint64_t n = value ? strtoull(value, &end, 10) : 1;

        if (value && (*value < '0' || *value > '9' || *end || n < 1 || n > SIENNA_MAX_CPUS))
            return option_problem(problem, "-smp %s=%s: say a number from 1 to %d", levels[i], value, SIENNA_MAX_CPUS);
        if (i == 7 && n != 1)
            return option_problem(problem, "-smp threads=%s: a core has one thread", value);
        any |= value != NULL;
        product *= n;
        if (product > SIENNA_MAX_CPUS)
            return option_problem(problem, "-smp: more than %d CPUs", SIENNA_MAX_CPUS);
    }
    if (!any)
        return true;
    if (!given)
        *cpus = product;
    /* QEMU wants all levels to make the greatest number; a few that are left out are the rest. */
    if ((most ? most : *cpus) % product)
        return option_problem(problem, "-smp: %llu CPUs are no multiple of the topology's %llu",
                              (unsigned long long)(most ? most : *cpus), (unsigned long long)product);
    return true;
}
