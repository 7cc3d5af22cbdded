/* SPDX-License-Identifier: MIT */
/** Composition of the rooms into a machine. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "channel/channel.h"
#include "channel/sclp.h"
#include "libsienna/alter.h"
#include "libsienna/cpu_model.h"
#include "libsienna/history.h"
#include "sie/sie.h"
#include "libsienna/internal.h"
#include "libsienna/operator.h"
#include "libsienna/plugged.h"
#include "libsienna/record.h"
#include "machine/input.h"

bool problem_set(char problem[SIENNA_PROBLEM_BYTES], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem, SIENNA_PROBLEM_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

/* TOD clock (bits 0-63) of the host's date: seconds since 1900 in units of 2^-12 µs. */
static uint64_t host_tod(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (2208988800ULL + (uint64_t)t.tv_sec) * TOD_SECOND + (uint64_t)t.tv_nsec * 4096 / 1000;
}

/* Ports of settings in the input log. */
enum { SETTING_CLOCK_SCALE = 1, SETTING_TERMINAL = 2 /* one for each console */, SETTING_SCHEDULE = 16 };

static bool check_options(const struct sienna_options *o, char *problem)
{
    if (o->cpus > SIENNA_MAX_CPUS || o->max_cpus > SIENNA_MAX_CPUS)
        return problem_set(problem, "a machine has 1 to %d CPUs", SIENNA_MAX_CPUS);
    if (o->max_cpus && o->max_cpus < (o->cpus ? o->cpus : 1))
        return problem_set(problem, "the greatest number of CPUs is smaller than the number configured");
    if (o->clock_scale > SIENNA_MAX_CLOCK_SCALE)
        return problem_set(problem, "the clock scale is at most %d", SIENNA_MAX_CLOCK_SCALE);
    if (o->loadparm && strlen(o->loadparm) > 8)
        return problem_set(problem, "the load parameter '%s' is longer than 8 characters", o->loadparm);
    return true;
}

static void set_identity(struct machine *m, const struct sienna_options *o)
{
    m->identity.serial = 0x012345;
    snprintf(m->identity.lpar_name, sizeof m->identity.lpar_name, "SIENNA");
    if (o->guest_name) {
        snprintf(m->identity.guest_name, sizeof m->identity.guest_name, "%s", o->guest_name);
        snprintf(m->identity.guest_extended_name, sizeof m->identity.guest_extended_name, "%s",
                 o->guest_extended_name ? o->guest_extended_name : o->guest_name);
        snprintf(m->identity.guest_control_program, sizeof m->identity.guest_control_program, "%s",
                 o->guest_control_program ? o->guest_control_program : "");
    }
    if (o->guest_uuid)
        memcpy(m->identity.guest_uuid, o->guest_uuid, sizeof m->identity.guest_uuid);
}

/* The schedule as the input log has it: a byte of flags and the seed. */
static void set_schedule(struct machine *m, const struct sienna_options *o)
{
    enum { SEEDED = 1, EXITS = 2, DELAYS = 4 };
    uint8_t setting[9] = {o->schedule_seeded ? (uint8_t)(SEEDED | (o->schedule_no_exits ? 0 : EXITS) |
                                                         (o->schedule_no_delays ? 0 : DELAYS)) : 0};

    put_be64(setting + 1, o->schedule_seeded ? o->schedule_seed : 0);
    input_setting(m, INPUT_SETTING, SETTING_SCHEDULE, setting, sizeof setting);
    if (setting[0] & SEEDED)
        cpus_seed(m->cpus, get_be64(setting + 1), setting[0] & EXITS, setting[0] & DELAYS);
}

static bool create_rooms(struct sienna *s, const struct sienna_options *o, char *problem)
{
    struct machine *m = &s->machine;
    uint64_t bytes = (o->storage_bytes ? o->storage_bytes : 1ULL << 30) + o->standby_bytes;
    unsigned cpus = o->cpus ? o->cpus : 1;
    uint8_t scale = o->clock_scale ? (uint8_t)o->clock_scale : 1;
    struct facility_list facilities;
    struct sclp_features features = {.standby_bytes = o->standby_bytes, .extended_length_sccb = true,
                                     .core_type_valid = true, .diag_318 = true,
                                     .hmfai = 0x08000000 /* bits 176–191 of doubleword 2 */};

    if (!cpu_model_parse(o->cpu_model, &facilities, &features, &m->identity.type, problem))
        return false;
    m->storage = storage_create(m, bytes);
    if (!m->storage)
        return problem_set(problem, "the host cannot give %llu MiB of memory for the machine's storage",
                           (unsigned long long)(bytes >> 20));
    cpus_create(m, o->max_cpus ? o->max_cpus : cpus, cpus, &facilities);
    input_setting(m, INPUT_SETTING, SETTING_CLOCK_SCALE, &scale, sizeof scale);
    cpus_set_cycle(m->cpus, scale);
    set_schedule(m, o);
    m->guest_adapters.available = features.aiv;
    if (features.sief2) {
        cpu_model_blocking(&facilities, m->identity.type, m->cpus);
        if (features.blocking)
            features.ibc = (uint32_t)m->cpus->lowest_ibc << 16 | m->cpus->own_ibc;
    }
    m->cpus->storage_key_facility = features.skey;
    m->cpus->sie = features.sief2 ? &sie_interpretation : NULL;
    m->cpus->single_blocks = o->test_single_blocks;
    m->cpus->debug_slow = o->test_slow_handlers;
    m->cpus->forgetful = o->test_forgetful;
    channel_create(m);
    if (o->loadparm)
        snprintf(features.loadparm, sizeof features.loadparm, "%s", o->loadparm);
    if (!sclp_create(m, &features))
        return problem_set(problem, "standby storage must be a multiple of 1 MiB");
    sclp_use_channel_subsystem(m);
    m->configuration.operator_message = machine_show_message;
    return true;
}

