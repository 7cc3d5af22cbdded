/* SPDX-License-Identifier: MIT */
/** The monitor's commands, sessions and line editing, and a machine that runs under it. */
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "host_run.h"
#include "monitor_internal.h"
#include "unit/machine_fixture.h"

enum { CPUS = 2 };

/* lghi 3,1; loop: aghi 3,7; stg 3,0x800; j loop */
static const uint8_t busy[] = {0xa7, 0x39, 0, 1, 0xa7, 0x3b, 0, 7, 0xe3, 0x30, 8, 0, 0, 0x24, 0xa7, 0xf4,
                               0xff, 0xfb};
/* larl 1,.+16; lpswe 0(1): a disabled wait at 0xbad */
static const uint8_t dying[] = {0xc0, 0x10, 0, 0, 0, 8, 0xb2, 0xb2, 0x10, 0, [16] = 0, 2, 0, 1, 0x80,
                                [30] = 0x0b, 0xad};

static struct monitor *m;
static bool machine_stopped;
static unsigned quits, changes, returns;
static struct host_snapshots snapshots;

static void set_stopped(void *context, bool stopped) { machine_stopped = stopped; }
static bool is_stopped(const void *context) { return machine_stopped; }
static void quit(void *context) { quits++; }
static uint64_t lag(const void *context) { return 12345678; }
static uint64_t limit(const void *context) { return UINT64_MAX; }
static void devices_changed(void *context) { changes++; }
static void went_back(void *context) { returns++; }

static void start(const void *code, size_t bytes)
{
    const struct sienna_options options = {.storage_bytes = 4 << 20, .cpus = CPUS,
                                           .start_tod = 0xd000000000000000};
    const struct monitor_host host = {NULL, set_stopped, is_stopped, quit, lag, limit, devices_changed,
                                      went_back, &snapshots};
    uint8_t whole[4096] = {0};
    const char *image;

    make_folder("monitor");
    image = file_in_folder("image");
    memcpy(whole, code, bytes);
    write_file(image, whole, sizeof whole);
    s = create_machine(&options);
    load_image(s, image);
    machine_stopped = true;
    quits = changes = returns = 0;
    snapshots = (struct host_snapshots){.sienna = s};
    m = monitor_create(s, &host);
}

static void start_busy(void) { start(busy, sizeof busy); }
static void start_dying(void) { start(dying, sizeof dying); }

static void end(void)
{
    monitor_release(m);
    host_snapshots_release(&snapshots);
    sienna_release(s);
    remove_folder();
}

/* The value of a command line; NULL with the complaint in `problem`. */
static json_t *perform(const char *line)
{
    const struct monitor_command *command;
    static unsigned cpu;

    problem[0] = 0;
    return monitor_perform_text(m, &cpu, line, &command, problem);
}

static json_t *value_of(const char *line)
{
    json_t *value = perform(line);

    ck_assert_msg(value != NULL, "%s: %s", line, problem);
    return value;
}

/* The member at a path such as "steps.0.entry" of a command's value. */
static void gives(const char *line, const char *path, const char *expected)
{
    json_t *whole = value_of(line), *at = whole;
    char copy[128], *rest = NULL, number[32];
    const char *text;

    snprintf(copy, sizeof copy, "%s", path);
    for (char *word = strtok_r(copy, ".", &rest); word; word = strtok_r(NULL, ".", &rest))
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(word)) : json_object_get(at, word);
    text = json_string_value(at);
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(at));
    if (!text)
        text = json_is_boolean(at) ? (json_is_true(at) ? "yes" : "no") : at ? number : "absent";
    ck_assert_msg(!strcmp(text, expected), "%s: %s is %s, not %s", line, path, text, expected);
    json_decref(whole);
}

