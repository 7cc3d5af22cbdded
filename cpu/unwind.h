/* SPDX-License-Identifier: MIT */
/**
 * The way out of an instruction: program interruptions go back to the run loop, from however deep.
 *
 * The compiler's own jump stores five words and no signal mask. AddressSanitizer does not know
 * it, so its builds use the C library's.
 */
#ifndef SIENNA_CPU_UNWIND_H
#define SIENNA_CPU_UNWIND_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIENNA_UNWIND_LIBRARY 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SIENNA_UNWIND_LIBRARY 1
#endif

#ifdef SIENNA_UNWIND_LIBRARY
#include <setjmp.h>

struct unwind_buffer {
    jmp_buf at;
};
#define UNWIND_HERE(buffer) (void)_setjmp((buffer)->at)
#define UNWIND_TO(buffer) _longjmp((buffer)->at, 1)
#else
struct unwind_buffer {
    void *at[5];
};
/** Where UNWIND_TO() continues, as often as it is called while this function runs. */
#define UNWIND_HERE(buffer) (void)__builtin_setjmp((buffer)->at)
#define UNWIND_TO(buffer) __builtin_longjmp((buffer)->at, 1)
#endif

#endif
