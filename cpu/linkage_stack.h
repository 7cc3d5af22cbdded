/* SPDX-License-Identifier: MIT */
/**
 * The linkage stack (PoP ch. 5): state entries in the home space, where CR15 points.
 *
 * References use the home address-space-control element and 64-bit addresses; key-controlled
 * protection does not apply, low-address and DAT protection do. Functions leave through the
 * access or stack exception, with nothing changed.
 */
#ifndef SIENNA_CPU_LINKAGE_STACK_H
#define SIENNA_CPU_LINKAGE_STACK_H

#include "cpu/cpu.h"

enum stack_entry_type { STACK_HEADER = 0x09, STACK_TRAILER = 0x0a, STACK_BRANCH = 0x0c, STACK_CALL = 0x0d };

/** A state entry, 296 bytes; offsets of its fields. */
enum stack_offset {
    STACK_GR = 0, STACK_KEY_MASK = 128, STACK_SASN = 130, STACK_EAX = 132, STACK_PASN = 134, STACK_PSW = 136,
    STACK_CALLED = 144, STACK_MODIFIABLE = 152, STACK_PSW_ADDRESS = 168, STACK_SASTEIN = 176,
    STACK_PASTEIN = 180, STACK_AR = 224, STACK_DESCRIPTOR = 288, STACK_ENTRY_BYTES = 296,
};

/** The current state entry. */
struct stack_entry {
    uint64_t address; /**< home-space address of its first byte */
    uint8_t type;     /**< STACK_BRANCH or STACK_CALL */
};

/**
 * Form a state entry of `type` with return PSW `mask` and `address`, and bytes 144–151 `called`;
 * CR15 then designates it.
 */
void stack_push(struct cpu *cpu, enum stack_entry_type type, uint64_t mask, uint64_t address,
                uint64_t called);
/** Find the current state entry; for unstacking (PR) an entry's unstack-suppression bit is a stack-operation
 *  exception. */
struct stack_entry stack_locate(struct cpu *cpu, bool unstack);
/** Copy the whole entry. */
void stack_fetch(struct cpu *cpu, const struct stack_entry *entry, uint8_t to[STACK_ENTRY_BYTES]);
/** Host address of the descriptor of the entry before `entry`, probed for storing; unstacking clears its
 *  next-entry size and makes it current with stack_pop(). */
uint8_t *stack_probe_previous(struct cpu *cpu, const struct stack_entry *entry);
void stack_pop(struct cpu *cpu, const struct stack_entry *entry, uint8_t *previous);
/** Host address of the 8 modifiable bytes, probed for storing. */
uint8_t *stack_modifiable(struct cpu *cpu, const struct stack_entry *entry);

#endif