START_TEST(commands_tell)
{
    gives("status", "state", "stopped");
    gives("status", "lag_milliseconds", "12");
    gives("status", "storage_mebibytes", "4");
    gives("status", "date", "2015-12-15T13:24:57Z");
    gives("r", "psw", "00000001800000000000000000010000");
    gives("cpus", "cpus.0.state", "operating");
    gives("cpus", "cpus.1.state", "stopped");
    gives("disassemble", "lines.0.text", "lghi %r3,1");
    gives("d %psw+4 1", "lines.0.text", "aghi %r3,7");
    gives("step 2", "executed", "2");
    gives("registers general", "gr.3", "0000000000000008");
    gives("set r3 0x1000", "r3", "0000000000001000");
    gives("step count=1", "next", "j 0x10004");
    gives("storage 800 8", "lines.0.bytes", "0000000000001000");
    gives("storage absolute:7fe 4", "lines.0.bytes", "00000000");
    gives("storage real:%gr3-800 count=8", "lines.0.bytes", "0000000000001000");
    gives("write space=real address=800 bytes=0102ff", "written", "3");
    gives("x 800 3 r", "lines.0.bytes", "0102ff");
    gives("set psw 00000001800000000000000000010004", "psw", "00000001800000000000000000010004");
    gives("registers cpu=1 set=timers", "cpu", "1");
    gives("set-key 2000 36", "key", "36");
    gives("keys 1000 2", "keys.1.access", "3");
    gives("keys 2fff", "keys.0.changed", "yes");
    gives("pending", "pending.0.condition", "clock comparator");
    gives("walk 2000", "translation", "no");
    gives("tlb %psw", "entries.0.absolute", "10000");
    gives("exits", "exits.0", "absent");
    gives("why-exit 1", "cpu", "1");
    gives("cpu 1", "cpu", "1");
    gives("registers", "cpu", "1");
    gives("step 1", "note", "this CPU executes nothing now");
    gives("step 3 any", "executed", "3");
    gives("cpu 0", "cpu", "0");
}
END_TEST

START_TEST(walks_are_told_step_by_step)
{
    /* Segment 1's page table at 0x204000; its page 2 at 0x30000, protected. */
    json_decref(value_of("write 200008 0000000000204000"));
    json_decref(value_of("write 204010 0000000000030200"));
    json_decref(value_of("set cr1 200000"));
    gives("walk 102345 primary", "designates", "segment");
    gives("walk 102345 primary", "steps.0.table", "segment");
    gives("walk 102345 primary", "steps.0.index", "1");
    gives("walk 102345 primary", "steps.0.entry_at", "200008");
    gives("walk 102345 primary", "steps.1.table", "page");
    gives("walk 102345 primary", "steps.1.entry", "0000000000030200");
    gives("walk 102345 primary", "steps.1.says", "protected");
    gives("walk primary:102345", "absolute", "30345");
    gives("walk primary:102345", "protected", "yes");
    gives("walk primary:40000000", "exception", "0010 segment translation");
    gives("walk primary:80000000", "exception", "0038 ASCE type");
}
END_TEST

/* A guest at host logical 0x100000, one page of it at 0x30000 and its page table's page missing. */
static void enter_guest(void)
{
    json_decref(value_of("write 200008 0000000000204000")); /* host: segment 1, pages 0 and 2 */
    json_decref(value_of("write 204000 00000000000300000000000000000400"));
    json_decref(value_of("write 204010 0000000000031200"));
    json_decref(value_of("write 204018 0000000000000400"));
    json_decref(value_of("set cr1 200000"));
    json_decref(value_of("write 30100 a73b0007a7f4fffe")); /* aghi 3,7; j .-4 */
    json_decref(value_of("write 8000 00000840"));
    json_decref(value_of("write 8044 4040"));
    json_decref(value_of("write 8048 80400000"));
    json_decref(value_of("write 8080 0000000000100000"));
    json_decref(value_of("write 8088 00000000001fffff"));
    json_decref(value_of("write 8090 00000001800000000000000000000100"));
    json_decref(value_of("set r14 8000"));
    json_decref(value_of("write 10000 b214e000")); /* sie 0(14) */
    json_decref(value_of("step 2"));
}

static void complains(const char *line, const char *sentence)
{
    ck_assert_ptr_null(perform(line));
    ck_assert_msg(strstr(problem, sentence) != NULL, "%s: %s", line, problem);
}

START_TEST(stops_by_command)
{
    gives("break 10004", "id", "1");
    complains("b 10001", "even addresses");
    gives("watch 800 4", "kind", "store");
    gives("watch absolute:800 4 access", "space", "absolute");
    gives("catch program 1", "number", "1");
    complains("catch entry 1", "entry has no number");
    complains("catch key", "say the absolute address");
    gives("catch key 5000", "address", "5000");
    complains("break 10004 7", "there is no guest 7");
    gives("stops", "stops.1.bytes", "4");
    gives("stops", "stops.4.kind", "key");
    gives("stops", "stops.5", "absent");
    ck_assert(sienna_run(s, 100000) == SIENNA_STOPPED);
    gives("registers", "psw", "00000001800000000000000000010004");
    ck_assert(sienna_run(s, 100000) == SIENNA_STOPPED);
    gives("registers", "psw", "0000200180000000000000000001000e");
    gives("delete 2", "deleted", "1");
    complains("delete 2", "there is no stop 2");
    gives("delete", "deleted", "4");
    gives("stops", "stops.0", "absent");
    gives("catch svc 2a", "number", "2a");
    gives("delete", "deleted", "1");
    gives("guests", "guests.0.name", "level 1");
    gives("threads", "threads.1.cpu", "1");
    gives("threads 0", "threads.1.state", "stopped");
    complains("threads 3", "there is no guest 3");
}
END_TEST

