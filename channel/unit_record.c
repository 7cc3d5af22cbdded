/* SPDX-License-Identifier: MIT */
/**
 * A 2540 card reader and card punch on a 2821 control unit: the plainest
 * devices there are, good for IPL (Linux kernels have the loader for it) and
 * for getting small files into and out of a machine. A card is 80 bytes, as
 * they are in the file; the last card read is filled with zeros.
 */
#include "channel/unit_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/host_file.h"
#include "machine/input.h"
#include "machine/state.h"

enum { CARD_BYTES = 80, CONTROL_UNIT = 0x2821, DEVICE_TYPE = 0x2540, UNIT_RECORD_PATH = 0x01 };
static const uint64_t DECK_LARGEST = 4ULL << 30;
enum { CARD_LATENCY = 20 * TOD_MICROSECOND };
/* The two leftmost bits choose a stacker. */
enum { READ_CARD = 0x02, PUNCH_CARD = 0x01, STACKER = 0xc0 };

struct card_reader {
    struct channel_device device;
    uint8_t *deck;
    uint64_t bytes, position;
    bool end_told; /* unit exception was presented for the end of the deck */
};

struct card_punch {
    struct channel_device device;
    FILE *file; /* NULL in a replay */
    char *path;
};
struct punching {
    struct card_punch *punch;
    uint8_t card[CARD_BYTES];
};

static int read_card(struct card_reader *r)
{
    uint8_t card[CARD_BYTES] = {0};
    uint64_t left = r->bytes - r->position;

    if (left == 0 && r->end_told)
        return device_reject(&r->device, SENSE_INTERVENTION_REQUIRED);
    if (left == 0) {
        r->end_told = true;
        return STATUS_ENDED | STATUS_UNIT_EXCEPTION;
    }
    left = left < CARD_BYTES ? left : CARD_BYTES;
    memcpy(card, r->deck + r->position, left);
    r->position += left;
    device_store(&r->device, card, sizeof card);
    return STATUS_ENDED;
}

static int reader_command(struct channel_device *device, uint8_t command)
{
    if ((command & ~STACKER) == READ_CARD)
        return read_card((struct card_reader *)device);
    return device_common_command(device, command);
}

/* The deck is back in the hopper: whoever resets the machine wants to load it again. */
static void reader_reset(struct channel_device *device, bool system)
{
    struct card_reader *r = (struct card_reader *)device;

    if (system) {
        r->position = 0;
        r->end_told = false;
    }
}

static void reader_release(struct channel_device *device)
{
    struct card_reader *r = (struct card_reader *)device;

    free(r->deck);
    free(r);
}

/* A position means something in the same deck only. */
static uint64_t deck_digest(const struct card_reader *r)
{
    struct state_digest digest;

    state_digest_begin(&digest);
    digest.walk.field(&digest.walk, "deck", r->deck, r->bytes);
    return digest.digest;
}

static void reader_state(struct channel_device *device, struct state_walk *walk)
{
    struct card_reader *r = (struct card_reader *)device;

    uint64_t bytes = r->bytes, digest = deck_digest(r);

    STATE(walk, r, position);
    STATE(walk, r, end_told);
    state_check(walk, r->position <= r->bytes, "the deck is shorter");
    if (!walk->complete)
        return;
    state_u64(walk, "deck_bytes", &bytes);
    state_u64(walk, "deck_digest", &digest);
    state_check(walk, bytes == r->bytes && digest == deck_digest(r), "the card decks are different");
}

static const struct device_operations reader_operations = {
    .name = "reader", .command = reader_command, .reset = reader_reset,
    .state = reader_state, .release = reader_release,
};

static void set_common(struct channel_device *device, struct machine *machine,
                       const struct device_operations *operations, uint8_t model)
{
    device->operations = operations;
    device->machine = machine;
    device->chp_type = UNIT_RECORD_PATH;
    device->default_latency = CARD_LATENCY;
    device->identity = (struct device_identity){CONTROL_UNIT, 1, DEVICE_TYPE, model};
}

struct channel_device *card_reader_create(struct machine *machine, const struct device_options *options,
                                          char *error, size_t error_bytes)
{
    const char *path = device_option(options, "file", NULL);
    struct card_reader *r;
    uint64_t bytes = 0;
    uint8_t *deck = NULL;
    int why;

    if (path && !(deck = host_file_read(machine, path, DECK_LARGEST, &bytes, &why))) {
        snprintf(error, error_bytes, "cannot read the card deck '%s': %s", path, strerror(why));
        return NULL;
    }
    r = machine_allocate(sizeof *r);
    set_common(&r->device, machine, &reader_operations, 1);
    r->deck = deck;
    r->bytes = bytes;
    return &r->device;
}

/* Asked by the input log when it is not replaying: did the card get there? */
static size_t punched(void *context, uint8_t *buffer, size_t size)
{
    struct punching *at = context;
    struct card_punch *p = at->punch;

    buffer[0] = fwrite(at->card, CARD_BYTES, 1, p->file) == 1 && fflush(p->file) == 0;
    if (!buffer[0])
        machine_log(p->device.machine, LOG_ERROR, "cannot write cards to '%s': %s", p->path, strerror(errno));
    return 1;
}

static int punch_command(struct channel_device *device, uint8_t command)
{
    struct card_punch *p = (struct card_punch *)device;
    struct punching at = {.punch = p};
    uint8_t done = 0;

    if ((command & ~STACKER) != PUNCH_CARD)
        return device_common_command(device, command);
    device_fetch(device, at.card, sizeof at.card);
    input_ask(device->machine, INPUT_PUNCH, 0, punched, &at, &done, 1);
    return done ? STATUS_ENDED : device_reject(device, SENSE_EQUIPMENT_CHECK);
}

static void punch_release(struct channel_device *device)
{
    struct card_punch *p = (struct card_punch *)device;

    if (p->file)
        fclose(p->file);
    free(p->path);
    free(p);
}

static const struct device_operations punch_operations = {
    .name = "punch", .command = punch_command, .release = punch_release,
};

struct channel_device *card_punch_create(struct machine *machine, const struct device_options *options,
                                         char *error, size_t error_bytes)
{
    const char *path = device_option(options, "file", NULL);
    struct card_punch *p;
    uint8_t opened;
    FILE *file;

    if (!path) {
        snprintf(error, error_bytes, "a card punch needs file=PATH");
        return NULL;
    }
    file = input_replaying(machine) ? NULL : fopen(path, "wb");
    opened = file != NULL;
    input_setting(machine, INPUT_DEVICE, 0, &opened, sizeof opened);
    if (!opened) {
        snprintf(error, error_bytes, "cannot write cards to '%s': %s", path, strerror(errno));
        return NULL;
    }
    p = machine_allocate(sizeof *p);
    set_common(&p->device, machine, &punch_operations, 2);
    p->file = file;
    p->path = strdup(path);
    return &p->device;
}
