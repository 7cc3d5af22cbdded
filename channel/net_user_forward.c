/* SPDX-License-Identifier: MIT */
/* The text form of forwarded ports. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "channel/net_user.h"

/* "[address]:port" up to `end`; false when it is not that. */
static bool read_end(const char *text, const char *end, uint32_t *address, uint16_t *port)
{
    const char *colon = memchr(text, ':', (size_t)(end - text));
    char number[16], *stop;
    struct in_addr in;
    unsigned long value;
    size_t n;

    if (!colon)
        return false;
    n = (size_t)(colon - text);
    if (n >= sizeof number)
        return false;
    *address = 0;
    memcpy(number, text, n);
    number[n] = 0;
    if (n && inet_pton(AF_INET, number, &in) != 1)
        return false;
    if (n)
        *address = ntohl(in.s_addr);
    n = (size_t)(end - colon - 1);
    if (n == 0 || n >= 6)
        return false;
    memcpy(number, colon + 1, n);
    number[n] = 0;
    value = strtoul(number, &stop, 10);
    *port = (uint16_t)value;
    return *stop == 0 && number[0] != '-' && number[0] != '+' && value >= 1 && value <= 65535;
}

bool net_user_parse_forward(const char *text, struct net_user_forward *forward,
                            char problem[NET_USER_PROBLEM_BYTES])
{
    const char *at = text, *dash;

    *forward = (struct net_user_forward){0};
    if (!strncmp(at, "tcp:", 4) || !strncmp(at, "udp:", 4)) {
        forward->udp = at[0] == 'u';
        at += 4;
    } else if (*at == ':') {
        at++;
    }
    dash = strchr(at, '-');
    if (dash && read_end(at, dash, &forward->host_address, &forward->host_port) &&
        read_end(dash + 1, dash + strlen(dash), &forward->guest_address, &forward->guest_port))
        return true;
    snprintf(problem, NET_USER_PROBLEM_BYTES,
             "hostfwd=%s is not of the form tcp|udp:[hostaddr]:hostport-[guestaddr]:guestport, "
             "for example hostfwd=tcp::2222-:22", text);
    return false;
}
