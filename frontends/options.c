/* SPDX-License-Identifier: MIT */
#include "options.h"
#include "trace/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *out, char *problem)
{
    char *end;

    *out = strtoull(text, &end, 0);
    if (!*text || *end || *text == '-' || *out < least || *out > most)
        return option_problem(problem, "%s %s: say a number from %llu to %llu", option, text,
                              (unsigned long long)least, (unsigned long long)most);
    return true;
}

static bool storage_size(const char *option, const char *text, uint64_t *bytes, char *problem)
{
    if (!option_size(text, 1 << 20, bytes) || *bytes < 1 << 20 || *bytes >> 44 || *bytes % (1 << 20))
        return option_problem(problem, "%s %s: say a size in whole MiB such as 512M or 2G", option, text);
    return true;
}

static bool take_memory(struct command *c, const char *option, const char *value, char *problem)
{
    struct option_list list;
    const char *size, *most;
    uint64_t greatest;
    bool ok;

    if (!option_list_parse(&list, value, option, problem))
        return false;
    size = *list.head ? list.head : option_list_take(&list, "size");
    most = option_list_take(&list, "maxmem");
    option_list_take(&list, "slots");
    ok = storage_size(option, size ? size : "", &c->machine.storage_bytes, problem);
    if (ok && list.count)
        ok = option_problem(problem, "-m has no setting '%s'; it has size and maxmem", list.settings[0].key);
    if (ok && most) {
        ok = storage_size("-m maxmem", most, &greatest, problem);
        if (ok && greatest < c->machine.storage_bytes)
            ok = option_problem(problem, "-m %s: maxmem is smaller than the storage itself", value);
        if (ok)
            c->machine.standby_bytes = greatest - c->machine.storage_bytes;
    }
    free(list.text);
    return ok;
}

static bool take_cpus(struct command *c, const char *option, const char *value, char *problem)
{
    struct option_list list;
    const char *cpus, *most;
    uint64_t n, greatest = 0;
    bool ok;

    if (!option_list_parse(&list, value, option, problem))
        return false;
    cpus = *list.head ? list.head : option_list_take(&list, "cpus");
    most = option_list_take(&list, "maxcpus");
    ok = number(option, cpus ? cpus : "1", 1, SIENNA_MAX_CPUS, &n, problem) &&
         (!most || number("-smp maxcpus", most, 1, SIENNA_MAX_CPUS, &greatest, problem)) &&
         option_topology(&list, &n, cpus != NULL, greatest, problem);
    if (ok && list.count)
        ok = option_problem(problem, "-smp has no setting '%s'; it has cpus and maxcpus", list.settings[0].key);
    if (ok && most && greatest < n)
        ok = option_problem(problem, "-smp maxcpus=%s: that is fewer than the %llu CPUs at start", most,
                            (unsigned long long)n);
    c->machine.cpus = (unsigned)n;
    c->machine.max_cpus = (unsigned)greatest;
    free(list.text);
    return ok;
}

static bool take_kernel(struct command *c, const char *option, const char *value, char *problem)
{
    c->program.kernel = value;
    return true;
}
static bool take_initrd(struct command *c, const char *option, const char *value, char *problem)
{
    c->program.initrd = value;
    return true;
}
static bool take_append(struct command *c, const char *option, const char *value, char *problem)
{
    c->program.command_line = value;
    return true;
}

static bool take_backend(struct command *c, const char *option, const char *value, char *problem)
{
    struct backend *b = &c->backends[c->backend_count];

    if (c->backend_count == MAX_BACKENDS)
        return option_problem(problem, "%s: more than %d of them", option, MAX_BACKENDS);
    b->option = option;
    c->backend_count++;
    return option_list_parse(&b->list, value, option, problem);
}