/* The busy program: gr3 is 8, f, 16 … before it is stored at 800 by the instruction at 10008. */
START_TEST(stops_with_conditions)
{
    uint8_t gr3[SIENNA_REGISTER_BYTES], low;

    gives("break 10008 if %gr3 > 100 && [800] == fd", "if", "%gr3 > 100 && [800] == fd");
    gives("stops", "stops.0.if", "%gr3 > 100 && [800] == fd");
    ck_assert(sienna_run(s, 100000) == SIENNA_STOPPED);
    ck_assert(sienna_register_read(s, 0, SIENNA_GR, 3, gr3));
    ck_assert_mem_eq(gr3, "\0\0\0\0\0\0\1\4", 8);
    ck_assert(sienna_run(s, 100000) == SIENNA_RAN);
    gives("delete", "deleted", "1");
    gives("watch absolute:800 guest=0 if=\"word[804] & ff == 3\"", "if", "word[804] & ff == 3");
    ck_assert(sienna_run(s, sienna_now(s) + 100000) == SIENNA_STOPPED);
    ck_assert_uint_eq(sienna_storage_read(s, 0, SIENNA_ABSOLUTE, 0x807, &low, 1), 1);
    ck_assert_uint_eq(low, 3);
    gives("delete 2", "deleted", "1");
    complains("break 10008 if", "a value is missing");
    complains("break 10008 if %gr3 >", "a value is missing");
    complains("watch 800 if 1 2", "an operator is missing");
    gives("stops", "stops.0", "absent");
}
END_TEST

/* What a debugger has set stays when the monitor forgets its own. */
START_TEST(stops_of_others)
{
    const struct sienna_stop_at where = {.kind = SIENNA_STOP_INSTRUCTION, .guest = SIENNA_ANY_GUEST,
                                         .cpu = SIENNA_ANY_CPU, .space = SIENNA_LOGICAL, .address = ENTRY + 4};
    unsigned id = sienna_stop_add(s, &where, problem);

    ck_assert_uint_eq(id, 1);
    gives("break 10008", "id", "2");
    gives("stops", "stops.0.owner", "gdb");
    gives("stops", "stops.1.owner", "monitor");
    complains("delete 1", "stop 1 is gdb's");
    complains("delete 3", "there is no stop 3");
    gives("delete", "deleted", "1");
    gives("stops", "stops.0.id", "1");
    gives("stops", "stops.1", "absent");
    gives("delete", "deleted", "0");
    ck_assert(sienna_run(s, 100000) == SIENNA_STOPPED);
    gives("registers", "psw", "00000001800000000000000000010004");
    complains("reverse-step guest=1", "there is no guest 1");
    complains("reverse-step", "no history");
}
END_TEST

START_TEST(levels_are_shown)
{
    gives("levels", "levels.0.level", "1");
    gives("levels", "levels.1", "absent");
    ck_assert_ptr_null(perform("description"));
    enter_guest();
    gives("levels", "levels.0.psw", "00000001800000000000000000010000");
    gives("levels", "levels.0.primary_asce", "200000");
    gives("levels", "levels.1.level", "2");
    gives("levels", "levels.1.psw", "00002001800000000000000000000104");
    gives("levels", "levels.1.description", "8000");
    gives("levels", "levels.1.origin", "100000");
    gives("levels", "levels.1.limit", "fffff");
    gives("levels", "levels.2", "absent");
    gives("levels 1", "levels.0.level", "1");
    gives("description", "in_use", "yes");
    gives("description", "fields.0.field", "CPUSTAT");
    gives("description", "fields.0.says", "z/Architecture, IBS");
    gives("description", "fields.8.says", "CR1, CR9");
    gives("description", "fields.10.value", "80400000");
    gives("description", "fields.10.says", "operation exceptions, LPSW");
    ck_assert_ptr_null(perform("description 1"));
}
END_TEST

