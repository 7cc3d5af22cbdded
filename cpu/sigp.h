/* SPDX-License-Identifier: MIT */
/**
 * SIGNAL PROCESSOR and the functions its orders perform on another CPU (PoP ch. 4).
 *
 * CPUs run in turn on one host thread, so a target is always at an instruction boundary.
 * Functions that are taken by the target itself (stop, restart) are made pending and the
 * scheduler performs them; meanwhile the target answers busy.
 */
#ifndef SIENNA_CPU_SIGP_H
#define SIENNA_CPU_SIGP_H

#include "cpu/cpu.h"

/** SIGP order codes (PoP fig. 4-…). */
enum sigp_order {
    SIGP_SENSE = 0x01, SIGP_EXTERNAL_CALL = 0x02, SIGP_EMERGENCY = 0x03, SIGP_START = 0x04,
    SIGP_STOP = 0x05, SIGP_RESTART = 0x06, SIGP_STOP_STORE_STATUS = 0x09, SIGP_INITIAL_RESET = 0x0b,
    SIGP_RESET = 0x0c, SIGP_SET_PREFIX = 0x0d, SIGP_STORE_STATUS = 0x0e, SIGP_SET_ARCHITECTURE = 0x12,
    SIGP_CONDITIONAL_EMERGENCY = 0x13, SIGP_SENSE_RUNNING = 0x15, SIGP_SET_MULTITHREADING = 0x16,
    SIGP_STORE_ADDITIONAL_STATUS = 0x17,
};

/** Status bits, as they stand in bits 32–63 of the status register. */
enum sigp_status {
    SIGP_STATUS_INVALID_ORDER = 0x02, SIGP_STATUS_CHECK_STOP = 0x10, SIGP_STATUS_OPERATOR = 0x20,
    SIGP_STATUS_STOPPED = 0x40, SIGP_STATUS_EXTERNAL_CALL = 0x80, SIGP_STATUS_INVALID_PARAMETER = 0x100,
    SIGP_STATUS_INCORRECT_STATE = 0x200, SIGP_STATUS_NOT_RUNNING = 0x400,
};

#endif
