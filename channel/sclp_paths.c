/* SPDX-License-Identifier: MIT */
/* The channel subsystem's paths as SCLP tells and reconfigures them. */
#include "channel/channel.h"
#include "channel/sclp_internal.h"
#include "channel/subchannel.h"

static void read_paths(struct machine *machine, uint8_t recognized[32], uint8_t standby[32], uint8_t configured[32])
{
    for (unsigned i = 0; i < CHPIDS; i++)
        if (machine->channel->path[i].defined) {
            recognized[i / 8] |= (uint8_t)(0x80 >> i % 8);
            (machine->channel->path[i].standby ? standby : configured)[i / 8] |= (uint8_t)(0x80 >> i % 8);
        }
}

void sclp_use_channel_subsystem(struct machine *machine)
{
    static const struct sclp_channel_paths paths = {read_paths, channel_configure_path};

    sclp_set_channel_paths(machine, &paths);
}