START_TEST(walks_go_down_to_the_host)
{
    enter_guest();
    gives("walk 123", "real", "123");
    gives("walk 123", "guest_absolute", "123");
    gives("walk 123", "host_logical", "100123");
    gives("walk 123", "host_steps.0.entry_at", "200008");
    gives("walk 123", "host_steps.1.table", "page");
    gives("walk 123", "host_absolute", "30123");
    gives("walk 2123", "host_absolute", "31123");
    gives("walk 2123", "host_protected", "yes");
    gives("walk 1123", "host_exception", "0011 page translation");
    gives("walk 1123", "exception", "0011 page translation (the host's)");
    gives("walk 100000", "exception", "0005 addressing");
    gives("walk 100000", "host_logical", "absent");
    /* The guest's own tables: a segment table in its page 0, a page table in its page 3, which is missing. */
    json_decref(value_of("write absolute:30000 0000000000003000"));
    json_decref(value_of("set cr1 0"));
    gives("walk primary:123", "steps.0.entry", "0000000000003000");
    gives("walk primary:123", "exception", "0011 page translation (the host's)");
    gives("walk primary:123", "guest_absolute", "3000");
    gives("walk primary:123", "host_exception", "0011 page translation");
    /* The entry that was found was found through the host's tables. */
    gives("walk primary:123", "steps.0.host_absolute", "30000");
    gives("walk primary:123", "host_steps_of_tables.0.for", "0");
    gives("walk primary:123", "host_steps_of_tables.0.table", "segment");
    gives("walk primary:123", "host_steps_of_tables.1.entry_at", "204000");
    gives("walk primary:123", "host_steps_of_tables.2", "absent");
    gives("walk 123", "host_steps_of_tables", "absent");
}
END_TEST

START_TEST(commands_steer)
{
    json_decref(value_of("cont"));
    ck_assert(!machine_stopped);
    json_decref(value_of("stop"));
    ck_assert(machine_stopped);
    gives("status", "reason", "monitor");
    gives("stop 0", "state", "stopped");
    json_decref(value_of("store-status"));
    gives("x 1300 16", "lines.0.bytes", "00000001800000000000000000010000");
    json_decref(value_of("cont 0"));
    gives("cpus", "cpus.0.state", "operating");
    gives("step", "executed", "1");
    json_decref(value_of("interrupt"));
    gives("pending", "pending.0.condition", "interrupt key");
    json_decref(value_of("reset clear"));
    gives("x 10000 4", "lines.0.bytes", "00000000");
    json_decref(value_of("ipl"));
    gives("x 10000 4", "lines.0.bytes", "a7390001");
    json_decref(value_of("restart 1"));
    gives("pending cpu=1", "pending.0.condition", "restart");
    json_decref(value_of("machine-check warning"));
    json_decref(value_of("configure 1 on"));
    json_decref(value_of("quit"));
    ck_assert_uint_eq(quits, 1);
}
END_TEST

START_TEST(devices_come_and_go)
{
    gives("devices", "devices.0", "absent");
    sienna_run(s, 10000);
    json_decref(value_of("device-add virtio-rng-ccw,devno=fe.0.00aa"));
    json_decref(value_of("device-add virtio-balloon"));
    ck_assert_uint_eq(changes, 2);
    gives("devices", "devices.0.device", "fe.0.00aa");
    gives("subchannels", "subchannels.1.device", "fe.0.0000");
    gives("subchannels aa", "enabled", "no");
    gives("balloon fe.0.0000 16", "asked_mebibytes", "16");
    gives("pending", "pending.2.condition", "channel report");
    json_decref(value_of("device-remove 0.0.00AA"));
    gives("subchannels", "subchannels.0.valid", "no");
    gives("events", "events.0", "absent");
}
END_TEST

START_TEST(states_are_kept)
{
    const char *file = file_in_folder("state");
    char line[160];

    gives("savevm first", "name", "first");
    gives("registers general", "gr.3", "0000000000000000");
    json_decref(value_of("step 5"));
    gives("savevm second", "virtual_seconds", "0.000000");
    snprintf(line, sizeof line, "savevm third file=%s", file);
    json_decref(value_of(line));
    gives("snapshots", "snapshots.1.name", "second");
    json_decref(value_of("step 5"));
    json_decref(value_of("loadvm first"));
    ck_assert_uint_eq(returns, 1);
    gives("status", "reason", "snapshot");
    gives("registers general", "gr.3", "0000000000000000");
    snprintf(line, sizeof line, "loadvm file=%s", file);
    json_decref(value_of(line));
    gives("registers general", "gr.3", "000000000000000f");
    json_decref(value_of("delvm first"));
    gives("snapshots", "snapshots.0.name", "second");
    ck_assert(!perform("loadvm first") && strstr(problem, "no snapshot 'first'"));
    ck_assert(!perform("loadvm") && strstr(problem, "say a snapshot's name"));
    ck_assert(!perform("savevm all") && strstr(problem, "name has 1 to"));
    ck_assert(!perform("delvm gone") && strstr(problem, "no snapshot 'gone'"));
    ck_assert(!perform("loadvm file=/nowhere") && strstr(problem, "cannot open '/nowhere'"));
    ck_assert(!perform("commit") && strstr(problem, "no disk has an overlay"));
    json_decref(value_of("delvm all"));
    gives("snapshots", "snapshots.0", "absent");
}
END_TEST

