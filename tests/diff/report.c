/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <string.h>

#include "cpu/insn.h"

static const char *signal_name(uint32_t number)
{
    switch (number) {
    case 4:
        return "SIGILL";
    case 5:
        return "SIGTRAP";
    case 7:
        return "SIGBUS";
    case 8:
        return "SIGFPE";
    case 11:
        return "SIGSEGV";
    default:
        return "signal";
    }
}

void diff_print_end(FILE *to, const struct diff_result *result)
{
    if (result->died)
        fprintf(to, "the oracle gave up");
    else if (result->code == 0)
        fprintf(to, "ended normally");
    else if (result->code == 0xffff)
        fprintf(to, "%s (si_code %u, DXC %02x), instruction address %llx", signal_name(result->signal),
                result->signal_code, result->fpc >> 8 & 0xff, (unsigned long long)result->ia);
    else
        fprintf(to, "program interruption %#x (ILC %u, DXC %02x, TEID %llx), instruction address %llx",
                result->code, result->ilc, result->fpc >> 8 & 0xff, (unsigned long long)result->teid,
                (unsigned long long)result->ia);
}

static void print_bytes(FILE *to, const uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        fprintf(to, "%s%02x", i && i % 8 == 0 ? " " : "", bytes[i]);
}

/* One line per run of differing 16-byte pieces of the windows. */
static void print_windows(FILE *to, const uint8_t *a, const uint8_t *b, const char *name_a, const char *name_b)
{
    for (unsigned at = 0; at < IN_WINDOWS_BYTES; at += 16) {
        if (!memcmp(a + at, b + at, 16))
            continue;
        fprintf(to, "  storage %08llx  ", (unsigned long long)diff_window_address(at));
        print_bytes(to, a + at, 16);
        fprintf(to, "  %s\n                    ", name_a);
        print_bytes(to, b + at, 16);
        fprintf(to, "  %s\n", name_b);
    }
}

static void print_vr(FILE *to, unsigned n, const uint8_t *a, const uint8_t *b, const char *name_a, const char *name_b)
{
    fprintf(to, "  v%-2u  ", n);
    print_bytes(to, a, 16);
    fprintf(to, "  %s\n       ", name_a);
    print_bytes(to, b, 16);
    fprintf(to, "  %s\n", name_b);
}

void diff_print_changes(FILE *to, const struct diff_case *test, const struct diff_result *result)
{
    fprintf(to, "  ");
    diff_print_end(to, result);
    fprintf(to, "\n  cc %u  program mask %x  amode %u  fpc %08x%s\n", result->cc, result->program_mask,
            result->amode, result->fpc, result->fpc != test->fpc ? " (changed)" : "");
    for (unsigned i = 0; i < 16; i++)
        if (result->gr[i] != test->gr[i])
            fprintf(to, "  r%-2u  %016llx  was %016llx\n", i, (unsigned long long)result->gr[i],
                    (unsigned long long)test->gr[i]);
    for (unsigned i = 0; i < 16; i++)
        if (result->ar[i] != test->ar[i])
            fprintf(to, "  a%-2u  %08x  was %08x\n", i, result->ar[i], test->ar[i]);
    for (unsigned i = 0; i < 32; i++)
        if (memcmp(result->vr[i], test->vr[i], 16))
            print_vr(to, i, result->vr[i], test->vr[i], "now", "was");
    print_windows(to, result->windows, test->windows, "now", "was");
    if (result->stray)
        fprintf(to, "  stored outside the windows\n");
}

static void print_state_difference(FILE *to, const struct diff_result *e, const struct diff_result *g)
{
    if (e->cc != g->cc)
        fprintf(to, "  cc   expected %u  got %u\n", e->cc, g->cc);
    if (e->program_mask != g->program_mask)
        fprintf(to, "  program mask  expected %x  got %x\n", e->program_mask, g->program_mask);
    if (e->amode != g->amode)
        fprintf(to, "  amode  expected %u  got %u\n", e->amode, g->amode);
    if (e->fpc != g->fpc)
        fprintf(to, "  fpc  expected %08x  got %08x\n", e->fpc, g->fpc);
    if (e->stray != g->stray)
        fprintf(to, "  stored outside the windows: expected %llx  got %llx\n", (unsigned long long)e->stray,
                (unsigned long long)g->stray);
}