static bool take_disk(struct command *c, const char *option, const char *value, char *problem)
{
    char text[4200];

    if (strlen(value) > 4096)
        return option_problem(problem, "%s: the path is too long", option);
    snprintf(text, sizeof text, "file=%s,if=virtio", value);
    return take_backend(c, "-drive", text, problem);
}

static bool take_device(struct command *c, const char *option, const char *value, char *problem)
{
    if (!strcmp(value, "help") || !strcmp(value, "?")) {
        c->list = "devices";
        return true;
    }
    if (c->device_count == MAX_DEVICES)
        return option_problem(problem, "more than %d -device", MAX_DEVICES);
    if (!option_list_parse(&c->devices[c->device_count++], value, option, problem))
        return false;
    if (option_list_get(&c->devices[c->device_count - 1], "help")) {
        c->list = "devices";
        c->list_type = c->devices[c->device_count - 1].head;
    }
    return true;
}

static bool take_serial(struct command *c, const char *option, const char *value, char *problem)
{
    if (c->serial_count == MAX_SERIALS)
        return option_problem(problem, "more than %d -serial", MAX_SERIALS);
    c->serials[c->serial_count++] = value;
    return true;
}

static bool take_monitor(struct command *c, const char *option, const char *value, char *problem)
{
    if (!strcmp(value, "none"))
        return true;
    if (!strcmp(value, "help") || !strcmp(value, "?")) {
        c->list = "monitor";
        return true;
    }
    if (c->monitor_count == MAX_MONITORS)
        return option_problem(problem, "more than %d %s", MAX_MONITORS, option);
    c->monitors[c->monitor_count++] = value;
    return true;
}

static bool take_clock_scale(struct command *c, const char *option, const char *value, char *problem)
{
    uint64_t scale;

    if (!number(option, value, 1, SIENNA_MAX_CLOCK_SCALE, &scale, problem))
        return false;
    c->machine.clock_scale = (unsigned)scale;
    return true;
}

static bool take_schedule(struct command *c, const char *option, const char *value, char *problem)
{
    struct option_list list;
    const char *seed, *exits, *delays;
    bool ok;

    if (!option_list_parse(&list, value, option, problem))
        return false;
    seed = option_list_take(&list, "seed");
    exits = option_list_take(&list, "exits");
    delays = option_list_take(&list, "delays");
    ok = number("-sched seed", seed ? seed : "", 0, UINT64_MAX, &c->machine.schedule_seed, problem);
    if (ok && (*list.head || list.count))
        ok = option_problem(problem, "-sched has no setting '%s'; it has seed, exits and delays",
                            *list.head ? list.head : list.settings[0].key);
    if (ok && ((exits && strcmp(exits, "on") && strcmp(exits, "off")) ||
               (delays && strcmp(delays, "on") && strcmp(delays, "off"))))
        ok = option_problem(problem, "-sched %s: exits and delays are on or off", value);
    c->machine.schedule_seeded = true;
    c->machine.schedule_no_exits = exits && !strcmp(exits, "off");
    c->machine.schedule_no_delays = delays && !strcmp(delays, "off");
    free(list.text);
    return ok;
}