/* The latest of the automatic ones are kept, and all of the others. */
START_TEST(states_are_kept_by_themselves)
{
    char problem_[SIENNA_PROBLEM_BYTES];

    ck_assert(host_snapshots_take(&snapshots, "mine", problem_));
    snapshots.every = SIENNA_SECOND;
    for (unsigned i = 0; i < 20; i++) {
        sienna_skip_to(s, sienna_now(s) + SIENNA_SECOND);
        host_snapshots_tick(&snapshots);
        host_snapshots_tick(&snapshots);
    }
    ck_assert_uint_eq(snapshots.automatic, SNAPSHOTS_AUTOMATIC);
    gives("snapshots", "snapshots.0.name", "mine");
    gives("snapshots", "snapshots.1.name", "auto-5");
    gives("snapshots", "snapshots.16.name", "auto-20");
    gives("loadvm auto-5", "virtual_seconds", "5.000000");
}
END_TEST

/* Each says one sentence that names what is wrong. */
START_TEST(complaints)
{
    static const struct { const char *line, *part; } bad[] = {
        {"nonsense", "no command 'nonsense'"},
        {"\"", "no command"},
        {"x", "storage needs its argument address"},
        {"x zz", "address 'zz'"},
        {"x 0x", "address"},
        {"x -1", "address '-1'"},
        {"x 11112222333344445", "address"},
        {"x %", "address '%'"},
        {"x %gr16", "address"},
        {"x %psw+", "address"},
        {"x moon:0", "before the colon"},
        {"x :0", "before the colon"},
        {"x 0 0", "count '0'"},
        {"x 0 65537", "count"},
        {"x 0 1 moon", "space 'moon'"},
        {"x 0 space=", "space ''"},
        {"x 400000", "absolute"},
        {"x 0 1 real 2", "cpu '2'"},
        {"x 0 1 real 0 0", "too many arguments for storage"},
        {"status 1", "too many arguments"},
        {"write 0 1", "bytes '1'"},
        {"write 0 1g", "bytes"},
        {"write 0 \"\"", "bytes"},
        {"write 3fffff 0000", "leads nowhere"},
        {"set gr16 0", "register 'gr16'"},
        {"set gr 0", "register 'gr'"},
        {"set psw1 0", "register"},
        {"set gr1 zz", "value 'zz'"},
        {"set gr1 00000000000000000", "at most 16"},
        {"set tod 0", "cannot be altered"},
        {"set prefix 1", "prefix"},
        {"set fpc 4", "floating-point-control"},
        {"set-key 0 1", "key '1'"},
        {"set-key 0 100", "key"},
        {"registers moon", "one of general control"},
        {"registers a", "set 'a'"},
        {"registers \"gen", "quotation mark"},
        {"cpu", "needs its argument cpu"},
        {"cpu 2", "from 0 to 1"},
        {"cpu one", "cpu 'one'"},
        {"step 0", "count"},
        {"step 1 moon", "cpu 'moon'"},
        {"help moon", "no command 'moon'"},
        {"reset moon", "kind"},
        {"store-status 0", "not stopped"},
        {"subchannels 0", "no device fe.0.0000"},
        {"subchannels x.y", "device 'x.y'"},
        {"device-add moon", "no device type 'moon'"},
        {"device-add", "needs its argument device"},
        {"device-add virtio-rng,moon=1", "no setting 'moon'"},
        {"device-add virtio-blk,file=/nonexistent", "/nonexistent"},
        {"device-remove 1", "no device fe.0.0001"},
        {"device-remove 10000", "device '10000'"},
        {"link 0 up", "state 'up'"},
        {"quiesce", "does not listen"},
        {"x \xff", "UTF-8"},
    };

    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *value = perform(bad[i].line);

        if (!strcmp(bad[i].line, "x 400000")) /* says which kind of address */
            ck_assert_ptr_nonnull(strstr(problem,
                                         "logical address 400000 leads nowhere: addressing exception"));
        else
            ck_assert_msg(!value && strstr(problem, bad[i].part), "%s: %s", bad[i].line, problem);
        ck_assert_msg(!strpbrk(problem, "\n\r") && strlen(problem) > 10, "%s: %s", bad[i].line, problem);
        ck_assert(value == NULL);
    }
    ck_assert_uint_eq(quits, 0);
}
END_TEST

/* ---- JSON ---- */

static void answers(const char *request, const char *expected)
{
    unsigned cpu = 0;
    json_t *value = monitor_perform_json(m, &cpu, request);
    char *text = json_dumps(value, JSON_COMPACT);

    ck_assert_msg(strstr(text, expected) != NULL, "%s: %s, not %s", request, text, expected);
    ck_assert_ptr_null(strchr(text, '\n'));
    free(text);
    json_decref(value);
}