struct sienna *sienna_create(const struct sienna_options *o, char problem[SIENNA_PROBLEM_BYTES])
{
    struct sienna *s;
    uint64_t tod;

    if (!check_options(o, problem))
        return NULL;
    s = machine_allocate(sizeof *s);
    machine_init(&s->machine);
    s->machine.log_sink = (void (*)(void *, enum log_level, const char *))o->log;
    s->machine.log_context = o->log_context;
    s->machine.log_limit = (enum log_level)o->log_level;
    s->no_reboot = o->no_reboot;
    record_begin(s, o);
    tod = o->start_tod ? o->start_tod : host_tod();
    input_setting(&s->machine, INPUT_START_DATE, 0, &tod, sizeof tod);
    s->machine.tod_base = tod;
    set_identity(&s->machine, o);
    if (!create_rooms(s, o, problem)) {
        sienna_release(s);
        return NULL;
    }
    operator_register(s);
    alter_register_sinks(s);
    return s;
}

void sienna_release(struct sienna *s)
{
    if (!s)
        return;
    history_release(s);
    stop_conditions_release(s);
    if (s->machine.io.release)
        s->machine.io.release(&s->machine);
    if (s->machine.service.release)
        s->machine.service.release(&s->machine);
    plugged_forget(s, NULL);
    networks_release(s);
    for (unsigned i = 0; i < SIENNA_CONSOLE_KINDS; i++)
        if (s->consoles[i].open)
            console_release(&s->consoles[i].console);
    if (s->tracking)
        storage_track_end(&s->track);
    cpus_release(s->machine.cpus);
    storage_release(s->machine.storage);
    input_release(&s->machine);
    machine_release(&s->machine);
    free(s->boot_program);
    free(s->kernel);
    free(s->initrd);
    free(s->command_line);
    for (unsigned i = 0; i < s->image_count; i++)
        free(s->images[i].file);
    free(s);
}

static void take(char **slot, const char *text)
{
    free(*slot);
    *slot = text ? strdup(text) : NULL;
}

bool sienna_load(struct sienna *s, const struct sienna_program *program, char problem[SIENNA_PROBLEM_BYTES])
{
    if (!program->kernel && !program->image_count)
        return problem_set(problem, "there is no program to load");
    if (program->image_count > SIENNA_MAX_IMAGES)
        return problem_set(problem, "at most %d raw images can be loaded", SIENNA_MAX_IMAGES);
    for (unsigned i = 0; i < program->image_count || i < s->image_count; i++) {
        bool wanted = i < program->image_count;

        take(&s->images[i].file, wanted ? program->images[i].file : NULL);
        s->images[i].address = wanted ? program->images[i].address : 0;
        s->images[i].start = wanted && program->images[i].start;
    }
    s->image_count = program->image_count;
    take(&s->kernel, program->kernel);
    take(&s->initrd, program->initrd);
    take(&s->command_line, program->command_line);
    return program_load(s, problem);
}

void sienna_boot_program(struct sienna *s, const char *file) { take(&s->boot_program, file); }

struct sienna_console *sienna_console_open(struct sienna *s, enum sienna_console_kind kind, bool terminal,
                                           void (*write)(void *context, const uint8_t *bytes, size_t count),
                                           void *context)
{
    static const char *const names[] = {"sclp-line", "sclp-ascii", "virtio"};
    struct sienna_console *c = &s->consoles[kind];
    uint8_t echo = terminal;

    console_init(&c->console, &s->machine, names[kind], kind);
    input_setting(&s->machine, INPUT_SETTING, SETTING_TERMINAL + kind, &echo, sizeof echo);
    c->console.terminal = echo;
    c->console.write = write;
    c->console.host = context;
    c->sienna = s;
    c->open = true;
    if (kind == SIENNA_CONSOLE_LINE_MODE)
        sclp_connect_line_mode(&s->machine, &c->console);
    else if (kind == SIENNA_CONSOLE_ASCII)
        sclp_connect_ascii(&s->machine, &c->console);
    return c;
}

void sienna_console_type(struct sienna_console *c, const void *bytes, size_t count)
{
    console_offer(&c->console, bytes, count);
}

size_t sienna_console_room(const struct sienna_console *c)
{
    return console_room(&c->console);
}

enum sienna_outcome machine_outcome(struct sienna *s, enum cpus_outcome outcome)
{
    if (s->machine.end == MACHINE_POWER_OFF && s->operator_stopped)
        s->machine.end = MACHINE_STOPPED;
    if (s->machine.end)
        return SIENNA_ENDED;
    return outcome == CPUS_IDLE ? SIENNA_IDLE : outcome == CPUS_STOPPED ? SIENNA_STOPPED : SIENNA_RAN;
}

uint64_t sienna_now(const struct sienna *s) { return s->machine.now; }
uint64_t sienna_next_event(const struct sienna *s) { return cpus_next_event(&s->machine); }
void sienna_skip_to(struct sienna *s, uint64_t time) { cpus_skip_to(&s->machine, time); }
bool sienna_input_waiting(const struct sienna *s) { return input_waiting(&s->machine); }
uint64_t sienna_service_calls(const struct sienna *s) { return s->machine.service_calls; }
uint64_t sienna_instructions(const struct sienna *s)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < s->machine.cpus->count; i++)
        sum += s->machine.cpus->cpu[i]->instructions;
    return sum;
}

void sienna_quit(struct sienna *s) { s->machine.end = MACHINE_QUIT; }
void sienna_give_up(struct sienna *s) { s->machine.end = MACHINE_IDLE; }
