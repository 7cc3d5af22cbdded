/* SPDX-License-Identifier: MIT */
/** Devices by type name and settings, and the networks behind adapters. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "channel/channel.h"
#include "channel/net_user.h"
#include "channel/virtio_9p.h"
#include "channel/virtio_balloon.h"
#include "channel/virtio_blk.h"
#include "channel/virtio_console.h"
#include "channel/virtio_net.h"
#include "channel/virtio_rng.h"
#include "libsienna/internal.h"
#include "libsienna/operator.h"
#include "libsienna/plugged.h"
#include "machine/input.h"

/* A device being added: its settings and where to complain. */
struct request {
    struct sienna *sienna;
    const struct sienna_setting *settings;
    unsigned count;
    char *problem;
    const uint32_t *port; /* the device had that one before; NULL: the next */
    uint32_t taken;       /* the port that it got */
};

static const char *setting(const struct request *r, const char *key)
{
    for (unsigned i = 0; i < r->count; i++)
        if (!strcmp(r->settings[i].key, key))
            return r->settings[i].value;
    return NULL;
}

/* on/off settings; *out keeps its default when the key is absent. */
static bool setting_flag(const struct request *r, const char *key, bool *out)
{
    const char *value = setting(r, key);

    if (!value)
        return true;
    *out = !strcmp(value, "on") || !strcmp(value, "yes") || !strcmp(value, "true");
    if (*out || !strcmp(value, "off") || !strcmp(value, "no") || !strcmp(value, "false"))
        return true;
    return problem_set(r->problem, "%s=%s: say on or off", key, value);
}

static bool setting_number(const struct request *r, const char *key, uint64_t largest, uint64_t *out)
{
    const char *value = setting(r, key);
    char *end;

    if (!value)
        return true;
    *out = strtoull(value, &end, 0);
    if (!*value || *end || *out > largest)
        return problem_set(r->problem, "%s=%s: say a number up to %llu", key, value, (unsigned long long)largest);
    return true;
}

/* The port of a device in the input log: the next of its kind, or the one it had. */
static uint32_t take_port(struct request *r, unsigned *count)
{
    r->taken = r->port ? *r->port : *count;
    if (r->taken >= *count)
        *count = r->taken + 1;
    return r->taken;
}

static struct channel_device *create_blk(struct request *r)
{
    struct block_image_parameters image = {.path = setting(r, "file"), .machine = &r->sienna->machine,
                                           .number = r->port ? *r->port : r->sienna->disk_count};
    struct virtio_blk_parameters parameters = {.serial = setting(r, "serial")};
    uint64_t logical = 0;
    const char *cache = setting(r, "cache");

    if (!image.path) {
        problem_set(r->problem, "a disk needs file=PATH");
        return NULL;
    }
    if (!setting_flag(r, "readonly", &image.read_only) || !setting_flag(r, "snapshot", &image.snapshot) ||
        !setting_number(r, "logical_block_size", 4096, &logical))
        return NULL;
    if (logical && (logical < 512 || (logical & (logical - 1)))) {
        problem_set(r->problem, "logical_block_size=%llu: say 512, 1024, 2048 or 4096", (unsigned long long)logical);
        return NULL;
    }
    parameters.logical_block_bytes = (uint32_t)logical;
    parameters.write_through = cache && (!strcmp(cache, "writethrough") || !strcmp(cache, "directsync"));
    parameters.image = block_image_open(&image, r->problem);
    if (parameters.image)
        take_port(r, &r->sienna->disk_count);
    return parameters.image ? virtio_blk_create(&r->sienna->machine, &parameters) : NULL;
}

/* A MAC address as six hexadecimal bytes with colons. */
static bool setting_mac(const struct request *r, uint8_t mac[6])
{
    const char *value = setting(r, "mac");
    unsigned b[6];
    char rest;

    if (!value)
        return true;
    if (sscanf(value, "%2x:%2x:%2x:%2x:%2x:%2x%c", b, b + 1, b + 2, b + 3, b + 4, b + 5, &rest) != 6 || (b[0] & 1))
        return problem_set(r->problem, "mac=%s: say six hexadecimal bytes such as 52:54:00:12:34:56", value);
    for (unsigned i = 0; i < 6; i++)
        mac[i] = (uint8_t)b[i];
    return true;
}

static struct net_user *create_network(struct request *r)
{
    struct net_user_forward forwards[NET_USER_FORWARDS];
    struct net_user_parameters p = {.forward = forwards, .hostname = setting(r, "hostname")};

    if (!setting_flag(r, "restrict", &p.restricted) || !setting_flag(r, "ipv6", &p.ipv6))
        return NULL;
    for (unsigned i = 0; i < r->count; i++) {
        if (strcmp(r->settings[i].key, "hostfwd"))
            continue;
        if (p.forwards == NET_USER_FORWARDS) {
            problem_set(r->problem, "more than %d hostfwd", NET_USER_FORWARDS);
            return NULL;
        }
        if (!net_user_parse_forward(r->settings[i].value, &forwards[p.forwards++], r->problem))
            return NULL;
    }
    return input_replaying(&r->sienna->machine) ? NULL : net_user_create(&p, r->problem);
}

