/* SPDX-License-Identifier: MIT */
/* The user-mode network: DHCP, a forwarded port, and the text form of forwards. Uses the loopback only. */
#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel/net_user.h"
#include "machine/input.h"
#include "unit/suite.h"

static struct machine machine;
static struct net_user *network;
static uint8_t got[2048];
static size_t got_bytes;
static bool (*wanted)(void);

static const uint8_t mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};

static void receive(struct machine *m, void *context, const uint8_t *data, size_t bytes)
{
    if (got_bytes && wanted())
        return;
    ck_assert_uint_le(bytes, sizeof got);
    memcpy(got, data, bytes);
    got_bytes = bytes;
}

/* Run the host's loop until a frame arrives that `wanted` accepts. */
static void await(bool (*accept)(void))
{
    wanted = accept;
    got_bytes = 0;
    for (unsigned tries = 0; tries < 50; tries++) {
        struct pollfd p = {.fd = net_user_descriptor(network), .events = POLLIN};

        poll(&p, 1, 100);
        net_user_collect(network, &machine, 3, 16);
        input_pass(&machine);
        if (got_bytes && accept())
            return;
    }
    ck_abort_msg("the expected frame did not come");
}

static void set_up(const struct net_user_forward *forward, unsigned forwards)
{
    struct net_user_parameters p = {.forward = forward, .forwards = forwards};
    struct input_sink sink = {INPUT_NETWORK, 3, receive, NULL};
    char problem[NET_USER_PROBLEM_BYTES];

    machine_init(&machine);
    input_register(&machine, &sink);
    network = net_user_create(&p, problem);
    ck_assert_msg(network != NULL, "%s", problem);
}

static void tear_down(void)
{
    net_user_release(network);
    input_release(&machine);
    machine_release(&machine);
}

/* Ethernet, IPv4 and UDP headers in front of a DHCP discover. */
static void send_dhcp_discover(void)
{
    uint8_t f[14 + 20 + 8 + 244] = {0};
    uint8_t *ip = f + 14, *udp = ip + 20, *dhcp = udp + 8;
    uint32_t sum = 0;

    memset(f, 0xff, 6);
    memcpy(f + 6, mac, 6);
    put_be16(f + 12, 0x0800);
    ip[0] = 0x45;
    put_be16(ip + 2, sizeof f - 14);
    ip[8] = 64;
    ip[9] = 17;
    put_be32(ip + 16, 0xffffffff);
    for (unsigned i = 0; i < 20; i += 2)
        sum += get_be16(ip + i);
    put_be16(ip + 10, (uint16_t)~((sum & 0xffff) + (sum >> 16)));
    put_be16(udp, 68);
    put_be16(udp + 2, 67);
    put_be16(udp + 4, sizeof f - 34);
    dhcp[0] = 1;
    dhcp[1] = 1;
    dhcp[2] = 6;
    memcpy(dhcp + 28, mac, 6);
    put_be32(dhcp + 236, 0x63825363);
    memcpy(dhcp + 240, "\x35\x01\x01\xff", 4);
    net_user_transmit(network, f, sizeof f);
}

static bool is_dhcp_offer(void)
{
    return got_bytes > 282 && get_be16(got + 12) == 0x0800 && got[23] == 17 && get_be16(got + 34) == 67;
}

START_TEST(dhcp_gives_an_address)
{
    set_up(NULL, 0);
    send_dhcp_discover();
    await(is_dhcp_offer);
    ck_assert_uint_eq(get_be32(got + 42 + 16), 0x0a00020f);
    tear_down();
}
END_TEST

static uint16_t free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof a;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(bind(s, (struct sockaddr *)&a, sizeof a), 0);
    ck_assert_int_eq(getsockname(s, (struct sockaddr *)&a, &bytes), 0);
    close(s);
    return ntohs(a.sin_port);
}