START_TEST(requests_in_json)
{
    answers("{\"command\":\"cpu\",\"arguments\":{\"cpu\":1},\"id\":[3]}",
            "{\"ok\":true,\"result\":{\"cpu\":1},\"id\":[3]}");
    answers("  cpu 1 ", "{\"ok\":true,\"result\":{\"cpu\":1}}");
    answers("{\"command\":\"storage\",\"arguments\":{\"address\":65536,\"count\":4}}",
            "\"bytes\":\"a7390001\"");
    answers("{\"command\":\"storage\",\"arguments\":{\"address\":\"absolute:10000\",\"count\":\"4\"}}",
            "a7390001");
    answers("{\"command\":\"configure\",\"arguments\":{\"cpu\":1,\"state\":true}}", "{\"ok\":true");
    answers("{", "\"ok\":false,\"error\":\"the request is no JSON object");
    answers("{}", "needs the member \\\"command\\\"");
    answers("{\"command\":1}", "needs the member");
    answers("{\"command\":\"moon\"}", "no command 'moon'");
    answers("{\"command\":\"status\",\"moon\":1}", "no member 'moon'");
    answers("{\"command\":\"status\",\"command\":\"status\"}", "duplicate");
    answers("{\"command\":\"status\",\"arguments\":[]}", "must be an object");
    answers("{\"command\":\"status\",\"arguments\":{\"moon\":1}}",
            "there is no such argument: moon; say: status");
    answers("{\"command\":\"cpu\",\"arguments\":{\"cpu\":-1}}", "must not be negative");
    answers("{\"command\":\"cpu\",\"arguments\":{\"cpu\":1.5}}", "a string or an integer");
    answers("{\"command\":\"cpu\",\"arguments\":{\"cpu\":\"1\\u0000\"}}", "JSON");
    answers("{\"command\":\"cpu\",\"id\":1}", "needs its argument cpu");
    answers("{\"command\":\"status\"} x", "no JSON object");
    answers("x \xff", "UTF-8");
    answers("\xff", "UTF-8");
}
END_TEST

/* ---- Sessions ---- */

static char got[1 << 20];
static size_t got_bytes;

static void take(void *context, const char *bytes, size_t count)
{
    ck_assert_uint_lt(got_bytes + count, sizeof got);
    memcpy(got + got_bytes, bytes, count);
    got_bytes += count;
    got[got_bytes] = 0;
}

static void forget(void)
{
    got_bytes = 0;
    got[0] = 0;
}

static void type(struct monitor_session *session, const char *text)
{
    monitor_session_type(session, text, strlen(text));
}

START_TEST(lines_are_put_together)
{
    struct monitor_session *session = monitor_session_open(m, MONITOR_LINES, take, NULL);
    static char line[MONITOR_LINE_BYTES + 10];

    forget();
    monitor_session_listen(session, true);
    ck_assert_str_eq(got, "(sienna) ");
    forget();
    type(session, "cp");
    ck_assert_str_eq(got, "");
    type(session, "u 1\r\ncpu 0\n\n  \n");
    ck_assert_str_eq(got, "cpu                1\n(sienna) cpu                0\n(sienna) (sienna) (sienna) ");
    forget();
    memset(line, 'x', sizeof line);
    monitor_session_type(session, line, sizeof line);
    type(session, "\ncpu 1\n");
    ck_assert_str_eq(got, "the line is too long\n(sienna) cpu                1\n(sienna) ");
    forget();
    monitor_session_type(session, "cpu\0 1\n", 7);
    ck_assert_str_eq(got, "the line holds a zero character\n(sienna) ");
    forget();
    type(session, "quit\n");
    ck_assert_str_eq(got, "");
    monitor_session_close(session);
}
END_TEST

START_TEST(everybody_is_told_of_a_stop)
{
    struct monitor_session *text = monitor_session_open(m, MONITOR_LINES, take, NULL);
    struct monitor_session *json;

    forget();
    ck_assert(!monitor_stopped(m, "check-stop", "it is broken"));
    ck_assert_str_eq(got, "");
    monitor_session_listen(text, true);
    ck_assert(monitor_stopped(m, "check-stop", "it is broken"));
    ck_assert_str_eq(got, "(sienna) \nThe machine is stopped: it is broken\n(sienna) ");
    monitor_session_listen(text, false);
    json = monitor_session_open(m, MONITOR_JSON, take, NULL);
    monitor_session_listen(json, true);
    forget();
    ck_assert(monitor_stopped(m, "check-stop", "it is broken"));
    ck_assert_str_eq(got, "{\"event\":\"stopped\",\"reason\":\"check-stop\",\"text\":\"it is broken\"}\n");
    gives("status", "text", "it is broken");
    monitor_session_close(text);
    monitor_session_close(json);
}
END_TEST