static struct channel_device *create_net(struct request *r)
{
    struct sienna *s = r->sienna;
    uint32_t port = r->port ? *r->port : s->network_count;
    struct virtio_net_parameters p = {.number = port, .transmit = net_user_transmit, .checksums_valid = true};
    uint64_t mtu = 0;
    uint8_t given;

    if (port >= NETWORKS) {
        problem_set(r->problem, "a machine has at most %d networks", NETWORKS);
        return NULL;
    }
    if (!setting_mac(r, p.mac) || !setting_number(r, "mtu", 65535, &mtu))
        return NULL;
    p.mtu = (uint16_t)mtu;
    /* The network of a device that is made again has gone on. */
    given = s->networks[port] || (s->networks[port] = create_network(r)) || input_replaying(&s->machine);
    input_setting(&s->machine, INPUT_DEVICE, port, &given, sizeof given);
    if (!given)
        return NULL;
    p.network = s->networks[port];
    if (!p.network)
        p.transmit = NULL;
    take_port(r, &s->network_count);
    return virtio_net_create(&s->machine, &p);
}

static struct channel_device *create_console(struct request *r)
{
    struct sienna_console *c = &r->sienna->consoles[SIENNA_CONSOLE_VIRTIO];
    struct virtio_console_parameters p = {.console = &c->console};

    if (!c->open) {
        problem_set(r->problem, "the virtio console is connected to nothing");
        return NULL;
    }
    if (c->console.device) {
        problem_set(r->problem, "there is a virtio-console already");
        return NULL;
    }
    return virtio_console_create(&r->sienna->machine, &p);
}

/* A number that is spread over the seed's last bytes, or bytes of the host's own random source. */
static bool random_seed(struct request *r, uint8_t seed[RANDOM_SEED_BYTES])
{
    const char *value = setting(r, "seed");
    uint64_t number = 0;

    if (value && !strcmp(value, "host"))
        return getentropy(seed, RANDOM_SEED_BYTES) == 0
            || problem_set(r->problem, "the host gives no random bytes");
    if (value && !setting_number(r, "seed", UINT64_MAX, &number))
        return problem_set(r->problem, "seed=%s: say a number, or host", value);
    put_be64(seed, number);
    return true;
}

static struct channel_device *create_rng(struct request *r)
{
    struct virtio_rng_parameters p = {{0}};

    if (!random_seed(r, p.seed))
        return NULL;
    input_setting(&r->sienna->machine, INPUT_RANDOM_SEED, take_port(r, &r->sienna->rng_count), p.seed, sizeof p.seed);
    return virtio_rng_create(&r->sienna->machine, &p);
}

static struct channel_device *create_balloon(struct request *r)
{
    struct virtio_balloon_parameters p = {.deflate_on_oom = false};

    if (!setting_flag(r, "deflate-on-oom", &p.deflate_on_oom) ||
        !setting_flag(r, "free-page-reporting", &p.free_page_reporting))
        return NULL;
    return virtio_balloon_create(&r->sienna->machine, &p);
}

static struct channel_device *create_9p(struct request *r)
{
    struct virtio_9p_parameters p = {.path = setting(r, "path"), .tag = setting(r, "mount_tag"),
                                     .number = r->port ? *r->port : r->sienna->share_count};

    if (!p.path || !p.tag) {
        problem_set(r->problem, "a shared folder needs path=FOLDER and mount_tag=NAME");
        return NULL;
    }
    if (!setting_flag(r, "readonly", &p.read_only))
        return NULL;
    take_port(r, &r->sienna->share_count);
    return virtio_9p_create(&r->sienna->machine, &p, r->problem);
}

static const struct {
    const char *name, *help, *keys;
    struct channel_device *(*create)(struct request *r);
} types[] = {
    {"virtio-blk", "a disk kept in a raw image file",
     "file,readonly,snapshot,serial,logical_block_size,cache", create_blk},
    {"virtio-net", "an Ethernet adapter on a user-mode network",
     "mac,mtu,hostfwd,restrict,ipv6,hostname", create_net},
    {"virtio-console", "a terminal, hvc0 in Linux", "", create_console},
    {"virtio-rng", "random bytes, the same in every run unless seeded (seed=host: by the host)", "seed",
     create_rng},
    {"virtio-balloon", "gives storage back to the host", "deflate-on-oom,free-page-reporting", create_balloon},
    {"virtio-9p", "a shared host folder", "path,mount_tag,readonly", create_9p},
};
enum { TYPES = sizeof types / sizeof types[0] };

static bool known_key(const char *keys, const char *key)
{
    size_t n = strlen(key);

    for (const char *at = keys; (at = strstr(at, key)); at += n)
        if ((at == keys || at[-1] == ',') && (at[n] == 0 || at[n] == ',' || at[n] == '='))
            return true;
    return false;
}