static bool take_machine(struct command *c, const char *option, const char *value, char *problem)
{
    struct option_list list;
    static const char *const ignored[] = {"type", "graphics", "usb", "dump-guest-core", "mem-merge"};
    const char *loadparm, *accelerators;
    bool ok = true;

    if (!strcmp(value, "help") || !strcmp(value, "?")) {
        c->list = "machines";
        return true;
    }
    if (!option_list_parse(&list, value, option, problem))
        return false;
    loadparm = option_list_take(&list, "loadparm");
    if (loadparm)
        c->machine.loadparm = strdup(loadparm);
    for (unsigned i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        option_list_take(&list, ignored[i]);
    accelerators = option_list_take(&list, "accel");
    if (accelerators && !option_accelerators("-machine accel", accelerators, problem))
        ok = false;
    else if (*list.head && strncmp(list.head, "s390-ccw-virtio", 15) && strcmp(list.head, "sienna"))
        ok = option_problem(problem, "%s %s: the machine type is 's390-ccw-virtio'", option, list.head);
    else if (list.count)
        ok = option_problem(problem, "%s has no setting '%s'; it has loadparm and accel", option, list.settings[0].key);
    free(list.text);
    return ok;
}

static bool take_cpu(struct command *c, const char *option, const char *value, char *problem)
{
    if (!strcmp(value, "help") || !strcmp(value, "?"))
        c->list = "cpus";
    c->machine.cpu_model = value;
    return true;
}

static bool take_name(struct command *c, const char *option, const char *value, char *problem)
{
    const char *guest;

    free(c->name.text);
    c->name = (struct option_list){0};
    if (!option_list_parse(&c->name, value, option, problem))
        return false;
    guest = option_list_get(&c->name, "guest");
    c->machine.guest_name = guest ? guest : c->name.head;
    c->machine.guest_extended_name = option_list_get(&c->name, "extended");
    c->machine.guest_control_program = option_list_get(&c->name, "cpi");
    if (!*c->machine.guest_name)
        return option_problem(problem, "%s %s: say a name", option, value);
    return true;
}

static bool take_ipl(struct command *c, const char *option, const char *value, char *problem)
{
    const char *digits = strrchr(value, '.') ? strrchr(value, '.') + 1 : value;
    char *end;
    unsigned long devno = strtoul(digits, &end, 16);

    if (!*digits || *end || devno > 0xffff)
        return option_problem(problem, "%s %s: say a device number such as 0.0.000c", option, value);
    c->ipl = (int)devno;
    return true;
}

static bool take_bios(struct command *c, const char *option, const char *value, char *problem)
{
    c->bios = value;
    return true;
}

static bool take_dump(struct command *c, const char *option, const char *value, char *problem)
{
    c->dump = value;
    return true;
}

static bool take_history(struct command *c, const char *option, const char *value, char *problem)
{
    if (!option_size(strncmp(value, "memory=", 7) ? value : value + 7, 1 << 20, &c->history) || c->history < 16 << 20)
        return option_problem(problem, "%s %s: say how much host memory the past may take, such as 1G, at least 16M",
                              option, value);
    return true;
}

static bool take_record(struct command *c, const char *option, const char *value, char *problem)
{
    c->record = value;
    return true;
}

static bool take_uuid(struct command *c, const char *option, const char *value, char *problem)
{
    unsigned digits = 0;

    for (const char *at = value; *at; at++) {
        const char *hex = "0123456789abcdef", *d = strchr(hex, *at | 0x20);

        if (*at == '-')
            continue;
        if (!d || digits == 32)
            return option_problem(problem, "%s %s: say 32 hexadecimal digits, with or without hyphens", option, value);
        c->uuid[digits / 2] = (uint8_t)(c->uuid[digits / 2] << 4 | (d - hex));
        digits++;
    }
    if (digits != 32)
        return option_problem(problem, "%s %s: say 32 hexadecimal digits, with or without hyphens", option, value);
    c->machine.guest_uuid = c->uuid;
    return true;
}

/* TOD clock of a date in UTC. */
static bool take_clock(struct command *c, const char *option, const char *value, char *problem)
{
    struct tm t = {0};
    const char *base = strncmp(value, "base=", 5) ? value : value + 5, *end;
    time_t seconds;

    if (!strcmp(base, "utc") || !strcmp(base, "localtime"))
        return true;
    end = strptime(base, "%Y-%m-%dT%H:%M:%S", &t);
    if (!end)
        end = strptime(base, "%Y-%m-%d", &t);
    if (!end || *end)
        return option_problem(problem, "%s %s: say base=utc or base=2026-11-21T06:00:00", option, value);
    seconds = timegm(&t);
    if (seconds < -2208988800LL + 86400 || seconds > 2360000000LL)
        return option_problem(problem, "%s %s: the TOD clock counts from 1900 to 2042", option, value);
    c->machine.start_tod = (uint64_t)(seconds + 2208988800LL) * SIENNA_SECOND;
    return true;
}

static bool take_gdb(struct command *c, const char *option, const char *value, char *problem)
{
    const char *stream = value ? value : "tcp::1234";

    if (c->gdb && strcmp(stream, "none"))
        return option_problem(problem, "%s: gdb is waited for on one stream, and that is %s", option, c->gdb);
    if (!strncmp(stream, "file:", 5) || !strcmp(stream, "null"))
        return option_problem(problem, "%s %s: nobody could answer there; say tcp::PORT, unix:PATH, pty or stdio",
                              option, stream);
    c->gdb = strcmp(stream, "none") ? stream : NULL;
    return true;
}

static bool take_limit(struct command *c, const char *option, const char *value, char *problem)
{
    uint64_t milliseconds;

    if (!number(option, value, 1, 1ULL << 40, &milliseconds, problem))
        return false;
    c->limit = milliseconds * (SIENNA_SECOND / 1000);
    return true;
}

static bool take_idle_limit(struct command *c, const char *option, const char *value, char *problem)
{
    uint64_t seconds;

    if (!number(option, value, 0, 1ULL << 30, &seconds, problem))
        return false;
    c->idle_limit = seconds * 1000000000ULL;
    return true;
}

static bool take_load_state(struct command *c, const char *option, const char *value, char *problem)
{
    c->load_state = value;
    return true;
}

static bool take_snapshot_every(struct command *c, const char *option, const char *value, char *problem)
{
    uint64_t seconds;

    if (!number(option, value, 1, 1 << 20, &seconds, problem))
        return false;
    c->snapshot_every = seconds * SIENNA_SECOND;
    return true;
}

static bool take_test(struct command *c, const char *option, const char *value, char *problem)
{
    if (!strcmp(value, "single-blocks"))
        c->machine.test_single_blocks = true;
    else if (!strcmp(value, "slow-handlers"))
        c->machine.test_slow_handlers = true;
    else if (!strcmp(value, "forgetful"))
        c->machine.test_forgetful = true;
    else
        return option_problem(problem, "%s %s: say single-blocks, slow-handlers or forgetful", option, value);
    return true;
}

static bool take_trace(struct command *c, const char *option, const char *value, char *problem)
{
    struct trace_options ignored;

    if (!strcmp(value, "sie"))
        return c->trace_sie = true;
    if (c->trace)
        return option_problem(problem, "%s: one trace file is enough; '%s' was named already", option, c->trace);
    c->trace = value;
    return trace_options_parse(&ignored, value, problem);
}

static bool take_flag(struct command *c, const char *option, const char *value, char *problem)
{
    static const struct {
        const char *option;
        size_t offset;
    } flags[] = {
        {"-S", offsetof(struct command, stopped)},
        {"-nodefaults", offsetof(struct command, no_defaults)}, {"-snapshot", offsetof(struct command, snapshot)},
        {"-no-reboot", offsetof(struct command, no_reboot)},
        {"-digest", offsetof(struct command, digest)},        {"-quiet", offsetof(struct command, quiet)},            {"-help", offsetof(struct command, help)},
        {"-h", offsetof(struct command, help)},                 {"-version", offsetof(struct command, version)},
    };

    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (!strcmp(flags[i].option, option))
            *(bool *)((char *)c + flags[i].offset) = true;
    return true;
}

static const struct option {
    const char *name, *value;  /**< value NULL: takes none */
    option_function *take;
    const char *help;
} table[] = {
    {"-m", "SIZE[,maxmem=SIZE]", take_memory, "main storage (MiB, or with k, M, G); maxmem adds standby storage"},
    {"-smp", "N[,maxcpus=N]", take_cpus, "CPUs configured at start, and CPUs that exist (1-64)"},
    {"-kernel", "FILE", take_kernel, "Linux image, ELF file or .ins list to start (raw images: -device loader,file=F,addr=A,cpu-num=0)"},
    {"-initrd", "FILE", take_initrd, "initial RAM disk"},
    {"-ipl", "DEVNO", take_ipl,
     "load from this device (a reader) by its channel program instead; or bootindex=N at a -device"},
    {"-bios", "FILE", take_bios, "boot program that reads a disk when no -kernel is named (QEMU's s390-ccw.img)"},
    {"-dump", "FILE", take_dump, "write storage and registers of a guest that dies to an ELF core file"},
    {"-record", "FILE", take_record, "record the run, with all that a replay needs (sienna replay FILE)"},
    {"-history", "SIZE", take_history, "keep the past in so much host memory: the monitor and gdb can go back"},
    {"-append", "TEXT", take_append, "kernel command line"},
    {"-drive", "file=FILE[,if=virtio|none][,id=ID][,readonly=on][,snapshot=on]", take_backend, "a disk image"},
    {"-hda", "FILE", take_disk, "short for -drive file=FILE,if=virtio"},
    {"-nic", "user[,hostfwd=tcp::2222-:22][,mac=…] or none", take_backend, "an adapter on a user-mode network"},
    {"-netdev", "user,id=ID[,hostfwd=…]", take_backend, "a network for -device virtio-net-ccw,netdev=ID"},
    {"-fsdev", "local,id=ID,path=FOLDER[,readonly=on]", take_backend, "a folder for -device virtio-9p-ccw,fsdev=ID"},
    {"-chardev", "BACKEND,id=ID[,…]", take_backend, "a byte stream for -device sclpconsole,chardev=ID"},
    {"-net", "nic|user|none[,…]", take_backend, "the old spelling: -net nic -net user is -nic user"},
    {"-object", "rng-builtin,id=ID", take_backend, "accepted for -device virtio-rng-ccw,rng=ID"},
    {"-device", "TYPE[,KEY=VALUE…]", take_device, "a device; -device help lists the types"},
    {"-serial", "STREAM", take_serial, "first: the ASCII console; second: the line-mode console"},
    {"-monitor", "[json:]STREAM", take_monitor, "a monitor, with json: for programs; -monitor help lists its commands"},
    {"-mon", "chardev=ID", take_backend, "a monitor on a stream of -chardev; if that is a console's, behind C-a c"},
    {"-gdb", "STREAM", take_gdb, "wait for gdb on tcp:[HOST]:PORT, unix:PATH, pty or stdio"},
    {"-s", NULL, take_gdb, "short for -gdb tcp::1234"},
    {"-S", NULL, take_flag, "begin stopped: gdb or the monitor starts the machine"},
    {"-machine", "TYPE[,loadparm=TEXT]", take_machine, "machine type; -machine help"},
    {"-M", "TYPE", take_machine, "short for -machine"},
    {"-cpu", "MODEL[,FEATURE=on|off…]", take_cpu, "CPU model; -cpu help lists models and features"},
    {"-accel", "tcg|kvm", take_accelerator, "accepted for harnesses"},
    {"-enable-kvm", NULL, take_nothing, "accepted for harnesses"},
    {"-no-user-config", NULL, take_nothing, "accepted for harnesses"},
    {"-action", "reboot=shutdown|reset[,panic=…][,shutdown=…]", take_action, "reboot=shutdown is -no-reboot"},
    {"-name", "NAME[,extended=TEXT][,cpi=TEXT]", take_name,
     "make the machine a guest of a control program (cpi=KVM/Linux) with this name (STSI level 3)"},
    {"-uuid", "UUID", take_uuid, "its UUID"},
    {"-rtc", "base=utc|DATE", take_clock, "the date at start; default: the host's"},
    {"-clock-scale", "N", take_clock_scale, "make the modelled clock N times slower than 4.096 GHz (1-100)"},
    {"-sched", "seed=N[,exits=off][,delays=off]", take_schedule,
     "another interleaving of the CPUs, guests left without need, CPUs delayed: the same each time for the same seed"},
    {"-limit", "MS", take_limit, "end after so many milliseconds of virtual time (exit code 3)"},
    {"-idle-limit", "S", take_idle_limit, "end a machine that nothing can wake after S seconds (default: at once)"},
    {"-trace", "FILE[,KEY=VALUE…]|sie", take_trace,
     "write what the machine does to FILE, for sienna trace; sie: a line for each SIE entry and exit, to stderr"},
    {"-test", "single-blocks|slow-handlers|forgetful", take_test, "for tests: another way to execute, same digest"},
    {"-display", "none", take_none, "accepted for harnesses"},
    {"-vga", "none", take_none, "accepted for harnesses"},
    {"-parallel", "none", take_none, "accepted for harnesses"},
    {"-nographic", NULL, take_flag, "consoles on standard input and output (the default)"},
    {"-nodefaults", NULL, take_flag, "no consoles but those named"},
    {"-snapshot", NULL, take_flag, "writes to disks vanish with the machine"},
    {"-loadvm", "FILE", take_load_state, "begin with the state that savevm wrote (same options, disks with -snapshot)"},
    {"-snapshot-every", "S", take_snapshot_every, "keep a snapshot in memory every S seconds of virtual time"},
    {"-no-reboot", NULL, take_flag, "end instead of loading again"},
    {"-digest", NULL, take_flag, "print a digest of the machine's state at the end"},
    {"-quiet", NULL, take_flag, "no closing message when all went well"},
    {"-version", NULL, take_flag, "version"},
    {"-help", NULL, take_flag, "this list"},
    {"-h", NULL, take_flag, "this list"},
};
enum { OPTIONS = sizeof table / sizeof table[0] };

void options_help(void)
{
    for (unsigned i = 0; i < OPTIONS; i++)
        printf("  %s%s%s\n      %s\n", table[i].name, table[i].value ? " " : "",
               table[i].value ? table[i].value : "", table[i].help);
}

static const struct option *find(const char *name)
{
    if (name[0] == '-' && name[1] == '-')
        name++;
    for (unsigned i = 0; i < OPTIONS; i++)
        if (!strcmp(table[i].name, name))
            return &table[i];
    return NULL;
}

bool options_parse(struct command *c, int argc, char **argv, char problem[SIENNA_PROBLEM_BYTES])
{
    *c = (struct command){.machine.log_level = 1, .ipl = SIENNA_BOOT_DEVICE};
    for (int i = 1; i < argc; i++) {
        const struct option *o = find(argv[i]);

        if (!o)
            return option_problem(problem, "there is no option '%s' (see sienna -help)", argv[i]);
        if (o->value && i + 1 == argc)
            return option_problem(problem, "%s needs a value: %s", o->name, o->value);
        if (o->value && options_list(o->name) && (!strcmp(argv[i + 1], "help") || !strcmp(argv[i + 1], "?"))) {
            c->list = o->name;
            i++;
        } else if (!o->take(c, o->name, o->value ? argv[++i] : NULL, problem)) {
            return false;
        }
    }
    return true;
}

bool options_takes_value(const char *name)
{
    const struct option *o = find(name);

    return o && o->value;
}

bool options_boot_device(const struct command *c)
{
    for (unsigned i = 0; i < c->device_count; i++)
        if (option_list_get(&c->devices[i], "bootindex"))
            return true;
    return false;
}

void options_release(struct command *c)
{
    for (unsigned i = 0; i < c->device_count; i++)
        free(c->devices[i].text);
    for (unsigned i = 0; i < c->backend_count; i++)
        free(c->backends[i].list.text);
    free((char *)(uintptr_t)c->machine.loadparm);
    free(c->name.text);
}
