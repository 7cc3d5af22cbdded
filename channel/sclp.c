/* SPDX-License-Identifier: MIT */
/* SERVC: acceptance, latency, completion. */
#include "channel/sclp.h"

#include <stdlib.h>

#include "channel/sclp_internal.h"

enum { ADDRESSING = 0x05, SPECIFICATION = 0x06 };
enum { CC_ACCEPTED = 0, CC_BUSY = 2 };

/** Everything about one SCLP command. */
struct command {
    uint32_t code;         /**< command word without its resource byte */
    bool extended;         /**< the SCCB may cross blocks with the extended-length facility */
    uint16_t least_length; /**< of the SCCB */
    uint16_t latency;      /**< microseconds */
    sclp_handler *handler;
};

static const struct command commands[] = {
    {0x00020001, true, 144, 60, sclp_read_scp_info},
    {0x00120001, true, 144, 60, sclp_read_scp_info},
    {0x00010001, true, 24, 40, sclp_read_cpu_info},
    {0x00040001, false, 16, 40, sclp_read_storage_info},
    {0x00080001, false, 16, 200, sclp_attach_storage},
    {0x000d0001, false, 10, 100, sclp_assign_storage},
    {0x000c0001, false, 10, 100, sclp_unassign_storage},
    {0x00110001, false, 8, 200, sclp_configure_cpu},
    {0x00100001, false, 8, 200, sclp_deconfigure_cpu},
    {0x00030001, false, 112, 40, sclp_read_channel_paths},
    {0x000f0001, false, 8, 200, sclp_configure_channel_path},
    {0x000e0001, false, 8, 200, sclp_deconfigure_channel_path},
    {0x00780005, false, 12, 20, sclp_write_event_mask},
    {0x00770005, false, 8, 20, sclp_read_event_data},
    {0x00760005, false, 8, 20, sclp_write_event_data},
};

enum { RESOURCE_SHIFT = 8 };
#define COMMAND_CODE 0xffff00ffu

static const struct command *find(uint32_t word)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (commands[i].code == (word & COMMAND_CODE))
            return &commands[i];
    return NULL;
}

static bool crosses_block(struct absolute sccb, unsigned length)
{
    return (sccb.v & ~PAGE_MASK) + length > PAGE_BYTES;
}

/* Executes the command on a copy of the SCCB and stores the response; false when the SCCB has gone. */
static bool execute(struct machine *machine)
{
    struct sclp *sclp = machine->sclp;
    const struct command *command = find(sclp->command);
    uint8_t header[SCCB_HEADER], *sccb = header;
    unsigned length, stored;
    uint16_t response;
    bool done;

    if (storage_fetch(machine->storage, sclp->sccb, header, SCCB_HEADER, 0))
        return false;
    length = get_be16(header);
    if (!command) {
        response = RESPONSE_INVALID_COMMAND;
    } else if (crosses_block(sclp->sccb, length)
               && !(command->extended && sclp->features.extended_length_sccb)) {
        response = RESPONSE_BOUNDARY;
    } else if (length < command->least_length) {
        response = RESPONSE_SHORT;
    } else {
        sccb = machine_allocate(length);
        if (storage_fetch(machine->storage, sclp->sccb, sccb, length, 0)) {
            free(sccb);
            return false;
        }
        response = command->handler(machine, sccb, length, (uint8_t)(sclp->command >> RESOURCE_SHIFT));
    }
    put_be16(sccb + SCCB_RESPONSE, response);
    stored = sccb == header || get_be16(sccb) < SCCB_HEADER ? SCCB_HEADER : get_be16(sccb);
    done = !storage_store(machine->storage, sclp->sccb, sccb, stored < length ? stored : length, 0);
    if (sccb != header)
        free(sccb);
    return done;
}

static void complete(struct machine *machine, uint32_t subject, uint64_t argument)
{
    struct sclp *sclp = machine->sclp;

    if (!execute(machine))
        machine_log(machine, LOG_WARNING, "SCLP: SCCB at %#llx went offline during command %08x",
                    (unsigned long long)sclp->sccb.v, sclp->command);
    sclp->busy = false;
    machine_service_signal(machine, (uint32_t)sclp->sccb.v | (sclp_event_pending(sclp) ? 1 : 0));
}

const struct event_class sclp_completion_event = {"sclp.completion", complete};

/* The low bits of the service-signal parameter are flags; the others, an SCCB whose interruption is pending. */
static bool completion_pending(const struct machine *machine)
{
    return (machine->floating.pending & FLOATING_SERVICE_SIGNAL)
        && (machine->floating.service_parameter & ~7u);
}

static int call(struct machine *machine, uint32_t word, struct absolute sccb)
{
    struct sclp *sclp = machine->sclp;
    const struct command *command = find(word);
    uint8_t header[SCCB_HEADER];
    unsigned length;

    if ((sccb.v & 7) || sccb.v > 0x7fffffff || sccb.v < 2 * PAGE_BYTES)
        return -SPECIFICATION;
    if (storage_fetch(machine->storage, sccb, header, SCCB_HEADER, 0))
        return -ADDRESSING;
    length = get_be16(header);
    if (length < SCCB_HEADER)
        return -SPECIFICATION;
    if (crosses_block(sccb, length) && command && command->extended && sclp->features.extended_length_sccb
        && !storage_valid(machine->storage, sccb, length))
        return -ADDRESSING;
    if (sclp->busy || completion_pending(machine))
        return CC_BUSY;
    sclp->busy = true;
    sclp->command = word;
    sclp->sccb = sccb;
    event_schedule(machine, &sclp_completion_event, 0, 0,
                   machine->now + (command ? command->latency : 10) * TOD_MICROSECOND);
    return CC_ACCEPTED;
}

/* Part of subsystem reset. What was typed stays; what the program asked for goes. */
static void reset(struct machine *machine)
{
    struct sclp *sclp = machine->sclp;

    event_cancel(machine, &sclp_completion_event, 0);
    sclp->busy = false;
    sclp->receive_mask = sclp->send_mask = 0;
    sclp->quiesce = sclp->state_change = sclp->cpus_changed = sclp->capability_changed = false;
    sclp->control_program = (struct sclp_control_program){0};
    machine->floating.pending &= ~(uint32_t)FLOATING_SERVICE_SIGNAL;
    machine->floating.service_parameter = 0;
}

static void release(struct machine *machine)
{
    struct sclp *sclp = machine->sclp;

    if (!sclp)
        return;
    event_cancel(machine, &sclp_completion_event, 0);
    sclp_drop_commands(sclp);
    sclp_connect_line_mode(machine, NULL);
    sclp_connect_ascii(machine, NULL);
    free(sclp);
    machine->sclp = NULL;
    machine->service = (struct sclp_service){0};
}

bool sclp_create(struct machine *machine, const struct sclp_features *features)
{
    struct sclp *sclp = machine_allocate(sizeof *sclp);

    sclp->features = *features;
    sclp->last_command = &sclp->commands;
    machine->sclp = sclp;
    if (!sclp_storage_init(machine)) {
        free(sclp);
        machine->sclp = NULL;
        return false;
    }
    machine->service = (struct sclp_service){.call = call, .reset = reset, .release = release};
    return true;
}

struct sclp_features *sclp_features(struct machine *machine)
{
    return &machine->sclp->features;
}

void sclp_set_channel_paths(struct machine *machine, const struct sclp_channel_paths *paths)
{
    machine->sclp->paths = *paths;
    machine->sclp->have_paths = true;
}

const struct sclp_control_program *sclp_control_program(const struct machine *machine)
{
    return &machine->sclp->control_program;
}
