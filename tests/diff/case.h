/* SPDX-License-Identifier: MIT */
/*
 * A test case as the oracle, the subject and the driver see it: layout of the input and output
 * slots, and the logical addresses at which everything stands in both worlds. Only
 * preprocessor definitions, since the s390x assembler reads this file too. README.md explains.
 */
#ifndef SIENNA_DIFF_CASE_H
#define SIENNA_DIFF_CASE_H

/* Logical addresses, all below 16 MiB so that 24-bit addressing can be tested. */
#define CASE_HEADERS 0x00734000   /* page of the harness's ELF headers, before the exit */
#define CASE_EXIT 0x00735000      /* code branches here when it has ended */
#define CASE_SCRATCH 0x00736000   /* page of the harness beside the exit */
#define CASE_DATA 0x00200000      /* first byte of the data area */
#define CASE_DATA_BYTES 0x8000    /* data area with its holes */
#define CASE_PAGES_D 0x00200000   /* two pages, fetch and store; a hole follows */
#define CASE_PAGE_E 0x00204000    /* one page, fetch and store; a hole before and after */
#define CASE_PAGE_R 0x00206000    /* one page, fetch only; a hole follows */
#define CASE_WINDOW_0 0x00200F00  /* crosses from page to page */
#define CASE_WINDOW_0_BYTES 512
#define CASE_WINDOW_1 0x00201F00  /* ends at a hole */
#define CASE_WINDOW_1_BYTES 256
#define CASE_WINDOW_2 0x00204000  /* begins after a hole */
#define CASE_WINDOW_2_BYTES 256
#define CASE_CHUNK 0x00800000     /* the input slots, fetch only */
#define CASE_CHUNK_BYTES 0x00800000
/* Slots begin here so that the code of every other slot crosses a page. */
#define CASE_CHUNK_FIRST 3264
#define CASE_SLOT_BYTES 2048
#define CASE_SLOTS 4092           /* in a chunk */

/* Input slot, big-endian. */
#define IN_GR 0                   /* 16 × 8 */
#define IN_AR 128                 /* 16 × 4 */
#define IN_FPC 192                /* 4 */
#define IN_CC_PM 196              /* 4: cc and program mask where SPM takes them, bits 2-7 */
#define IN_AMODE 200              /* 2: 64, 31 or 24 */
#define IN_CODE_SLOT 202          /* 2: slot whose code is executed, most often this one */
#define IN_CODE_START 204         /* 2: offset of the first instruction in its slot */
#define IN_CODE_LENGTH 206        /* 2: bytes up to the branch to the exit */
#define IN_VR 256                 /* 32 × 16 */
#define IN_CODE 768               /* 256 bytes for prefix, code and branch to the exit */
#define IN_CODE_BYTES 256
#define IN_WINDOWS 1024           /* windows 0, 1, 2 */
#define IN_WINDOWS_BYTES 1024
/* LMG 0,15,IN_GR(15) stands before the first instruction; harnesses that cannot set registers enter there. */
#define CASE_PREFIX_BYTES 6

/* Output slot, big-endian; same places for the same things. */
#define OUT_GR 0
#define OUT_AR 128
#define OUT_FPC 192
#define OUT_CC_PM 196
#define OUT_AMODE 200             /* 2 */
#define OUT_CODE 202              /* 2: program-interruption code or class; 0 = exit was reached */
#define OUT_DONE 204              /* 4: the sequence number of the request, when done */
#define OUT_IA 208                /* 8: instruction address of the PSW; 0 after the exit */
#define OUT_STRAY 216             /* 8: hash of what was stored outside the windows; 0 = nothing */
#define OUT_SIGNAL 224            /* 4: signal number, user harness only */
#define OUT_SIGNAL_CODE 228       /* 4: its si_code */
#define OUT_ILC 232               /* 2: instruction length, exact harnesses only */
#define OUT_TEID 240              /* 8: translation-exception identification, exact harnesses only */
#define OUT_VR 256
#define OUT_WINDOWS 1024

/*
 * Bare-metal harness: absolute addresses. It stands above what cases can address, and takes its request from
 * storage that the driver shares or loads.
 */
#define BARE_ORIGIN 0x01000000
#define BARE_CONTROL 0x01780000
#define BARE_IN 0x02000000        /* a chunk, as at CASE_CHUNK */
#define BARE_OUT 0x02800000       /* output slots */
#define BARE_STORAGE 0x04000000
/* Control block: 4-byte words. */
#define CONTROL_REQUEST 0         /* sequence number of the request; a new one is a new request */
#define CONTROL_FIRST 4
#define CONTROL_COUNT 8
#define CONTROL_ONCE 12           /* not zero: disabled wait when done, else wait for the next request */
#define CONTROL_DONE 16           /* sequence number of the last finished request */

/* Request on the harness's standard input: 4 bytes first slot, 4 bytes count, 4 bytes sequence number;
 * the answer on standard output is 4 bytes sequence number. */
#define REQUEST_BYTES 12
#define INPUT_FD 3
#define OUTPUT_FD 4

#endif