static bool is_arp_request(void)
{
    return get_be16(got + 12) == 0x0806 && get_be16(got + 20) == 1 && get_be32(got + 38) == 0x0a00020f;
}

static bool is_syn_to_22(void)
{
    return get_be16(got + 12) == 0x0800 && got[23] == 6 && get_be16(got + 36) == 22 && (got[47] & 0x3f) == 2;
}

START_TEST(forwarded_port)
{
    struct net_user_forward f = {.host_address = INADDR_LOOPBACK, .host_port = free_port(), .guest_port = 22};
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons(f.host_port)};
    char problem[NET_USER_PROBLEM_BYTES];
    struct net_user_parameters again = {.forward = &f, .forwards = 1};
    uint8_t reply[42] = {0};
    int s = socket(AF_INET, SOCK_STREAM, 0);

    set_up(&f, 1);
    ck_assert_ptr_null(net_user_create(&again, problem));
    ck_assert_ptr_nonnull(strstr(problem, "cannot be forwarded"));
    ck_assert_int_eq(connect(s, (struct sockaddr *)&a, sizeof a), 0);
    await(is_arp_request);
    memcpy(reply, got + 6, 6);
    memcpy(reply + 6, mac, 6);
    memcpy(reply + 12, got + 12, 8);
    put_be16(reply + 20, 2);
    memcpy(reply + 22, mac, 6);
    put_be32(reply + 28, 0x0a00020f);
    memcpy(reply + 32, got + 22, 10);
    net_user_transmit(network, reply, sizeof reply);
    await(is_syn_to_22);
    ck_assert_uint_eq(get_be32(got + 30), 0x0a00020f);
    close(s);
    tear_down();
}
END_TEST

static const struct {
    const char *text;
    struct net_user_forward forward;
} good[] = {
    {"tcp::2222-:22", {false, 0, 2222, 0, 22}},
    {"udp:127.0.0.1:53-10.0.2.15:5353", {true, 0x7f000001, 53, 0x0a00020f, 5353}},
    {"::8080-:80", {false, 0, 8080, 0, 80}},
};

START_TEST(good_forward)
{
    char problem[NET_USER_PROBLEM_BYTES];
    struct net_user_forward f;

    ck_assert(net_user_parse_forward(good[_i].text, &f, problem));
    ck_assert_int_eq(f.udp, good[_i].forward.udp);
    ck_assert_uint_eq(f.host_address, good[_i].forward.host_address);
    ck_assert_uint_eq(f.host_port, good[_i].forward.host_port);
    ck_assert_uint_eq(f.guest_address, good[_i].forward.guest_address);
    ck_assert_uint_eq(f.guest_port, good[_i].forward.guest_port);
}
END_TEST

static const char *const bad[] = {
    "",
    "tcp",
    "tcp:",
    "tcp::22",
    "tcp::-:22",
    "tcp::70000-:22",
    "tcp::0-:22",
    "tcp::22-:",
    "tcp:1.2.3:22-:22",
    "tcp::22-:22x",
    "sctp::22-:22",
    "tcp::+22-:22",
    "tcp:123.123.123.1234567:22-:22",
};

START_TEST(bad_forward)
{
    char problem[NET_USER_PROBLEM_BYTES] = "";
    struct net_user_forward f;

    ck_assert(!net_user_parse_forward(bad[_i], &f, problem));
    ck_assert_ptr_nonnull(strstr(problem, "hostfwd"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("user-mode network");
    TCase *tests = tcase_create("user-mode network");

    tcase_set_timeout(tests, 30);
    if (SIENNA_HAVE_SLIRP) {
        tcase_add_test(tests, dhcp_gives_an_address);
        tcase_add_test(tests, forwarded_port);
    }
    tcase_add_loop_test(tests, good_forward, 0, sizeof good / sizeof *good);
    tcase_add_loop_test(tests, bad_forward, 0, sizeof bad / sizeof *bad);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
