/* SPDX-License-Identifier: MIT */
/*
 * A control case: a short program in supervisor (or problem) state with control registers, translation tables,
 * storage keys and prefix of its own, ended by its first interruption. Only preprocessor definitions, for the
 * assembler's sake. README.md explains.
 */
#ifndef SIENNA_DIFF_CONTROL_CASE_H
#define SIENNA_DIFF_CONTROL_CASE_H

#include "case.h"

/* Absolute addresses; the whole region is made anew for each case. */
#define REGION 0x00300000
#define REGION_PAGES 25
#define REGION_BYTES (REGION_PAGES * 4096)
#define LOWCORE_A 0x00300000      /* prefix areas with new PSWs */
#define LOWCORE_B 0x00302000
#define CODE_PAGES 0x00304000     /* two */
#define DATA_PAGES 0x00306000     /* eight */
#define SPARE_PAGES 0x0030E000    /* two, never mapped */
#define TABLES 0x00310000         /* region-first, -second, -third, three segment tables, one page each */
#define SEGMENT_TABLES 0x00313000
#define PAGE_TABLES 0x00316000    /* of segments 0 and 3, for each space */
/* In a prefix area: where the harness saves state, so that it is not compared. */
#define SAVED 0x400
#define SAVED_BYTES 0x400
#define START_PSW 0x490
#define SUBJECT_PSW 0x780         /* wait PSWs, one for each kind of interruption, which Sienna's handlers load */

/* Where addresses of segments 4 and 5 lead when DAT is off: zero in the beginning. */
#define OUTSIDE_A 0x00400000
#define OUTSIDE_B 0x00500000
#define OUTSIDE_BYTES 0x10000

/* Kinds of interruption, in the order of the new PSWs: restart, external, supervisor call, program, machine check, I/O. */
#define HANDLERS 0x01000100       /* code, 16 bytes each */
#define KIND_PROGRAM 3
#define KINDS 6

/* Input slot (CASE_SLOT_BYTES each, at BARE_IN + CASE_CHUNK_FIRST). */
#define CIN_GR 0
#define CIN_AR 128
#define CIN_CR 192
#define CIN_PSW 320
#define CIN_FPC 336
#define CIN_PREFIX 340
#define CIN_PATCHES 344           /* 4: how many */
#define CIN_CODE_START 348        /* 4: absolute and logical address of the first instruction */
#define CIN_CODE_BYTES 352        /* 4 */
#define CIN_KEYS 384              /* of the region's pages */
#define CIN_PATCH 416             /* 16 each: absolute address (8), doubleword */
#define CIN_PATCHES_MOST 20
#define CIN_CODE 736
#define CIN_CODE_MOST 256

/* Output slot; OUT_DONE as in case.h. */
#define COUT_GR 0
#define COUT_AR 128
#define COUT_FPC 192
#define COUT_PREFIX 196
#define COUT_KIND 200
#define COUT_CR 208
#define COUT_KEYS 336
#define COUT_LOWCORE 384          /* bytes 128-415 of the prefix area */
#define COUT_LOWCORE_FIRST 128
#define COUT_LOWCORE_BYTES 288
#define COUT_PAGES 704            /* a hash of each page of the region */

/* The region's bytes before patches, which the driver puts here. */
#define BARE_IMAGE 0x03800000

#endif
