/* SPDX-License-Identifier: MIT */
/** Shared by the files of the stub. */
#ifndef SIENNA_GDBSTUB_INTERNAL_H
#define SIENNA_GDBSTUB_INTERNAL_H

#include "gdbstub/gdb.h"
#include "gdbstub/text.h"
#include "sienna_debug.h"

enum { GDB_PACKET_BYTES = 0x4000, GDB_SEEN_BYTES = 64, ALL = 0xffffffff, ANY = 0 };

/** Process and thread as the protocol numbers them; ALL or ANY where it says -1 or 0. */
struct gdb_thread {
    unsigned process, thread;
};

/** A breakpoint or watchpoint that the client has set. */
struct gdb_point {
    struct gdb_point *next;
    unsigned type;          /**< the digit after Z */
    unsigned guest;
    uint64_t address, bytes;
    unsigned id;            /**< of sienna_stop_add() */
    struct gdb_code *conditions, *commands; /**< NULL = none */
    size_t seen_bytes;      /**< of a watched value: as much of it as was there when it was looked at last */
    uint8_t seen[GDB_SEEN_BYTES];
};
/** An agent expression in a list. */
struct gdb_code {
    struct gdb_code *next;
    size_t bytes;
    uint8_t code[];
};

/** What the client wants stepped. */
struct gdb_step {
    bool active;
    struct gdb_thread thread;
    uint64_t start, end;    /**< go on while the PSW is in there; equal: one instruction */
};

/** A stop of which the client has not been told (non-stop mode). */
struct gdb_notice {
    struct gdb_notice *next;
    size_t count;
    char text[];
};

struct gdb {
    struct sienna *sienna;
    struct gdb_host host;
    bool connected, met;        /**< met: it has asked for the state, so the machine has been stopped for it */
    bool was_running;           /**< when it was */
    bool resumed_once;

    /* The link. */
    enum { LINK_IDLE, LINK_BODY, LINK_CHECK } link;
    bool no_ack, too_long;
    char *packet;
    size_t packet_bytes;
    char check[2];
    unsigned check_digits;
    struct text sent;           /**< the last packet, for "-", */
    unsigned sent_again;        /**< which was honoured so often: each costs the client a byte and us a packet */

    /* What the client understands. */
    bool agreed, multiprocess, swbreak, hwbreak, extended, non_stop;

    unsigned *attached;         /**< guests */
    unsigned attached_count;
    bool killed;                /**< by an extended client, which may start it again */
    struct gdb_thread general, control, reported; /**< of Hg, Hc, and of the last stop reply */
    struct gdb_thread looked_at; /**< reported, or whose registers were read since: the one that its user sees */
    struct gdb_point *points;

    bool resumed;               /**< a stop reply is due */
    struct gdb_step step;
    bool step_done;
    bool into;                  /**< single steps of a host go into its guest */
    int direction;              /**< of the last run: -1 back */
    uint64_t start_cpus;        /**< stopped CPUs of level 1 whose PSW was written: to be started */
    uint64_t mask_written;      /**< CPUs of level 1 whose PSW's first half was written in this stop */
    struct text stop;           /**< the last stop reply */
    struct gdb_notice *notices; /**< the first is the one that was announced */
    struct gdb_thread *told;    /**< non-stop mode: threads of which the client knows that they stand */
    unsigned told_count;

    enum sienna_space space;    /**< what addresses without a prefix mean */
    uint64_t key_address;       /**< of the pseudo-register */
    struct text document;       /**< being read with qXfer */
    char document_name[64];
    struct text problem;        /**< what commands and conditions have to say, for the console */
};

/* ---- link.c ---- */

/** Send a packet. */
void gdb_send(struct gdb *g, const void *bytes, size_t count);
void gdb_notify(struct gdb *g, const void *bytes, size_t count);
/** Text for the client's console; only while a stop reply is due. */
void gdb_console(struct gdb *g, const char *words, size_t count);
/** A complete packet, unescaped, zero-terminated. */
void gdb_packet(struct gdb *g, char *bytes, size_t count);
/** The client's interrupt character. */
void gdb_interrupt(struct gdb *g);

/* ---- packet.c ---- */

/** Puts the answer to a packet into `reply`; false: there is no answer (yet). */
typedef bool gdb_function(struct gdb *g, struct cursor *c, struct text *reply);

