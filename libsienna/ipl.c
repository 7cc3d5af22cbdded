/* SPDX-License-Identifier: MIT */
/**
 * Initial program loading from a device (PoP ch. 17): the channel subsystem reads 24 bytes to absolute 0
 * and goes on with the CCW at 8; the PSW at 0 is loaded when the device is done. What the device must offer
 * is a read command that brings such a program: card decks do, virtio devices do not. These are read by a boot program
 * that the user names.
 */
#include "libsienna/ipl.h"

#include "channel/channel.h"
#include "channel/sclp.h"
#include "machine/ebcdic.h"

/* IPL parameter block of type CCW: offsets in the whole block. */
enum { BLOCK_VERSION = 7, BLOCK_0 = 8, BLOCK_TYPE = 12, BLOCK_FLAGS = 13, BLOCK_LOADPARM = 16,
       BLOCK_SSID = 109, BLOCK_DEVNO = 110 };
enum { BLOCK_BYTES = 200, TYPE_CCW = 2, HAS_LOADPARM = 0x80 };

void ipl_block_make(struct sienna *s, unsigned devno)
{
    struct configuration_service *c = &s->machine.configuration;
    const char *loadparm = sclp_features(&s->machine)->loadparm;

    memset(c->ipl_block, 0, sizeof c->ipl_block);
    put_be32(c->ipl_block, BLOCK_BYTES);
    c->ipl_block[BLOCK_VERSION] = 1;
    put_be32(c->ipl_block + BLOCK_0, BLOCK_BYTES - BLOCK_0);
    c->ipl_block[BLOCK_TYPE] = TYPE_CCW;
    c->ipl_block[BLOCK_FLAGS] = *loadparm ? HAS_LOADPARM : 0;
    ebcdic_field(EBCDIC_500, c->ipl_block + BLOCK_LOADPARM, 8, loadparm);
    put_be16(c->ipl_block + BLOCK_DEVNO, (uint16_t)devno);
    c->ipl_block_valid = true;
}

/* The load parameter that the block brings is what READ SCP INFO tells from now on. */
static void take_loadparm(struct sienna *s)
{
    const uint8_t *block = s->machine.configuration.ipl_block;

    if (block[BLOCK_FLAGS] & HAS_LOADPARM)
        ebcdic_string(EBCDIC_500, sclp_features(&s->machine)->loadparm, block + BLOCK_LOADPARM, 8);
}

/* No CPU runs: virtual time goes from event to event until the channel program has ended. */
static bool read_program(struct machine *m, uint32_t sid)
{
    enum channel_ipl_result result;

    if (!channel_ipl_start(m, sid))
        return false;
    while ((result = channel_ipl_poll(m)) == CHANNEL_IPL_RUNNING) {
        uint64_t next = event_next_time(m);

        if (next == EVENT_NEVER)
            return false;
        cpus_skip_to(m, next);
        event_run_due(m);
    }
    return result == CHANNEL_IPL_DONE;
}

/* NULL when there is none. */
static const struct channel_device *device_of_block(const struct sienna *s)
{
    const uint8_t *block = s->machine.configuration.ipl_block;

    return block[BLOCK_SSID] & 7 ? NULL : channel_device_numbered(&s->machine, get_be16(block + BLOCK_DEVNO));
}

bool ipl_by_boot_program(const struct sienna *s)
{
    const struct channel_device *device = device_of_block(s);

    return s->boot_program && s->machine.configuration.ipl_block_valid && device && device->operations->notify;
}

bool ipl_read(struct sienna *s, char problem[SIENNA_PROBLEM_BYTES])
{
    struct machine *m = &s->machine;
    const uint8_t *block = m->configuration.ipl_block;
    unsigned devno = get_be16(block + BLOCK_DEVNO), subchannel_set = block[BLOCK_SSID] & 7;
    const struct channel_device *device = device_of_block(s);

    if (!m->configuration.ipl_block_valid)
        return problem_set(problem, "nobody said what to load");
    if (!device)
        return problem_set(problem, "there is no device 0.%u.%04x to load from", subchannel_set, devno);
    if (!read_program(m, device->sid))
        return problem_set(problem, "device 0.0.%04x (%s) gave no program: it ended the read with an error",
                           devno, device->operations->name);
    take_loadparm(s);
    return true;
}

bool sienna_ipl(struct sienna *s, int devno, char problem[SIENNA_PROBLEM_BYTES])
{
    if (devno == SIENNA_BOOT_DEVICE) {
        if (s->boot_index)
            devno = s->boot_device;
        else if (s->boot_program && s->first_disk)
            devno = (int)s->first_disk - 1;
        else
            return problem_set(problem, "there is no device to load from: none has a bootindex%s",
                               s->boot_program ? ", and there is no disk" : "");
    }
    if (devno < 0 || devno > 0xffff || !channel_device_numbered(&s->machine, (uint16_t)devno))
        return problem_set(problem, "there is no device 0.0.%04x to load from", (unsigned)devno);
    ipl_block_make(s, (unsigned)devno);
    /* What is wrong with the boot program is told at once, as of a kernel; the load itself clears what this leaves. */
    if (ipl_by_boot_program(s) && !boot_program_load(s, problem))
        return false;
    s->machine.configuration.load_request = LOAD_CLEAR;
    s->machine.configuration.load_cpu = 0;
    s->first_load = true;
    return true;
}