START_TEST(a_terminal_edits)
{
    struct monitor_session *session;

    setenv("TERM", "vt100", 1);
    session = monitor_session_open(m, MONITOR_TERMINAL, take, NULL);
    forget();
    monitor_session_listen(session, true);
    ck_assert_ptr_nonnull(strstr(got, "(sienna) "));
    forget();
    type(session, "cpu 10");
    ck_assert_str_eq(got, "cpu 10"); /* an echo, no answer */
    type(session, "\x7f\r");
    ck_assert_ptr_nonnull(strstr(got, "\ncpu                1\n(sienna) "));
    forget();
    type(session, "\x1b");          /* a function key, in pieces */
    type(session, "[A");
    ck_assert_ptr_nonnull(strstr(got, "cpu 1"));
    type(session, "\x7f" "0\r");
    ck_assert_ptr_nonnull(strstr(got, "\ncpu                0\n"));
    forget();
    type(session, "sta\t\r");
    ck_assert_ptr_nonnull(strstr(got, "state              stopped\n"));
    forget();
    type(session, "st\t");
    ck_assert_ptr_nonnull(strstr(got, "status  storage  stops  stop  step  store-status"));
    forget();
    type(session, "\x03" "cpu 1\r");
    ck_assert_ptr_nonnull(strstr(got, "\ncpu                1\n"));
    forget();
    type(session, "half a li");
    ck_assert(monitor_stopped(m, "operator", "so it is"));
    ck_assert_ptr_nonnull(strstr(got, "so it is\n"));
    type(session, "ne\r");
    ck_assert_ptr_nonnull(strstr(got, "there is no command 'half'"));
    monitor_session_close(session);
}
END_TEST

