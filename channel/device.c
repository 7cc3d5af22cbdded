/* SPDX-License-Identifier: MIT */
/** What every device can rely on: common commands, sense, and the ways of presenting status. */
#include "channel/device.h"

#include "channel/subchannel.h"

int device_reject(struct channel_device *device, uint8_t sense0)
{
    memset(device->sense, 0, sizeof device->sense);
    device->sense[0] = sense0;
    device->sense_bytes = DEVICE_SENSE_BYTES;
    return STATUS_ENDED | STATUS_UNIT_CHECK;
}

static int sense(struct channel_device *device)
{
    device_store(device, device->sense, DEVICE_SENSE_BYTES);
    memset(device->sense, 0, sizeof device->sense);
    device->sense_bytes = 0;
    return STATUS_ENDED;
}

void device_identify(const struct channel_device *device, uint8_t data[7])
{
    const struct device_identity *id = &device->identity;

    data[0] = 0xff;
    put_be16(data + 1, id->control_unit_type);
    data[3] = id->control_unit_model;
    put_be16(data + 4, id->device_type);
    data[6] = id->device_model;
}

static int sense_id(struct channel_device *device)
{
    uint8_t data[7];

    device_identify(device, data);
    device_store(device, data, sizeof data);
    return STATUS_ENDED;
}

int device_common_command(struct channel_device *device, uint8_t command)
{
    switch (command) {
    case COMMAND_NO_OPERATION:
        return STATUS_ENDED;
    case COMMAND_SENSE:
        return sense(device);
    case COMMAND_SENSE_ID:
        return sense_id(device);
    default:
        return device_reject(device, SENSE_COMMAND_REJECT);
    }
}

void device_end(struct channel_device *device, uint8_t status)
{
    struct subchannel *s = device_subchannel(device);
    struct channel_program *p = &s->program;

    if (p->executing && p->ending_known)
        p->ending |= status; /* device end overtakes the channel end on its way */
    else if (p->executing || p->awaiting_end)
        program_status(s, status);
    else
        device_unsolicited(device, status);
}

void device_unsolicited(struct channel_device *device, uint8_t status)
{
    struct subchannel *s = device_subchannel(device);

    if (!subchannel_operational(s))
        return;
    s->unsolicited |= status;
    s->alert = true;
    status_present_waiting(s);
}