static bool check_keys(const char *type, const char *keys, const struct request *r)
{
    for (unsigned i = 0; i < r->count; i++)
        if (!known_key("devno,bootindex", r->settings[i].key) && !known_key(keys, r->settings[i].key))
            return problem_set(r->problem, "%s has no setting '%s'; it has devno,bootindex%s%s", type,
                               r->settings[i].key, *keys ? "," : "", keys);
    return true;
}

/* "fe.0.0815", "0.0.0815" or "815". */
static bool device_number(const struct request *r, uint32_t *out)
{
    const char *value = setting(r, "devno"), *digits;
    char *end;
    unsigned long number;

    *out = DEVICE_NUMBER_ANY;
    if (!value)
        return true;
    digits = strrchr(value, '.') ? strrchr(value, '.') + 1 : value;
    number = strtoul(digits, &end, 16);
    if (!*digits || *end || number > 0xffff)
        return problem_set(r->problem, "devno=%s: say a device number such as fe.0.0815", value);
    *out = (uint32_t)number;
    return true;
}

static struct channel_device *create_other(const char *type, struct request *r)
{
    const struct device_type *t = device_type_find(type);
    struct device_option options[32];
    struct device_options all = {options, 0};

    if (!t) {
        problem_set(r->problem, "there is no device type '%s' (see -device help)", type);
        return NULL;
    }
    if (!check_keys(type, t->keys, r))
        return NULL;
    for (; all.count < r->count && all.count < 32; all.count++)
        options[all.count] = (struct device_option){r->settings[all.count].key, r->settings[all.count].value};
    return t->create(&r->sienna->machine, &all, r->problem, SIENNA_PROBLEM_BYTES);
}

static struct channel_device *create(const char *type, struct request *r)
{
    for (unsigned i = 0; i < TYPES; i++)
        if (!strcmp(types[i].name, type))
            return check_keys(type, types[i].keys, r) ? types[i].create(r) : NULL;
    return create_other(type, r);
}

bool device_plug(struct sienna *s, const char *type, const struct sienna_setting *settings, unsigned count,
                 bool announce, char *problem)
{
    struct request r = {s, settings, count, problem, NULL, 0};
    struct channel_device *device;
    uint64_t boot_index = UINT32_MAX;
    uint32_t number;

    if (!device_number(&r, &number) || !setting_number(&r, "bootindex", 0xffff, &boot_index))
        return false;
    device = create(type, &r);
    if (!device)
        return false;
    if (channel_attach(&s->machine, device, number, announce)) {
        plugged_note(s, device, r.taken, type, settings, count);
        if (!s->first_disk && !strcmp(type, "virtio-blk"))
            s->first_disk = device->number + 1U;
        if (setting(&r, "bootindex") && (!s->boot_index || boot_index < s->boot_index - 1)) {
            s->boot_index = (unsigned)boot_index + 1;
            s->boot_device = device->number;
        }
        return true;
    }
    device->operations->release(device);
    return problem_set(problem, "device number %04x is taken, or there are no subchannels left", number);
}

struct channel_device *device_make(struct sienna *s, const struct plugged *as, char *problem)
{
    struct sienna_setting settings[PLUGGED_SETTINGS];
    struct request r = {s, settings, plugged_settings(as->text, as->bytes, settings), problem, &as->port, 0};

    return create(as->text, &r);
}

bool sienna_device_add(struct sienna *s, const char *type, const struct sienna_setting *settings, unsigned count,
                       char problem[SIENNA_PROBLEM_BYTES])
{
    if (s->started)
        return operator_add(s, type, settings, count, problem);
    return device_plug(s, type, settings, count, false, problem);
}

bool sienna_device_type(unsigned index, const char **name, const char **help, const char **keys)
{
    const struct device_type *t;

    if (index < TYPES) {
        *name = types[index].name;
        *help = types[index].help;
        *keys = types[index].keys;
        return true;
    }
    for (t = device_types, index -= TYPES; t->name && index; t++)
        index--;
    if (!t->name)
        return false;
    *name = t->name;
    *help = t->help;
    *keys = t->keys;
    return true;
}

int sienna_network_descriptor(const struct sienna *s, unsigned index)
{
    return index < s->network_count && s->networks[index] ? net_user_descriptor(s->networks[index]) : -1;
}

bool sienna_network_collect(struct sienna *s)
{
    enum { FRAMES = 256 };
    unsigned n = 0;

    for (unsigned i = 0; i < s->network_count; i++)
        n += !s->networks[i] ? 0 : net_user_collect(s->networks[i], &s->machine, i, FRAMES);
    return n != 0;
}

void networks_keep(struct sienna *s, unsigned count)
{
    for (unsigned i = count; i < NETWORKS; i++) {
        net_user_release(s->networks[i]);
        s->networks[i] = NULL;
    }
    s->network_count = count;
}

void networks_release(struct sienna *s)
{
    networks_keep(s, 0);
}
