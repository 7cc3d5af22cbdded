/* SPDX-License-Identifier: MIT */
/* The canonical state of the service-call processor, field by field. */
#include <stdlib.h>

#include "channel/sclp_internal.h"

static void walk_events(struct state_walk *walk, struct sclp *s)
{
    STATE(walk, s, receive_mask);
    STATE(walk, s, send_mask);
    STATE(walk, s, quiesce);
    STATE(walk, s, state_change);
    STATE(walk, s, cpus_changed);
    STATE(walk, s, capability_changed);
}

enum { COMMANDS_LARGEST = UINT16_MAX, LEAST_COMMAND_BYTES = 30 };

/* Give the queue as many commands as the walk wants; new ones are empty until they are walked over. */
static void resize_queue(struct sclp *s, uint32_t count)
{
    if (count == s->command_count)
        return;
    sclp_drop_commands(s);
    while (s->command_count < count) {
        *s->last_command = machine_allocate(sizeof **s->last_command);
        s->last_command = &(*s->last_command)->next;
        s->command_count++;
    }
}

static void walk_commands(struct state_walk *walk, struct sclp *s)
{
    uint32_t count = s->command_count;

    state_count(walk, "commands", &count, COMMANDS_LARGEST, LEAST_COMMAND_BYTES);
    if (walk->restoring)
        resize_queue(s, count);
    for (struct operator_command *c = s->commands; c; c = c->next) {
        uint8_t bytes = (uint8_t)c->count;

        STATE(walk, c, priority);
        state_u8(walk, "count", &bytes);
        state_check(walk, bytes <= sizeof c->text, "a command is too long");
        c->count = bytes <= sizeof c->text ? bytes : sizeof c->text;
        state_bytes(walk, "text", c->text, c->count);
    }
}

static void walk_editor(struct state_walk *walk, struct line_editor *e)
{
    uint32_t count = e->count;

    state_count(walk, "edited", &count, sizeof e->text, 1);
    e->count = count;
    state_bytes(walk, "line", e->text, e->count);
    STATE(walk, e, escape);
    STATE(walk, e, after_return);
}

void sclp_state(struct machine *machine, struct state_walk *walk)
{
    struct sclp *s = machine->sclp;
    struct sclp_control_program *p = &s->control_program;

    state_group(walk, "sclp", 0);
    STATE(walk, s, busy);
    STATE(walk, s, command);
    state_u64(walk, "sccb", &s->sccb.v);
    walk_events(walk, s);
    walk_commands(walk, s);
    walk_editor(walk, &s->editor);
    for (unsigned i = 0; i < s->storage.elements; i++)
        state_bool(walk, "attached", &s->storage.attached[i]);
    state_bytes(walk, "control_program_type", p->type, sizeof p->type);
    state_bytes(walk, "control_program_name", p->name, sizeof p->name);
    state_bytes(walk, "control_program_sysplex", p->sysplex, sizeof p->sysplex);
    STATE(walk, p, level);
    p->type[sizeof p->type - 1] = p->name[sizeof p->name - 1] = p->sysplex[sizeof p->sysplex - 1] = 0;
    state_bytes(walk, "loadparm", s->features.loadparm, sizeof s->features.loadparm);
    s->features.loadparm[sizeof s->features.loadparm - 1] = 0;
}
