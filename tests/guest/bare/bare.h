/* SPDX-License-Identifier: MIT */
/** What the bare-metal tests share: a console, a second CPU, interruptions. */
#ifndef SIENNA_TESTS_BARE_H
#define SIENNA_TESTS_BARE_H

#include <stdint.h>

/** A program's own: on CPU 0, and on CPU 1 after start_second(). Each CPU stops when it returns. */
void test(void);
void second_test(void);

/** Text to the ASCII console; CPU 0 alone says something. */
void say(const char *text);
void say_number(uint64_t number);
/** A line typed at the ASCII console, without its end. */
void listen(char *line, unsigned room);
/** Start CPU 1. Returns 0 when there is none. */
int start_second(void);
uint64_t clock(void);
/** The command line; "" when there is none. */
const char *command_line(void);
/** The initial RAM disk and its length; NULL when there is none. */
const char *initrd(uint64_t *bytes);

/* start.S tells what they do. */
void stop(void) __attribute__((noreturn));
int wait_external(void);
int service(unsigned command, void *sccb);
int sigp(unsigned cpu, unsigned order, unsigned long parameter);
int divide(unsigned long dividend, unsigned long divisor);

enum { EXTERNAL_CLOCK_COMPARATOR = 0x1004, EXTERNAL_SERVICE = 0x2401 };

#endif