void diff_print_difference(FILE *to, const struct diff_result *expected, const struct diff_result *got,
                           const uint8_t vr_bytes[32])
{
    if (expected->died || expected->code != got->code || expected->ia != got->ia) {
        fprintf(to, "  expected: ");
        diff_print_end(to, expected);
        fprintf(to, "\n  got:      ");
        diff_print_end(to, got);
        fprintf(to, "\n");
    }
    if (expected->died)
        return;
    print_state_difference(to, expected, got);
    for (unsigned i = 0; i < 16; i++)
        if (expected->gr[i] != got->gr[i])
            fprintf(to, "  r%-2u  expected %016llx  got %016llx\n", i, (unsigned long long)expected->gr[i],
                    (unsigned long long)got->gr[i]);
    for (unsigned i = 0; i < 16; i++)
        if (expected->ar[i] != got->ar[i])
            fprintf(to, "  a%-2u  expected %08x  got %08x\n", i, expected->ar[i], got->ar[i]);
    for (unsigned i = 0; i < 32; i++)
        if (memcmp(expected->vr[i], got->vr[i], vr_bytes[i]))
            print_vr(to, i, expected->vr[i], got->vr[i], "expected", "got");
    print_windows(to, expected->windows, got->windows, "expected", "got");
}

void diff_print_initial(FILE *to, const struct diff_case *test, uint32_t gr_mask, uint32_t vr_mask)
{
    fprintf(to, "  initial: cc %u  program mask %x  amode %u  fpc %08x\n", test->cc, test->program_mask,
            test->amode, test->fpc);
    for (unsigned i = 0; i < 16; i++)
        if (gr_mask >> i & 1)
            fprintf(to, "  r%-2u  %016llx\n", i, (unsigned long long)test->gr[i]);
    for (unsigned i = 0; i < 32; i++)
        if (vr_mask >> i & 1) {
            fprintf(to, "  v%-2u  ", i);
            print_bytes(to, test->vr[i], 16);
            fprintf(to, "\n");
        }
}

void diff_print_question(FILE *to, const struct diff_case *test)
{
    static const uint8_t nothing[16];

    fprintf(to, "  sienna-diff ask --code ");
    for (unsigned i = 0; i < test->code_length; i++)
        fprintf(to, "%02x", test->code[i]);
    fprintf(to, " cc=%u pm=%u amode=%u fpc=%#x", test->cc, test->program_mask, test->amode, test->fpc);
    for (unsigned i = 0; i < 16; i++)
        fprintf(to, " r%u=%#llx a%u=%#x", i, (unsigned long long)test->gr[i], i, test->ar[i]);
    for (unsigned i = 0; i < 32; i++) {
        fprintf(to, " v%u=", i);
        print_bytes(to, test->vr[i], 8);
        fputc('_', to);
        print_bytes(to, test->vr[i] + 8, 8);
    }
    for (unsigned at = 0; at < IN_WINDOWS_BYTES; at += 16)
        if (memcmp(test->windows + at, nothing, 16)) {
            fprintf(to, " %#llx=", (unsigned long long)diff_window_address(at));
            print_bytes(to, test->windows + at, 8);
            fputc('_', to);
            print_bytes(to, test->windows + at + 8, 8);
        }
    fprintf(to, "\n");
}

bool diff_no_operation(const uint8_t *code)
{
    return get16(code) == 0x0700 || get16(code) == 0x4700 || get16(code) == 0xc004;
}

void diff_print_code(FILE *to, const struct diff_case *test, unsigned slot)
{
    uint64_t address = diff_code_address(slot, test);

    for (unsigned at = 0; at < test->code_length;) {
        unsigned length = insn_length(test->code[at]);
        uint8_t bytes[8] = {0};
        memcpy(bytes, test->code + at, length);
        if (diff_no_operation(bytes)) {
            at += length;
            continue;
        }
        fprintf(to, "  %06llx  ", (unsigned long long)(address + at));
        for (unsigned i = 0; i < 6; i++)
            fprintf(to, i < length ? "%02x" : "  ", bytes[i]);
        fprintf(to, "  %s\n", insn_name(insn_decode(get64(bytes))));
        at += length;
    }
}
