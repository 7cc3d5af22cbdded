/* SPDX-License-Identifier: MIT */
/**
 * The user-mode network: a NAT router, DHCP and DNS for the guest, on libslirp, without root.
 *
 * It lives on wall time, on a thread of its own, outside the core: frames from
 * the guest are copied to it (net_user_transmit() fits virtio_net_parameters),
 * frames for the guest wait until the host's loop calls net_user_collect()
 * between rounds, which offers them to the input log. In a replay it is not
 * started at all.
 */
#ifndef SIENNA_CHANNEL_NET_USER_H
#define SIENNA_CHANNEL_NET_USER_H

#include "machine/machine.h"
#include "machine/types.h"

enum { NET_USER_PROBLEM_BYTES = 256, NET_USER_FORWARDS = 64 };

/** A host port that leads to a guest port. IPv4 addresses are numbers (0x7f000001). */
struct net_user_forward {
    bool udp;
    uint32_t host_address;  /**< 0 = every address of the host */
    uint16_t host_port;
    uint32_t guest_address; /**< 0 = the first address that DHCP gives out */
    uint16_t guest_port;
};

struct net_user_parameters {
    uint32_t network;    /**< 0: 10.0.2.0; router .2, DNS .3, DHCP from .15 on, mask 255.255.255.0 */
    bool restricted;     /**< the guest reaches nothing but the router itself and forwarded ports */
    bool ipv6;           /**< also give out addresses in fec0::/64 */
    const char *hostname; /**< told by DHCP; NULL = none */
    const struct net_user_forward *forward;
    unsigned forwards;
};

struct net_user;

/** Read "tcp|udp:[hostaddr]:hostport-[guestaddr]:guestport". False with one sentence in `problem`. */
bool net_user_parse_forward(const char *text, struct net_user_forward *forward,
                            char problem[NET_USER_PROBLEM_BYTES]);

/** Start the network. NULL with one sentence (a port in use, no libslirp in this build …). */
struct net_user *net_user_create(const struct net_user_parameters *parameters,
                                 char problem[NET_USER_PROBLEM_BYTES]);
/** Stop and free it. NULL is permitted. */
void net_user_release(struct net_user *network);

/** A frame from the guest. `network` is a struct net_user. Never blocks; drops when swamped. */
void net_user_transmit(void *network, const uint8_t *frame, size_t bytes);
/** A file descriptor that polls readable while frames for the guest wait. */
int net_user_descriptor(const struct net_user *network);
/** Offer waiting frames to adapter `number` of the machine; at most `limit`. Returns how many. */
unsigned net_user_collect(struct net_user *network, struct machine *machine, unsigned number, unsigned limit);

#endif