static void completes(const char *line, const char *expected)
{
    char all[4096] = "", word[128];

    for (unsigned i = 0; monitor_completion(m, line, i, word, sizeof word) && strlen(all) < 3000; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s ", word);
    ck_assert_msg(!strncmp(all, expected, strlen(expected)) && (*expected || !*all), "%s: %s", line, all);
}

START_TEST(completions)
{
    completes("", "help status cpus ");
    completes("re", "registers reverse-step reverse-continue restart reset ");
    completes("registers ", "general control access floating vector timers all ");
    completes("registers cpu=", "0 1 ");
    completes("registers general ", "0 1 ");
    completes("registers set=c", "control ");
    completes("registers set=c 0", "0 ");
    completes("x %ps", "%psw ");
    completes("x 0 1 h", "home ");
    completes("set vr3", "vr3 vr30 vr31 ");
    completes("device-add virtio-b", "virtio-blk virtio-balloon ");
    completes("nonsense x", "");
    completes("status x", "");
    completes("x 0 1 home 0 5 6 7 8 ", "");
    completes("help qu", "quiesce quit ");
}
END_TEST

/* ---- A machine that runs under it: the client is another process ---- */

struct client {
    int fd;
    char line[65536];
    size_t bytes;
};

static void ask(struct client *c, const char *request)
{
    ck_assert_int_eq(write(c->fd, request, strlen(request)), strlen(request));
}

/* The next line, within 20 s. */
static const char *next_line(struct client *c)
{
    static char line[65536];
    char *end;

    while (!(end = memchr(c->line, '\n', c->bytes))) {
        struct pollfd p = {c->fd, POLLIN, 0};
        ssize_t n;

        ck_assert_msg(poll(&p, 1, 20000) == 1, "no answer");
        n = read(c->fd, c->line + c->bytes, sizeof c->line - c->bytes);
        if (n <= 0)
            return "(end)";
        c->bytes += (size_t)n;
    }
    *end = 0;
    strcpy(line, c->line);
    c->bytes -= (size_t)(end + 1 - c->line);
    memmove(c->line, end + 1, c->bytes);
    return line;
}

static void expect(struct client *c, const char *part)
{
    const char *line = next_line(c);

    ck_assert_msg(strstr(line, part) != NULL, "%s, not %s", line, part);
}

static void connect_to(struct client *c, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *c = (struct client){.fd = socket(AF_UNIX, SOCK_STREAM, 0)};
    strcpy(address.sun_path, path);
    ck_assert_int_eq(connect(c->fd, (struct sockaddr *)&address, sizeof address), 0);
}

/* Run the machine with a JSON monitor on a socket and `client` in another process; returns the exit code. */
static int run_with(void (*client)(const char *path), bool stopped)
{
    const char *path = file_in_folder("monitor");
    char stream[160];
    struct host_run run;
    int status, code;
    pid_t child;

    snprintf(stream, sizeof stream, "json:unix:%s,server,wait=off", path);
    ck_assert_msg(host_run_init(&run, s, problem), "%s", problem);
    ck_assert_msg(host_run_monitor(&run, stream, problem), "%s", problem);
    if (stopped)
        host_run_stopped(&run);
    child = fork();
    if (child == 0) {
        client(path);
        _exit(0);
    }
    host_run(&run);
    code = host_run_exit_code(&run);
    host_run_release(&run);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    return code;
}

static void steer(const char *path)
{
    struct client c;

    connect_to(&c, path);
    ask(&c, "status\n");
    expect(&c, "\"state\":\"stopped\",\"reason\":\"start\"");
    ask(&c, "step 2\nregisters\ncont\n");
    expect(&c, "\"executed\":2");
    expect(&c, "\"0000000000000008\"");
    expect(&c, "{\"ok\":true");
    ask(&c, "status\n");
    expect(&c, "\"state\":\"running\"");
    close(c.fd);
    connect_to(&c, path); /* the machine runs on without a client, another may come */
    ask(&c, "{\"command\":\"stop\"}\n");
    expect(&c, "\"cpu\":0");
    ask(&c, "status\nstatus\nquit\n");
    expect(&c, "\"state\":\"stopped\"");
    expect(&c, "\"state\":\"stopped\"");
    expect(&c, "{\"ok\":true,\"result\":{}}");
    ck_assert_str_eq(next_line(&c), "(end)");
}

START_TEST(a_machine_is_steered_over_a_socket)
{
    ck_assert_int_eq(run_with(steer, true), 0);
}
END_TEST

static void autopsy(const char *path)
{
    struct client c;

    connect_to(&c, path);
    ask(&c, "cont\n");
    expect(&c, "{\"ok\":true");
    expect(&c, "\"event\":\"stopped\",\"reason\":\"disabled-wait\",\"text\":\"disabled wait (CPU 0, PSW");
    ask(&c, "status\nregisters\ncont\n");
    expect(&c, "\"reason\":\"disabled-wait\"");
    expect(&c, "0bad");
    expect(&c, "{\"ok\":true");
    expect(&c, "\"event\":\"stopped\""); /* it dies again */
    ask(&c, "set psw 00000001800000000000000000010020\nstep 1\nipl\ncont\n");
    expect(&c, "{\"ok\":true");
    expect(&c, "\"psw_address\":\"0000000000000000\""); /* the program new PSW: no operation was there */
    expect(&c, "{\"ok\":true");
    expect(&c, "{\"ok\":true");
    expect(&c, "\"event\":\"stopped\"");
    ask(&c, "quit\n");
    expect(&c, "{\"ok\":true");
}

START_TEST(a_dead_machine_is_looked_at)
{
    ck_assert_int_eq(run_with(autopsy, true), 1);
}
END_TEST

START_TEST(without_a_monitor_a_dead_machine_ends)
{
    struct host_run run;

    ck_assert(host_run_init(&run, s, problem));
    host_run(&run);
    ck_assert_int_eq(host_run_exit_code(&run), 1);
    host_run_release(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("monitor");
    TCase *commands = tcase_create("commands"), *dying_machine = tcase_create("dying");

    tcase_add_checked_fixture(commands, start_busy, end);
    tcase_set_timeout(commands, 60);
    tcase_add_test(commands, commands_tell);
    tcase_add_test(commands, walks_are_told_step_by_step);
    tcase_add_test(commands, levels_are_shown);
    tcase_add_test(commands, stops_by_command);
    tcase_add_test(commands, stops_with_conditions);
    tcase_add_test(commands, stops_of_others);
    tcase_add_test(commands, walks_go_down_to_the_host);
    tcase_add_test(commands, commands_steer);
    tcase_add_test(commands, devices_come_and_go);
    tcase_add_test(commands, states_are_kept);
    tcase_add_test(commands, states_are_kept_by_themselves);
    tcase_add_test(commands, complaints);
    tcase_add_test(commands, requests_in_json);
    tcase_add_test(commands, lines_are_put_together);
    tcase_add_test(commands, everybody_is_told_of_a_stop);
    tcase_add_test(commands, a_terminal_edits);
    tcase_add_test(commands, completions);
    tcase_add_test(commands, a_machine_is_steered_over_a_socket);
    suite_add_tcase(suite, commands);
    tcase_add_checked_fixture(dying_machine, start_dying, end);
    tcase_set_timeout(dying_machine, 60);
    tcase_add_test(dying_machine, a_dead_machine_is_looked_at);
    tcase_add_test(dying_machine, without_a_monitor_a_dead_machine_ends);
    suite_add_tcase(suite, dying_machine);
    return run_suite(suite);
}