/* Answers. Each returns true. */
bool gdb_ok(struct text *reply);
bool gdb_error(struct text *reply, unsigned number);
/** An error in words. */
bool gdb_refuse(struct text *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum { ERROR_REFUSED = 1, ERROR_THREAD = 3, ERROR_STORAGE = 14, ERROR_PACKET = 22 };

/* ---- threads.c ---- */

bool gdb_guest(const struct gdb *g, unsigned number, struct sienna_guest *guest);
bool gdb_is_attached(const struct gdb *g, unsigned guest);
void gdb_attach(struct gdb *g, unsigned guest);
void gdb_unattach(struct gdb *g, unsigned guest);
void gdb_put_thread(const struct gdb *g, struct text *t, struct gdb_thread thread);
/** Take a thread id; `process` is meant where it names none. */
bool gdb_take_thread(const struct gdb *g, struct cursor *c, struct gdb_thread *thread);
struct sienna_thread gdb_to_thread(struct gdb_thread thread);
struct gdb_thread gdb_from_thread(struct sienna_thread thread);
bool gdb_thread_exists(const struct gdb *g, struct gdb_thread thread);
/** The thread that register and storage packets are about. False when it is not there. */
bool gdb_general(struct gdb *g, struct sienna_thread *thread);
/** "level 2 CPU 0". */
void gdb_thread_name(const struct sienna *sienna, struct sienna_thread thread, char *text, size_t room);
bool gdb_threads_document(struct gdb *g, struct text *t);
bool gdb_osdata_document(struct gdb *g, const char *kind, struct text *t);
/** The next thread of an attached process, first by {0, 0}. */
bool gdb_next_thread(const struct gdb *g, struct gdb_thread *thread);
gdb_function gdb_do_select, gdb_do_alive, gdb_do_current, gdb_do_first_threads, gdb_do_more_threads,
    gdb_do_extra_info;

/* ---- registers.c, description.c ---- */

enum gdb_source { SOURCE_REGISTER, SOURCE_NOW, SOURCE_POSITION, SOURCE_KEY_PSW, SOURCE_KEY_ADDRESS, SOURCE_KEY,
                  SOURCE_DESCRIPTION };
struct gdb_register {
    const char *feature, *type, *group;
    char name[32];
    unsigned bytes;
    enum gdb_source source;
    enum sienna_register_class class;
    unsigned number;  /**< in its class, or of the field */
    unsigned offset;  /**< bytes into the register of that class */
};
/** Of a thread's process. False past the last. */
bool gdb_register(struct gdb *g, struct sienna_thread thread, unsigned index, struct gdb_register *r);
/** False when there is no value. */
bool gdb_register_read(struct gdb *g, struct sienna_thread thread, const struct gdb_register *r, uint8_t bytes[16]);
/** Registers in the g packet come first; the others are read one by one. */
enum { GDB_REGISTER_PSWM = 0, GDB_REGISTER_PSWA = 1, GDB_REGISTER_R15 = 17 };
bool gdb_description_document(struct gdb *g, struct text *t);
gdb_function gdb_do_read_registers, gdb_do_write_registers, gdb_do_read_register, gdb_do_write_register;
/** Put `address` into a thread's PSW. */
bool gdb_set_address(struct gdb *g, struct sienna_thread thread, uint64_t address);

/* ---- memory.c ---- */

size_t gdb_storage_read(struct gdb *g, struct sienna_thread thread, uint64_t address, void *to, size_t bytes);
bool gdb_storage_write(struct gdb *g, struct sienna_thread thread, uint64_t address, const void *from, size_t bytes);
/** The space that an address names, and the address in it; `keys`: it is one of a storage key. */
enum sienna_space gdb_space(const struct gdb *g, uint64_t *address, bool *keys);
bool gdb_monitor_space(struct gdb *g, const char *line, struct text *out);
gdb_function gdb_do_read, gdb_do_write, gdb_do_write_binary, gdb_do_read_binary, gdb_do_search, gdb_do_crc;

/* ---- points.c ---- */

gdb_function gdb_do_insert, gdb_do_remove;
/** Remove those of a guest, or all with SIENNA_ANY_GUEST. */
void gdb_forget_points(struct gdb *g, unsigned guest);
struct gdb_point *gdb_find_point(const struct gdb *g, unsigned id);
/** Is the watched value, as the thread sees it, another than when it was looked at last? True also when it is long. */
bool gdb_point_changed(struct gdb *g, struct gdb_point *point, struct sienna_thread thread);
bool gdb_wanted(void *context, const struct sienna_stop *stop);

/* ---- resume.c ---- */

gdb_function gdb_do_vcont, gdb_do_vcont_query, gdb_do_continue, gdb_do_step, gdb_do_question, gdb_do_ctrl_c,
    gdb_do_reverse_step, gdb_do_reverse_continue;
/** Tell the client that the machine stands: `extra` are fields of the stop reply, or "". */
void gdb_tell_stop(struct gdb *g, unsigned signal, struct gdb_thread thread, const char *extra);
/** Put a stop reply for a thread. */
void gdb_put_stop(struct gdb *g, struct text *t, unsigned signal, struct gdb_thread thread, const char *extra);
void gdb_resume(struct gdb *g);
/** Start the stopped CPUs whose PSW was written. */
void gdb_start_cpus(struct gdb *g);
/** Stop the machine, for the client's sake. */
void gdb_hold(struct gdb *g);
/** Where to look when nothing has stopped. */
struct gdb_thread gdb_some_thread(struct gdb *g);
/** Who goes back where the packet does not say it: of Hc, or the one looked at. */
struct gdb_thread gdb_stepping_thread(struct gdb *g);

/* ---- stops.c ---- */

/** Tell the client of a stop that was met: its own, or somebody's (NULL). */
void gdb_tell_point(struct gdb *g, struct gdb_point *point, const struct sienna_stop *stop);

/* ---- notices.c: non-stop mode ---- */

gdb_function gdb_do_vstopped;
/** A thread has stopped, with this stop reply, and all others with it: tell of those that the client believes to run. */
void gdb_notify_stop(struct gdb *g, struct gdb_thread thread, const struct text *reply);
/** The machine stands: tell of the threads that the client believes to run. */
void gdb_notify_others(struct gdb *g);
/** A client begins, and is told with this stop reply that the thread stands. */
void gdb_notice_first(struct gdb *g, struct gdb_thread thread, const struct text *reply);
/** The client lets the thread run; ALL is permitted in both parts. */
void gdb_note_running(struct gdb *g, struct gdb_thread thread);
void gdb_forget_notices(struct gdb *g);

/* ---- session.c ---- */

gdb_function gdb_do_supported, gdb_do_no_ack, gdb_do_non_stop, gdb_do_extended, gdb_do_attach, gdb_do_detach,
    gdb_do_kill, gdb_do_vkill, gdb_do_restart, gdb_do_attached, gdb_do_monitor, gdb_do_document, gdb_do_accept;
/** As if the client had detached from everything. */
void gdb_leave(struct gdb *g);

#endif
