/* SPDX-License-Identifier: MIT */
/** Streams, the escape key and the loop, on sockets, files and pseudo-terminals of the host. */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host_console.h"
#include "host_stream_internal.h"
#include "host_terminal.h"

static struct host_loop *loop;
static char problem[HOST_PROBLEM_BYTES], directory[64], got[4096];
static size_t got_count, room_left;
static int connections;

static void setup(void)
{
    loop = host_loop_create();
    strcpy(directory, "/tmp/sienna-stream-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    got_count = 0;
    got[0] = 0;
    connections = 0;
    room_left = sizeof got - 1;
}

static void teardown(void)
{
    char command[128];

    host_loop_release(loop);
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static void receive(void *context, const uint8_t *bytes, size_t count)
{
    ck_assert_uint_le(count, room_left);
    memcpy(got + got_count, bytes, count);
    got_count += count;
    room_left -= count;
    got[got_count] = 0;
}

static size_t room(void *context) { return room_left; }
static void connected(void *context, bool on) { connections += on ? 1 : -1; }

static const struct host_stream_user user = {NULL, receive, room, connected};

/* Serve the loop until nothing has happened for 20 ms. */
static void serve(void)
{
    while (host_loop_poll(loop, 20000000))
        ;
}

static void parsed(const char *text, int kind, const char *path, const char *host, const char *port, bool server,
                   bool wait)
{
    struct host_stream_options o;

    ck_assert_msg(host_stream_parse(text, &o, problem), "%s: %s", text, problem);
    ck_assert_int_eq(o.kind, kind);
    ck_assert_str_eq(o.path, path);
    ck_assert_str_eq(o.host, host);
    ck_assert_str_eq(o.port, port);
    ck_assert_int_eq(o.server, server);
    ck_assert_int_eq(o.wait, wait);
}

START_TEST(spellings)
{
    struct host_stream_options o;
    static const char *const wrong[] = {"", "stdo", "tcp:1234", "tcp:host:", "file:", "unix:,server", "socket,id=x",
                                        "tcp:a:1,server=maybe", "tcp:a:1,colour=red"};

    parsed("stdio", STREAM_STDIO, "", "", "", false, true);
    parsed("none", STREAM_NULL, "", "", "", false, true);
    parsed("pty", STREAM_PTY, "", "", "", false, true);
    parsed("file:/a:b", STREAM_FILE, "/a:b", "", "", false, true);
    parsed("tcp::4321,server,nowait", STREAM_TCP, "", "", "4321", true, false);
    parsed("tcp:localhost:4321,server=on,wait=off,nodelay", STREAM_TCP, "", "localhost", "4321", true, false);
    parsed("tcp:[::1]:99", STREAM_TCP, "", "::1", "99", false, true);
    parsed("unix:/run/s,server", STREAM_UNIX, "/run/s", "", "", true, true);
    parsed("socket,id=c0,host=h,port=5,server=off", STREAM_TCP, "", "h", "5", false, true);
    parsed("socket,id=c0,path=/p,server=on,wait=off", STREAM_UNIX, "/p", "", "", true, false);
    parsed("file,id=c1,path=/q,append=on", STREAM_FILE, "/q", "", "", false, true);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        problem[0] = 0;
        ck_assert_msg(!host_stream_parse(wrong[i], &o, problem), "%s", wrong[i]);
        ck_assert_uint_gt(strlen(problem), 10);
    }
}
END_TEST

START_TEST(files)
{
    char text[128], content[16] = {0};
    struct host_stream *s;
    FILE *file;

    snprintf(text, sizeof text, "file:%s/log", directory);
    for (int i = 0; i < 2; i++) {
        s = host_stream_open(loop, text, problem);
        ck_assert_ptr_nonnull(s);
        ck_assert(!host_stream_can_answer(s));
        host_stream_write(s, "hello", 5);
        host_stream_close(s);
    }
    file = fopen(text + 5, "r");
    ck_assert_uint_eq(fread(content, 1, sizeof content, file), 5);
    ck_assert_str_eq(content, "hello");
    fclose(file);
    ck_assert_ptr_null(host_stream_open(loop, "file:/nowhere/at/all", problem));
    ck_assert_ptr_nonnull(strstr(problem, "/nowhere/at/all"));
}
END_TEST

START_TEST(null_stream)
{
    struct host_stream *s = host_stream_open(loop, "null", problem);

    host_stream_write(s, "x", 1);
    ck_assert(!host_stream_can_answer(s));
    ck_assert(!host_stream_congested(s));
    host_stream_close(s);
}
END_TEST

static int connect_unix(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(a.sun_path, path);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

START_TEST(unix_server)
{
    char text[128], bytes[8] = {0};
    struct host_stream *s;
    int client, second;

    snprintf(text, sizeof text, "unix:%s/s,server,nowait", directory);
    s = host_stream_open(loop, text, problem);
    ck_assert_msg(s, "%s", problem);
    host_stream_use(s, &user);
    host_stream_write(s, "lost", 4);
    ck_assert(host_stream_can_answer(s));
    text[strlen(text) - strlen(",server,nowait")] = 0;
    client = connect_unix(text + 5);
    serve();
    ck_assert_int_eq(connections, 1);
    ck_assert_int_eq(write(client, "typed", 5), 5);
    serve();
    ck_assert_str_eq(got, "typed");
    host_stream_write(s, "shown", 5);
    ck_assert_int_eq(read(client, bytes, sizeof bytes), 5);
    ck_assert_str_eq(bytes, "shown");
    /* a second client is turned away; after the first has gone the next may come */
    second = connect_unix(text + 5);
    serve();
    ck_assert_int_eq(read(second, bytes, sizeof bytes), 0);
    close(second);
    close(client);
    serve();
    ck_assert_int_eq(connections, 0);
    host_stream_write(s, "lost", 4);
    client = connect_unix(text + 5);
    serve();
    ck_assert_int_eq(connections, 1);
    host_stream_write(s, "again", 5);
    ck_assert_int_eq(read(client, bytes, sizeof bytes), 5);
    close(client);
    host_stream_close(s);
    ck_assert_int_eq(access(text + 5, F_OK), -1);
}
END_TEST

/* Whoever comes while another is there hears why it is turned away, also when it has begun to talk. */
START_TEST(refusal)
{
    struct host_stream_user refusing = user;
    char text[128], bytes[64] = "";
    int client, second, third;
    struct host_stream *s;
    size_t sent = 0;

    refusing.refusal = "busy";
    snprintf(text, sizeof text, "unix:%s/s,server,nowait", directory);
    s = host_stream_open(loop, text, problem);
    ck_assert_msg(s, "%s", problem);
    host_stream_use(s, &refusing);
    text[strlen(text) - strlen(",server,nowait")] = 0;
    client = connect_unix(text + 5);
    serve();
    second = connect_unix(text + 5);
    ck_assert_int_eq(write(second, "hello", 5), 5);
    serve();
    ck_assert_int_eq(read(second, bytes, sizeof bytes), 4);
    ck_assert_str_eq(bytes, "busy");
    ck_assert_int_eq(read(second, bytes, sizeof bytes), 0);
    /* It stays and talks on: not for ever, and to nobody. */
    while (sent < 1 << 20 && send(second, problem, sizeof problem, MSG_NOSIGNAL) > 0) {
        sent += sizeof problem;
        serve();
    }
    ck_assert_uint_lt(sent, 1 << 16);
    third = connect_unix(text + 5);
    serve();
    ck_assert_int_eq(read(third, bytes, sizeof bytes), 4);
    ck_assert_int_eq(read(third, bytes, sizeof bytes), 0);
    ck_assert_int_eq(send(second, "x", 1, MSG_NOSIGNAL), -1);
    close(third);
    serve();
    ck_assert_int_eq(connections, 1);
    ck_assert_str_eq(got, "");
    ck_assert_int_eq(write(client, "typed", 5), 5);
    serve();
    ck_assert_str_eq(got, "typed");
    /* One that is still there when the stream is closed. */
    third = connect_unix(text + 5);
    serve();
    host_stream_close(s);
    close(client);
    close(second);
    close(third);
}
END_TEST

START_TEST(flow_control)
{
    char text[128];
    struct host_stream *s;
    int client;

    snprintf(text, sizeof text, "unix:%s/s,server,nowait", directory);
    s = host_stream_open(loop, text, problem);
    host_stream_use(s, &user);
    text[strlen(text) - strlen(",server,nowait")] = 0;
    client = connect_unix(text + 5);
    serve();
    room_left = 3;
    ck_assert_int_eq(write(client, "abcdef", 6), 6);
    serve();
    ck_assert_str_eq(got, "abc");
    room_left = 2;
    host_stream_resume(s);
    serve();
    ck_assert_str_eq(got, "abcde");
    close(client);
    host_stream_close(s);
}
END_TEST

START_TEST(slow_readers)
{
    static uint8_t block[65536];
    char text[128];
    struct host_stream *s;
    size_t written = 0, read_back = 0, wrong = 0;
    int client;

    snprintf(text, sizeof text, "unix:%s/s,server,nowait", directory);
    s = host_stream_open(loop, text, problem);
    text[strlen(text) - strlen(",server,nowait")] = 0;
    client = connect_unix(text + 5);
    serve();
    fcntl(client, F_SETFL, O_NONBLOCK);
    while (!host_stream_congested(s)) {
        for (size_t i = 0; i < sizeof block; i++)
            block[i] = (uint8_t)((written + i) * 7 >> 3);
        host_stream_write(s, block, sizeof block);
        written += sizeof block;
    }
    ck_assert_uint_gt(written, 1 << 20);
    while (read_back < written) {
        ssize_t n = read(client, block, sizeof block);

        if (n < 0)
            host_loop_poll(loop, 100000000);
        for (ssize_t i = 0; i < n; i++)
            wrong += block[i] != (uint8_t)((read_back + (size_t)i) * 7 >> 3);
        read_back += n > 0 ? (size_t)n : 0;
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert(!host_stream_congested(s));
    close(client);
    host_stream_close(s);
}
END_TEST

START_TEST(tcp_both_ways)
{
    struct host_stream *server = host_stream_open(loop, "tcp:127.0.0.1:0,server,nowait", problem), *client;
    char text[128];

    ck_assert_msg(server, "%s", problem);
    host_stream_use(server, &user);
    ck_assert_ptr_eq(strstr(host_stream_name(server), "tcp 127.0.0.1:"), host_stream_name(server));
    snprintf(text, sizeof text, "tcp:%s", host_stream_name(server) + 4);
    client = host_stream_open(loop, text, problem);
    ck_assert_msg(client, "%s", problem);
    serve();
    host_stream_write(client, "over tcp", 8);
    serve();
    ck_assert_str_eq(got, "over tcp");
    ck_assert_int_eq(connections, 1);
    host_stream_close(client);
    serve();
    ck_assert_int_eq(connections, 0);
    host_stream_close(server);
    ck_assert_ptr_null(host_stream_open(loop, text, problem));
    ck_assert_ptr_nonnull(strstr(problem, "connect"));
}
END_TEST

START_TEST(pseudo_terminals)
{
    struct host_stream *s = host_stream_open(loop, "pty", problem);
    char bytes[16] = {0};
    int fd;

    ck_assert_msg(s, "%s", problem);
    host_stream_use(s, &user);
    fd = open(host_stream_name(s), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "in\x03\r", 4), 4);
    serve();
    ck_assert_str_eq(got, "in\x03\r");
    host_stream_write(s, "out\n", 4);
    ck_assert_int_eq(read(fd, bytes, sizeof bytes), 4);
    ck_assert_str_eq(bytes, "out\n");
    close(fd);
    /* Nobody reads any more: output is dropped after a while, the machine goes on. */
    for (int i = 0; i < 3000; i++)
        host_stream_write(s, got, sizeof got);
    ck_assert(!host_stream_congested(s));
    host_stream_close(s);
}
END_TEST

static char passed[64], keys[16], said[1024];

static void pass(void *context, const uint8_t *bytes, size_t count) { strncat(passed, (const char *)bytes, count); }
static void say(void *context, const char *text) { strcat(said, text); }
static bool key_pressed(void *context, char key)
{
    strncat(keys, &key, 1);
    return true;
}

START_TEST(escape_key)
{
    struct host_escape e = {.command = key_pressed, .pass = pass, .show = say};

    passed[0] = keys[0] = said[0] = 0;
    host_escape_type(&e, (const uint8_t *)"ab\x01xcd\x01", 7);
    ck_assert_str_eq(passed, "abcd");
    ck_assert_str_eq(keys, "x");
    host_escape_type(&e, (const uint8_t *)"ce", 2);
    ck_assert_str_eq(keys, "xc");
    ck_assert_str_eq(passed, "abcde");
    host_escape_type(&e, (const uint8_t *)"\x01\x01", 2);
    ck_assert_str_eq(passed, "abcde\x01");
    host_escape_type(&e, (const uint8_t *)"\x01h", 2);
    ck_assert_ptr_nonnull(strstr(said, "C-a x"));
    ck_assert_str_eq(keys, "xc");
    e.disabled = true;
    host_escape_type(&e, (const uint8_t *)"\x01x", 2);
    ck_assert_str_eq(passed, "abcde\x01\x01x");
    ck_assert_str_eq(keys, "xc");
}
END_TEST

START_TEST(console_by_command_line)
{
    const unsigned ascii = 1u << SIENNA_CONSOLE_ASCII, line_mode = 1u << SIENNA_CONSOLE_LINE_MODE;

    ck_assert_uint_eq(host_console_kinds(NULL), ascii | line_mode);
    ck_assert_uint_eq(host_console_kinds("root=/dev/vda1 netconsole=ttysclp0"), ascii | line_mode);
    ck_assert_uint_eq(host_console_kinds("console=ttysclp0 quiet"), ascii);
    ck_assert_uint_eq(host_console_kinds("console=ttysclp0 console=ttyS0"), line_mode);
    ck_assert_uint_eq(host_console_kinds("quiet console=ttyS0 console=ttysclp0"), ascii);
}
END_TEST

static int signalled;

static void take_signal(void *context, int number) { signalled = number; }

START_TEST(signals_and_wakeups)
{
    signalled = 0;
    ck_assert(host_loop_signals(loop, take_signal, NULL));
    raise(SIGTERM);
    ck_assert_int_eq(signalled, 0);
    serve();
    ck_assert_int_eq(signalled, SIGTERM);
    host_loop_wake(loop);
    ck_assert(host_loop_poll(loop, -1));
    ck_assert(!host_loop_poll(loop, 0));
}
END_TEST

static void forget_other(void *context, int fd, short events)
{
    int *others = context;

    ck_assert_int_ge(others[2], 0);
    host_loop_forget(loop, others[0] == fd ? others[1] : others[0]);
    others[2]++;
}

/* Two descriptors are ready at once; the first callback forgets the second, which is not called. */
START_TEST(forgetting_while_serving)
{
    int fds[3], pair[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ck_assert_int_eq(write(pair[0], "x", 1), 1);
    ck_assert_int_eq(write(pair[1], "x", 1), 1);
    fds[0] = pair[0];
    fds[1] = pair[1];
    fds[2] = 0;
    host_loop_watch(loop, pair[0], POLLIN, forget_other, fds);
    host_loop_watch(loop, pair[1], POLLIN, forget_other, fds);
    ck_assert(host_loop_poll(loop, 0));
    ck_assert_int_eq(fds[2], 1);
    host_loop_forget(loop, pair[0]);
    host_loop_forget(loop, pair[1]);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host stream");
    TCase *c = tcase_create("stream");
    SRunner *runner;
    int failed;

    signal(SIGPIPE, SIG_IGN);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, spellings);
    tcase_add_test(c, files);
    tcase_add_test(c, null_stream);
    tcase_add_test(c, unix_server);
    tcase_add_test(c, refusal);
    tcase_add_test(c, flow_control);
    tcase_add_test(c, slow_readers);
    tcase_add_test(c, tcp_both_ways);
    tcase_add_test(c, pseudo_terminals);
    tcase_add_test(c, escape_key);
    tcase_add_test(c, console_by_command_line);
    tcase_add_test(c, signals_and_wakeups);
    tcase_add_test(c, forgetting_while_serving);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
