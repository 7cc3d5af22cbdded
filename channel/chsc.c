/* SPDX-License-Identifier: MIT */
/**
 * CHANNEL SUBSYSTEM CALL: the commands with which Linux finds out about
 * subchannels, channel paths and characteristics. What is not here is
 * answered as not provided, and no characteristic is announced that is
 * not implemented.
 */
#include "channel/subchannel.h"
#include "storage/storage.h"

enum chsc_command {
    STORE_CHANNEL_PATH_DESCRIPTION = 0x0002,
    STORE_SUBCHANNEL_DESCRIPTION = 0x0004,
    STORE_EVENT_INFORMATION = 0x000e,
    STORE_CHARACTERISTICS = 0x0010,
    SET_ADAPTER_CONTROLS = 0x0021,
    SET_DOMAIN_ATTRIBUTES = 0x0031,
    STORE_DOMAIN_LIST = 0x0034,
};

enum chsc_response {
    RESPONSE_OK = 0x0001,
    RESPONSE_INVALID = 0x0003, /* length or a reserved field of the request */
    RESPONSE_NOT_PROVIDED = 0x0004,
    RESPONSE_NO_INFORMATION = 0x0005,
    RESPONSE_FORMAT = 0x0007,
    RESPONSE_NO_SUBSYSTEM = 0x0008,
    RESPONSE_NO_FACILITY = 0x0101,
};

enum { BLOCK_BYTES = 4096, HEADER_BYTES = 8, PATH_DESCRIPTION_BYTES = 8, SUBCHANNEL_DESCRIPTION_BYTES = 32 };

/* General characteristics announced, by bit number. */
enum { EXTENDED_MEASUREMENT_BLOCKS = 48, ADAPTER_INTERRUPTION_VIRTUALIZATION = 61 };

struct chsc {
    struct machine *machine;
    const uint8_t *request;
    uint16_t length;
    uint8_t *response; /* header, then `data` */
    uint8_t *data;
    unsigned room, stored; /* bytes of data */
};

static void set_bit(uint8_t *field, unsigned bit)
{
    field[bit / 8] |= 0x80 >> (bit % 8);
}

static enum chsc_response store_characteristics(struct chsc *c)
{
    enum { GENERAL_BYTES = 510 * 4, CHSC_BYTES = 508 * 4 };
    uint32_t word = get_be32(c->request + 4);

    if (c->length != 16)
        return RESPONSE_INVALID;
    if (word & 0x000f0000)
        return RESPONSE_FORMAT;
    if (word & 0x0000ff00)
        return RESPONSE_NO_SUBSYSTEM;
    if ((word & 0xdff000ff) || get_be64(c->request + 8))
        return RESPONSE_INVALID;
    set_bit(c->data, EXTENDED_MEASUREMENT_BLOCKS);
    if (c->machine->guest_adapters.available)
        set_bit(c->data, ADAPTER_INTERRUPTION_VIRTUALIZATION);
    c->stored = GENERAL_BYTES + CHSC_BYTES;
    return RESPONSE_OK;
}

static enum chsc_response store_path_descriptions(struct chsc *c)
{
    enum { VALID = 0x80 };
    const struct channel_path *path = c->machine->channel->path;
    uint32_t word = get_be32(c->request + 4);
    unsigned first = c->request[7], last = c->request[11];

    if (c->length != 16 || (word & 0xc000f000) || (get_be32(c->request + 8) & 0xffffff00)
        || get_be32(c->request + 12) || last < first)
        return RESPONSE_INVALID;
    if (word & 0x1f000f00) /* only descriptions of format 0 */
        return RESPONSE_FORMAT;
    if (word & 0x00ff0000)
        return RESPONSE_NO_SUBSYSTEM;
    for (unsigned i = first; i <= last && c->stored + PATH_DESCRIPTION_BYTES <= c->room; i++) {
        uint8_t *d = c->data + c->stored;

        if (!path[i].defined)
            continue;
        d[0] = VALID;
        d[2] = path[i].type;
        d[3] = i;
        c->stored += PATH_DESCRIPTION_BYTES;
    }
    return RESPONSE_OK;
}

static enum chsc_response store_subchannel_descriptions(struct chsc *c)
{
    enum { SUBCHANNEL_VALID = 0x80, DEVICE_VALID = 0x40 };
    const struct channel_subsystem *css = c->machine->channel;
    unsigned first = get_be16(c->request + 6), last = get_be16(c->request + 10);

