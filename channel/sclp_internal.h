/* SPDX-License-Identifier: MIT */
/** What the files of the service-call processor share. */
#ifndef SIENNA_CHANNEL_SCLP_INTERNAL_H
#define SIENNA_CHANNEL_SCLP_INTERNAL_H

#include "channel/sclp.h"
#include "machine/ebcdic.h"
#include "storage/storage.h"

/** Response codes: reason in the high byte, class in the low one. */
enum sclp_response {
    RESPONSE_READ = 0x0010,              /**< information stored */
    RESPONSE_DONE = 0x0020,
    RESPONSE_ALREADY = 0x0120,           /**< already in the requested state */
    RESPONSE_MORE_EVENTS = 0x0220,       /**< some events stored, others remain */
    RESPONSE_STANDBY_READ = 0x0410,      /**< information on a standby element stored */
    RESPONSE_BOUNDARY = 0x0100,          /**< SCCB crosses a block */
    RESPONSE_SHORT = 0x0300,             /**< SCCB too short */
    RESPONSE_PARTLY_WRITTEN = 0x0340,    /**< some event buffers not processed */
    RESPONSE_INVALID_COMMAND = 0x01f0,
    RESPONSE_IMPROPER_STATE = 0x05f0,
    RESPONSE_INVALID_RESOURCE = 0x09f0,
    RESPONSE_INVALID_FUNCTION = 0x40f0,
    RESPONSE_NO_EVENTS = 0x60f0,
    RESPONSE_INVALID_SELECTION = 0x70f0, /**< selection mask names events not enabled */
    RESPONSE_INCONSISTENT_LENGTH = 0x72f0,
    RESPONSE_SYNTAX = 0x73f0,
    RESPONSE_INVALID_MASK_LENGTH = 0x74f0,
};

/** SCCB header: length 0–1, function code 2, control mask 3–5, response code 6–7. */
enum {
    SCCB_HEADER = 8,
    SCCB_FUNCTION = 2,
    SCCB_CONTROL = 3,
    SCCB_RESPONSE = 6,
    SCCB_VARIABLE_RESPONSE = 0x80, /**< in the last control byte: the length field tells what was stored */
};

/** Event types. */
enum {
    EVENT_OPERATOR_COMMAND = 0x01,
    EVENT_MESSAGE = 0x02,
    EVENT_CONFIGURATION = 0x04,
    EVENT_STATE_CHANGE = 0x08,
    EVENT_PRIORITY_COMMAND = 0x09,
    EVENT_CONTROL_PROGRAM = 0x0b,
    EVENT_ASCII = 0x1a,
    EVENT_QUIESCE = 0x1d,
};
/** Event-buffer header: length 0–1, type 2, flags 3, reserved 4–5. */
enum { EVENT_HEADER = 6, EVENT_FLAGS = 3, EVENT_ACCEPTED = 0x80 };

/** The bit of an event type in a 64-bit event mask. */
static inline uint64_t event_bit(unsigned type)
{
    return type >= 1 && type <= 64 ? 1ULL << (64 - type) : 0;
}

/** Most increments described by one storage element: what a 4K SCCB has room for. */
enum { ELEMENT_INCREMENTS = (PAGE_BYTES - 16) / 4, MAX_ELEMENTS = 256 };

struct sclp_storage {
    uint64_t increment_bytes;
    uint32_t increments;        /**< all, standby included */
    unsigned elements;          /**< storage elements, each ELEMENT_INCREMENTS long at most */
    unsigned online_elements;   /**< those of them that cannot be detached */
    uint32_t online_increments; /**< in the online elements */
    bool attached[MAX_ELEMENTS];
};

/** An operator's command on its way to the program. */
struct operator_command {
    struct operator_command *next;
    bool priority;
    unsigned count;
    uint8_t text[251]; /**< ISO 8859-1 */
};

/** Line editing of the line-mode console. */
struct line_editor {
    char text[4096]; /**< UTF-8 */
    unsigned count;
    uint8_t escape; /**< inside a terminal's escape sequence */
    bool after_return;
};

enum { CONFIGURATION_CPUS = 1, CONFIGURATION_CAPABILITY = 3, CONFIGURATION_OPEN = 5 };

struct sclp {
    struct sclp_features features;

    bool busy; /**< a command is in progress */
    uint32_t command;
    struct absolute sccb;

    uint64_t receive_mask, send_mask; /**< the program's event masks */
    bool quiesce, state_change;       /**< events pending */
    bool cpus_changed, capability_changed;

    struct console *line_mode, *ascii;
    struct line_editor editor;
    struct operator_command *commands, **last_command;
    unsigned command_count;

    struct sclp_storage storage;
    struct sclp_channel_paths paths;
    bool have_paths;
    struct sclp_control_program control_program;
};

/**
 * Executes one command on a copy of the SCCB, `length` bytes with the header. `id` is
 * the resource byte of the command word. Returns the response code; may lower the
 * SCCB's length field, never raise it.
 */
typedef uint16_t sclp_handler(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id);

sclp_handler sclp_read_scp_info, sclp_read_cpu_info;
sclp_handler sclp_read_storage_info, sclp_attach_storage, sclp_assign_storage, sclp_unassign_storage;
sclp_handler sclp_configure_cpu, sclp_deconfigure_cpu;
sclp_handler sclp_read_channel_paths, sclp_configure_channel_path, sclp_deconfigure_channel_path;
sclp_handler sclp_write_event_mask, sclp_read_event_data, sclp_write_event_data;

/** The facility mask of READ SCP INFO bytes 48–55: commands that exist. */
uint64_t sclp_facilities(const struct machine *machine);

bool sclp_storage_init(struct machine *machine);

/** Is an event pending that the program wants to receive? */
bool sclp_event_pending(const struct sclp *sclp);
/** An event became pending: signal it if the program wants it. */
void sclp_event_arrived(struct machine *machine, unsigned type);

/* sclp_line_mode.c */
void sclp_line_mode_received(struct console *console, void *device);
bool sclp_command_pending(const struct sclp *sclp, bool priority);
size_t sclp_command_event(struct sclp *sclp, bool priority, uint8_t *buffer, size_t room);
uint16_t sclp_message_event(struct machine *machine, const uint8_t *buffer, size_t bytes);
void sclp_drop_commands(struct sclp *sclp);

/* sclp_ascii.c */
void sclp_ascii_received(struct console *console, void *device);
size_t sclp_ascii_event(struct sclp *sclp, uint8_t *buffer, size_t room);
uint16_t sclp_ascii_written(struct machine *machine, const uint8_t *buffer, size_t bytes);

#endif
