/* SPDX-License-Identifier: MIT */
#include "slot.h"

#include <string.h>

uint64_t diff_code_address(unsigned slot, const struct diff_case *test)
{
    return CASE_CHUNK + CASE_CHUNK_FIRST + (uint64_t)slot * CASE_SLOT_BYTES + test->code_start;
}

void diff_encode(uint8_t *chunk, unsigned slot, const struct diff_case *test)
{
    static const uint8_t prefix[CASE_PREFIX_BYTES] = {0xeb, 0x0f, 0xf0, IN_GR, 0x00, 0x04};
    uint8_t *in = chunk + CASE_CHUNK_FIRST + (size_t)slot * CASE_SLOT_BYTES;
    uint8_t *code = in + test->code_start, *exit = code + test->code_length;
    int64_t distance = CASE_EXIT - (int64_t)(diff_code_address(slot, test) + test->code_length);

    memset(in + IN_CC_PM, 0, IN_VR - IN_CC_PM);
    memset(in + IN_CODE, 0, IN_CODE_BYTES);
    for (unsigned i = 0; i < 16; i++) {
        put64(in + IN_GR + 8 * i, test->gr[i]);
        put32(in + IN_AR + 4 * i, test->ar[i]);
    }
    put32(in + IN_FPC, test->fpc);
    put32(in + IN_CC_PM, (uint32_t)test->cc << 28 | (uint32_t)test->program_mask << 24);
    put16(in + IN_AMODE, test->amode);
    put16(in + IN_CODE_SLOT, (uint16_t)slot);
    put16(in + IN_CODE_START, test->code_start);
    put16(in + IN_CODE_LENGTH, test->code_length);
    memcpy(in + IN_VR, test->vr, sizeof test->vr);
    memcpy(in + IN_WINDOWS, test->windows, sizeof test->windows);
    memcpy(code - CASE_PREFIX_BYTES, prefix, CASE_PREFIX_BYTES);
    memcpy(code, test->code, test->code_length);
    put16(exit, 0xc0f4); /* BRCL 15 */
    put32(exit + 2, (uint32_t)(distance / 2));
}

void diff_decode_case(const uint8_t *chunk, unsigned slot, struct diff_case *test)
{
    const uint8_t *in = chunk + CASE_CHUNK_FIRST + (size_t)slot * CASE_SLOT_BYTES;

    memset(test, 0, sizeof *test);
    for (unsigned i = 0; i < 16; i++) {
        test->gr[i] = get64(in + IN_GR + 8 * i);
        test->ar[i] = get32(in + IN_AR + 4 * i);
    }
    test->fpc = get32(in + IN_FPC);
    test->cc = in[IN_CC_PM] >> 4 & 3;
    test->program_mask = in[IN_CC_PM] & 15;
    test->amode = in[IN_AMODE + 1];
    test->code_start = get16(in + IN_CODE_START);
    test->code_length = get16(in + IN_CODE_LENGTH);
    memcpy(test->vr, in + IN_VR, sizeof test->vr);
    memcpy(test->windows, in + IN_WINDOWS, sizeof test->windows);
    memcpy(test->code, in + test->code_start, test->code_length);
}

void diff_decode_result(const uint8_t *out, struct diff_result *result)
{
    memset(result, 0, sizeof *result);
    for (unsigned i = 0; i < 16; i++) {
        result->gr[i] = get64(out + OUT_GR + 8 * i);
        result->ar[i] = get32(out + OUT_AR + 4 * i);
    }
    result->fpc = get32(out + OUT_FPC);
    result->cc = out[OUT_CC_PM] >> 4 & 3;
    result->program_mask = out[OUT_CC_PM] & 15;
    result->amode = out[OUT_AMODE + 1];
    result->code = get16(out + OUT_CODE);
    result->ilc = get16(out + OUT_ILC);
    result->ia = get64(out + OUT_IA);
    result->teid = get64(out + OUT_TEID);
    result->stray = get64(out + OUT_STRAY);
    result->signal = get32(out + OUT_SIGNAL);
    result->signal_code = get32(out + OUT_SIGNAL_CODE);
    memcpy(result->vr, out + OUT_VR, sizeof result->vr);
    memcpy(result->windows, out + OUT_WINDOWS, sizeof result->windows);
}

void diff_encode_result(uint8_t *out, const struct diff_result *result)
{
    memset(out, 0, CASE_SLOT_BYTES);
    for (unsigned i = 0; i < 16; i++) {
        put64(out + OUT_GR + 8 * i, result->gr[i]);
        put32(out + OUT_AR + 4 * i, result->ar[i]);
    }
    put32(out + OUT_FPC, result->fpc);
    out[OUT_CC_PM] = (uint8_t)(result->cc << 4 | result->program_mask);
    put16(out + OUT_AMODE, result->amode);
    put16(out + OUT_CODE, result->code);
    put16(out + OUT_ILC, result->ilc);
    put64(out + OUT_IA, result->ia);
    put64(out + OUT_TEID, result->teid);
    put64(out + OUT_STRAY, result->stray);
    memcpy(out + OUT_VR, result->vr, sizeof result->vr);
    memcpy(out + OUT_WINDOWS, result->windows, sizeof result->windows);
}

static const struct {
    uint64_t address;
    unsigned bytes;
} window[] = {{CASE_WINDOW_0, CASE_WINDOW_0_BYTES},
              {CASE_WINDOW_1, CASE_WINDOW_1_BYTES},
              {CASE_WINDOW_2, CASE_WINDOW_2_BYTES}};

int diff_window_offset(uint64_t address)
{
    int before = 0;

    for (unsigned i = 0; i < 3; i++) {
        if (address >= window[i].address && address < window[i].address + window[i].bytes)
            return before + (int)(address - window[i].address);
        before += (int)window[i].bytes;
    }
    return -1;
}

uint64_t diff_window_address(unsigned offset)
{
    for (unsigned i = 0; i < 3; i++) {
        if (offset < window[i].bytes)
            return window[i].address + offset;
        offset -= window[i].bytes;
    }
    return 0;
}