    if (c->length != 16 || (get_be16(c->request + 4) & 0xff0f) || get_be16(c->request + 8)
        || get_be32(c->request + 12) || last < first)
        return RESPONSE_INVALID;
    if (get_be16(c->request + 4) & 0x00f0)
        return RESPONSE_NO_SUBSYSTEM;
    for (unsigned i = first; i <= last && c->stored + SUBCHANNEL_DESCRIPTION_BYTES <= c->room; i++) {
        uint8_t *d = c->data + c->stored;

        put_be16(d + 6, i);
        if (i < css->count)
            d[0] = SUBCHANNEL_VALID;
        if (i < css->count && css->subchannel[i]->device) {
            const struct pmcw *p = &css->subchannel[i]->pmcw;

            d[0] |= DEVICE_VALID;
            d[1] = p->device_number;
            put_be16(d + 2, p->device_number);
            d[4] = p->pim;
            d[8] = p->chpid;
        }
        c->stored += SUBCHANNEL_DESCRIPTION_BYTES;
    }
    return RESPONSE_OK;
}

static enum chsc_response set_domain_attributes(struct chsc *c)
{
    uint32_t word = get_be32(c->request + 4);

    if (c->length != 0x400 || (word & 0xf0ff0000))
        return RESPONSE_INVALID;
    if (word & 0x0f000000)
        return RESPONSE_FORMAT;
    return RESPONSE_NO_FACILITY; /* neither multiple subchannel sets nor multiple subsystems */
}

/* Operation 1 names the guest information block (Linux drivers/s390/cio/chsc.c, chsc_sgib); 0 is of QDIO. */
static enum chsc_response set_guest_information_block(struct chsc *c)
{
    enum { OPERATION_SGIB = 1, LENGTH = 0x0fe0 };
    uint32_t origin = get_be32(c->request + 0x14);

    if (!c->machine->guest_adapters.available || get_be16(c->request + 4) != OPERATION_SGIB)
        return RESPONSE_NOT_PROVIDED;
    if (c->length != LENGTH)
        return RESPONSE_INVALID;
    if (c->request[8] & 0x0f)
        return RESPONSE_FORMAT;
    if ((origin & (PAGE_BYTES - 1)) || !storage_valid(c->machine->storage, absolute(origin), 32))
        return RESPONSE_INVALID;
    c->machine->guest_adapters.information = origin;
    return RESPONSE_OK;
}

/* Attributes of type 4: the channel subsystems of the domain, each with its image identifier. */
static enum chsc_response store_domain_list(struct chsc *c)
{
    enum { SUBSYSTEM_LIST = 4, LIST_OFFSET = 8, ENTRY_BYTES = 4 };

    if (c->length != 0x20 || (get_be32(c->request + 4) & 0x00ffffff))
        return RESPONSE_INVALID;
    for (unsigned i = 8; i < c->length; i++)
        if (c->request[i])
            return RESPONSE_INVALID;
    if (c->request[4] != SUBSYSTEM_LIST)
        return RESPONSE_NO_FACILITY;
    c->stored = LIST_OFFSET + ENTRY_BYTES; /* subsystem 0, image 0 */
    return RESPONSE_OK;
}

static enum chsc_response perform(struct chsc *c)
{
    switch (get_be16(c->request + 2)) {
    case STORE_CHARACTERISTICS:
        return store_characteristics(c);
    case STORE_CHANNEL_PATH_DESCRIPTION:
        return store_path_descriptions(c);
    case STORE_SUBCHANNEL_DESCRIPTION:
        return store_subchannel_descriptions(c);
    case SET_ADAPTER_CONTROLS:
        return set_guest_information_block(c);
    case SET_DOMAIN_ATTRIBUTES:
        return set_domain_attributes(c);
    case STORE_DOMAIN_LIST:
        return store_domain_list(c);
    case STORE_EVENT_INFORMATION:
        return c->length == 16 ? RESPONSE_NO_INFORMATION : RESPONSE_INVALID;
    default:
        return RESPONSE_NOT_PROVIDED;
    }
}

int channel_subsystem_call(struct machine *machine, uint8_t *block)
{
    uint8_t request[BLOCK_BYTES];
    struct chsc c = {.machine = machine, .request = request};
    enum chsc_response response;

    memcpy(request, block, sizeof request); /* another CPU or a device may change the block */
    c.length = get_be16(request);
    if (c.length < 16 || c.length > BLOCK_BYTES - HEADER_BYTES || (c.length & 7))
        return -OPERAND_EXCEPTION;
    c.response = block + c.length;
    c.data = c.response + HEADER_BYTES;
    c.room = BLOCK_BYTES - HEADER_BYTES - c.length;
    memset(c.response, 0, BLOCK_BYTES - c.length);
    response = perform(&c);
    put_be16(c.response, HEADER_BYTES + c.stored);
    put_be16(c.response + 2, response);
    return 0;
}
