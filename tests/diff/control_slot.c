/* SPDX-License-Identifier: MIT */
/* Control cases in the form that the harness reads, and the storage they begin with. */
#include <string.h>

#include "control.h"

enum { TYPE_THIRD = 4, TYPE_SECOND = 8, TYPE_FIRST = 12, INVALID_ENTRY = 0x20, INVALID_PAGE = 0x400,
       WHOLE_TABLE = 3 };

static uint8_t *at(uint8_t *image, uint64_t address) { return image + (address - REGION); }

/* Page tables of one space: segment 0 and segment 3 are identical mappings, but each space sees the data pages in
 * another order. */
static void put_page_tables(uint8_t *image, unsigned space)
{
    uint64_t table = PAGE_TABLES + space * 0x1000;

    for (unsigned i = 0; i < 256; i++) {
        uint64_t page = REGION + i * 0x1000ULL, frame = page;

        if (page >= DATA_PAGES && page < SPARE_PAGES)
            frame = DATA_PAGES + (((page - DATA_PAGES) >> 12) ^ space) * 0x1000;
        put64(at(image, table + i * 8), i < 16 ? i * 0x1000ULL : INVALID_PAGE);
        put64(at(image, table + 0x800 + i * 8), i < REGION_PAGES ? frame : INVALID_PAGE);
    }
}

static void put_segment_table(uint8_t *image, unsigned space)
{
    uint64_t table = SEGMENT_TABLES + space * 0x1000, pages = PAGE_TABLES + space * 0x1000;

    for (unsigned i = 0; i < 512; i++)
        put64(at(image, table + i * 8), INVALID_ENTRY);
    put64(at(image, table), pages);
    put64(at(image, table + 3 * 8), pages + 0x800);
    put64(at(image, table + 5 * 8), pages + 0x800); /* the same once more */
}

/* Region tables lead to the primary space's segment table; the third does so twice. */
static void put_region_tables(uint8_t *image)
{
    for (unsigned level = 0; level < 3; level++)
        for (unsigned i = 0; i < 512; i++)
            put64(at(image, TABLES + level * 0x1000 + i * 8), INVALID_ENTRY | (uint64_t)(TYPE_FIRST - 4 * level));
    put64(at(image, TABLES), (TABLES + 0x1000) | TYPE_FIRST | WHOLE_TABLE);
    put64(at(image, TABLES + 0x1000), (TABLES + 0x2000) | TYPE_SECOND | WHOLE_TABLE);
    put64(at(image, TABLES + 0x2000), SEGMENT_TABLES | TYPE_THIRD | WHOLE_TABLE);
    put64(at(image, TABLES + 0x2000 + 8), SEGMENT_TABLES | TYPE_THIRD | WHOLE_TABLE);
}

static void put_lowcore(uint8_t *lowcore)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        put64(lowcore + 0x1a0 + 16 * kind, 0x0000000180000000);
        put64(lowcore + 0x1a8 + 16 * kind, HANDLERS + 16 * kind);
        put64(lowcore + SUBJECT_PSW + 16 * kind, 0x0002000180000000);
        put64(lowcore + SUBJECT_PSW + 16 * kind + 8, kind);
    }
}

void control_image(uint8_t *image)
{
    struct random random = {42};

    memset(image, 0, REGION_BYTES);
    put_lowcore(at(image, LOWCORE_A));
    put_lowcore(at(image, LOWCORE_B));
    for (unsigned i = 0; i < SPARE_PAGES - DATA_PAGES; i += 8)
        put64(at(image, DATA_PAGES + i), i % 64 ? random_bits(&random) : random_bits(&random) >> 40);
    put_region_tables(image);
    for (unsigned space = 0; space < 3; space++) {
        put_segment_table(image, space);
        put_page_tables(image, space);
    }
}

void control_encode(uint8_t *chunk, unsigned slot, const struct control_case *test)
{
    uint8_t *in = chunk + CASE_CHUNK_FIRST + (size_t)slot * CASE_SLOT_BYTES;

    for (unsigned i = 0; i < 16; i++) {
        put64(in + CIN_GR + 8 * i, test->gr[i]);
        put64(in + CIN_CR + 8 * i, test->cr[i]);
        put32(in + CIN_AR + 4 * i, test->ar[i]);
    }
    put64(in + CIN_PSW, test->psw[0]);
    put64(in + CIN_PSW + 8, test->psw[1]);
    put32(in + CIN_FPC, test->fpc);
    put32(in + CIN_PREFIX, test->prefix);
    put32(in + CIN_PATCHES, test->patches);
    put32(in + CIN_CODE_START, test->code_start);
    put32(in + CIN_CODE_BYTES, test->code_bytes);
    memcpy(in + CIN_KEYS, test->keys, sizeof test->keys);
    for (unsigned i = 0; i < test->patches; i++) {
        put64(in + CIN_PATCH + 16 * i, test->patch[i].address);
        put64(in + CIN_PATCH + 16 * i + 8, test->patch[i].value);
    }
    memcpy(in + CIN_CODE, test->code, sizeof test->code);
}

void control_decode(const uint8_t *out, struct control_result *result)
{
    memset(result, 0, sizeof *result);
    for (unsigned i = 0; i < 16; i++) {
        result->gr[i] = get64(out + COUT_GR + 8 * i);
        result->cr[i] = get64(out + COUT_CR + 8 * i);
        result->ar[i] = get32(out + COUT_AR + 4 * i);
    }
    result->fpc = get32(out + COUT_FPC);
    result->prefix = get32(out + COUT_PREFIX);
    result->kind = get32(out + COUT_KIND);
    memcpy(result->keys, out + COUT_KEYS, sizeof result->keys);
    memcpy(result->lowcore, out + COUT_LOWCORE, sizeof result->lowcore);
    for (unsigned i = 0; i < REGION_PAGES; i++)
        result->page[i] = get64(out + COUT_PAGES + 8 * i);
}

static uint64_t hash_part(uint64_t seed, const uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i += 8)
        seed = (seed ^ get64(bytes + i)) * 0x9e3779b97f4a7c15ULL + (seed >> 29);
    return seed;
}

uint64_t control_hash(const uint8_t *region, unsigned page)
{
    const uint8_t *bytes = region + page * 4096;
    uint64_t seed = 1;

    if (page != (LOWCORE_A - REGION) / 4096 && page != (LOWCORE_B - REGION) / 4096)
        return hash_part(1, bytes, 4096);
    seed = hash_part(seed, bytes, 128);
    seed = hash_part(seed, bytes + 512, SAVED - 512);
    return hash_part(seed, bytes + SAVED + SAVED_BYTES, 4096 - SAVED - SAVED_BYTES);
}
