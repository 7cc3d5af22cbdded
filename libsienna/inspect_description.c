/* SPDX-License-Identifier: MIT */
/** The state description of a guest under SIE, field by field in words. */
#include <stdio.h>

#include "cpu/guests.h"
#include "libsienna/alter.h"
#include "libsienna/inspect.h"
#include "sie/sie.h"
#include "sie/state_descriptor.h"
#include "sienna_debug.h"

struct named_bit { uint32_t bit; const char *name; };

static const struct named_bit cpustat_bits[] = {
    {CPUSTAT_STOPPED, "stopped"}, {CPUSTAT_WAIT, "wait"}, {CPUSTAT_ECALL_PENDING, "external call pending"},
    {CPUSTAT_STOP_INT, "stop request"}, {CPUSTAT_IO_INT, "I/O request"}, {CPUSTAT_EXT_INT, "external request"},
    {CPUSTAT_RUNNING, "running"}, {0x400000, "retained"}, {0x20000, "timing subset"}, {0x10000, "SIE subset"},
    {0x8000, "RRF"}, {0x4000, "SLSV"}, {0x2000, "SLSR"}, {CPUSTAT_ZARCH, "z/Architecture"}, {CPUSTAT_KSS, "KSS"},
    {0x100, "MCDS"}, {CPUSTAT_SM, "SM (storage without limit)"}, {CPUSTAT_IBS, "IBS"}, {CPUSTAT_GED2, "GED2"},
    {8, "G"}, {CPUSTAT_GED, "GED"}, {2, "J"}, {CPUSTAT_PER, "P"}, {0, NULL},
};
static const struct named_bit ictl_bits[] = {
    {ICTL_OPERATION, "operation exceptions"}, {ICTL_PRIVILEGED, "privileged-operation exceptions"},
    {ICTL_PROGRAM, "program interruptions"}, {1U << 28, "STFLE"}, {1U << 24, "IPTE/CSP"}, {1U << 22, "LPSW"},
    {1U << 21, "PTLB"}, {1U << 20, "SSM"}, {1U << 19, "BSA"}, {1U << 18, "STCTL"}, {1U << 17, "STNSM"},
    {1U << 16, "STOSM"}, {1U << 15, "STCK"}, {1U << 14, "ISKE"}, {1U << 13, "SSKE"}, {1U << 12, "RRBE"},
    {1U << 11, "PC"}, {1U << 10, "PT"}, {1U << 9, "TPROT"}, {1U << 8, "LASP"}, {1U << 6, "SPT"}, {1U << 5, "SCKC"},
    {1U << 3, "PR"}, {1U << 2, "BAKR"}, {0, NULL},
};
static const struct named_bit eca_bits[] = {
    {ECA_CEI, "CEI"}, {ECA_IB, "IB"}, {ECA_SIGPI, "SIGPI"}, {ECA_MVPGI, "MVPGI"}, {ECA_AIV, "AIV"}, {ECA_VX, "VX"},
    {ECA_PROTEXCI, "PROTEXCI"}, {8, "APIE"}, {ECA_SII, "SII"}, {0, NULL},
};
static const struct named_bit ecb_bits[] = {
    {0x40, "GS"}, {0x10, "TE"}, {ECB_SPECI, "SPECI"}, {ECB_SRSI, "SRSI"}, {ECB_HOSTPROTINT, "HOSTPROTINT"},
    {ECB_PTF, "PTF"}, {0, NULL},
};
static const struct named_bit ecb2_bits[] = {
    {ECB2_CMMA, "CMMA"}, {ECB2_IEP, "IEP"}, {ECB2_PFMFI, "PFMFI"}, {ECB2_ESCA, "ESCA"}, {2, "ZPCI-LSI"}, {0, NULL},
};
static const struct named_bit ecb3_bits[] = {
    {0x20, "AISI"}, {0x10, "AISII"}, {8, "DEA"}, {4, "AES"}, {1, "RI"}, {0, NULL},
};
static const struct named_bit ecd_bits[] = {
    {0x20000000, "HOSTREGMGMT"}, {0x08000000, "MEF"}, {0x02000000, "ETOKENF"}, {0x00200000, "ECC"}, {0x4000, "HMAC"},
    {0, NULL},
};

enum kind { NUMBER, BITS, REGISTERS, CALLS, CODE, STATUS, PROGRAM };

static const struct field {
    const char *name;
    uint16_t offset;
    uint8_t bytes;
    enum kind kind;
    const struct named_bit *bits;
    const char *says; /* of a NUMBER */
} fields[] = {
    {"CPUSTAT", SD_CPUSTAT, 4, BITS, cpustat_bits, NULL},
    {"prefix", SD_PREFIX, 2, NUMBER, NULL, "in units of 8K"},
    {"IBC", SD_IBC, 2, NUMBER, NULL, "instruction-blocking control"},
    {"CPU timer", SD_CPU_TIMER, 8, NUMBER, NULL, "as at the last exit"},
    {"clock comparator", SD_CLOCK_COMPARATOR, 8, NUMBER, NULL, NULL},
    {"epoch", SD_EPOCH, 8, NUMBER, NULL, "guest TOD less host TOD"},
    {"epoch index", SD_EPOCH_INDEX, 1, NUMBER, NULL, "with ECD.MEF"},
    {"SVCC", SD_SVCC, 4, CALLS, NULL, NULL},
    {"LCTL", SD_LCTL, 2, REGISTERS, NULL, NULL},
    {"CPU address", SD_CPU_ADDRESS, 2, NUMBER, NULL, "the guest's"},
    {"ICTL", SD_ICTL, 4, BITS, ictl_bits, NULL},
    {"ECA", SD_ECA, 4, BITS, eca_bits, NULL},
    {"ECB", SD_ECB, 1, BITS, ecb_bits, NULL},
    {"ECB2", SD_ECB2, 1, BITS, ecb2_bits, NULL},
    {"ECB3", SD_ECB3, 1, BITS, ecb3_bits, NULL},
    {"ECD", SD_ECD, 4, BITS, ecd_bits, NULL},
    {"ICPTCODE", SD_ICPTCODE, 1, CODE, NULL, NULL},
    {"ICPTSTATUS", SD_ICPTSTATUS, 1, STATUS, NULL, NULL},
    {"IPA", SD_IPA, 2, NUMBER, NULL, "instruction, first halfword"},
    {"IPB", SD_IPB, 4, NUMBER, NULL, "instruction, the rest; or a validity reason"},
    {"IHCPU", SD_HOST_CPU, 2, NUMBER, NULL, "host CPU that interpreted it last"},
    {"SCA high", SD_SCA_HIGH, 4, NUMBER, NULL, "system control area, host real"},
    {"SCA low", SD_SCA_LOW, 4, NUMBER, NULL, NULL},
    {"format", SD_FORMAT, 1, NUMBER, NULL, "0 for a format-2 description"},
    {"TOD programmable", SD_TODPR, 4, NUMBER, NULL, NULL},
    {"GISA", SD_GISA, 4, NUMBER, NULL, "guest interruption state area, host real; the last bit is its format"},
    {"MSO", SD_MSO, 8, NUMBER, NULL, "main-storage origin, host logical"},
    {"MSL", SD_MSL, 8, NUMBER, NULL, "main-storage limit, host logical"},
    {"PSW mask", SD_PSW, 8, NUMBER, NULL, NULL},
    {"PSW address", SD_PSW + 8, 8, NUMBER, NULL, NULL},
    {"GR 14", SD_GR14, 8, NUMBER, NULL, NULL},
    {"GR 15", SD_GR15, 8, NUMBER, NULL, NULL},
    {"host program", SD_HOST_PROGRAM, 1, PROGRAM, NULL, NULL},
    {"external parameter", SD_EXTERNAL_PARAMETER, 4, NUMBER, NULL, "partial execution: target address, high"},
    {"external CPU", SD_EXTERNAL_CPU, 2, NUMBER, NULL, "address of the CPU that signalled"},
    {"external code", SD_EXTERNAL_CODE, 2, NUMBER, NULL, "external interruption"},
    {"program length", SD_INTERRUPTION + 0xc, 2, NUMBER, NULL, "instruction length of a program interruption"},
    {"program code", SD_INTERRUPTION + 0xe, 2, NUMBER, NULL, "program interruption"},
    {"data exception", SD_INTERRUPTION + 0x10, 4, NUMBER, NULL, "its code"},
    {"PER code", SD_INTERRUPTION + 0x16, 2, NUMBER, NULL, NULL},
    {"PER address", SD_INTERRUPTION + 0x18, 8, NUMBER, NULL, NULL},
    {"access register", SD_INTERRUPTION + 0x20, 1, NUMBER, NULL, "exception access identification"},
    {"TEID", SD_TEID_OR_MONITOR_CODE, 8, NUMBER, NULL, "or the monitor code"},
    {"breaking event", SD_GBEA, 8, NUMBER, NULL, NULL},
    {"facilities", SD_FACILITIES, 4, NUMBER, NULL, "facility list, host real; 0: STFLE is intercepted"},
    {"CBRLO", SD_CBRL, 8, NUMBER, NULL, "list of freed blocks for ESSA"},
    {"program parameter", SD_PP, 8, NUMBER, NULL, NULL},
};
enum { FIELDS = sizeof fields / sizeof fields[0], CONTROLS = 16 };

static void add_word(struct sienna_description_field *out, const char *word)
{
    size_t used = strlen(out->words);

    snprintf(out->words + used, sizeof out->words - used, "%s%s", used ? ", " : "", word);
}

static void say_bits(struct sienna_description_field *out, const struct named_bit *bits)
{
    uint64_t rest = out->value;
    char other[32];

    for (; bits->name; bits++)
        if (rest & bits->bit) {
            add_word(out, bits->name);
            rest &= ~(uint64_t)bits->bit;
        }
    if (rest) {
        snprintf(other, sizeof other, "others %0*llx", 2 * (int)out->bytes, (unsigned long long)rest);
        add_word(out, other);
    }
}

static void say_registers(struct sienna_description_field *out)
{
    char name[8];

    for (unsigned i = 0; i < 16; i++)
        if (out->value << i & 0x8000) {
            snprintf(name, sizeof name, "CR%u", i);
            add_word(out, name);
        }
}

/* Byte 0 says which calls are intercepted: all, or those that bytes 1 to 3 name. */
static void say_calls(struct sienna_description_field *out)
{
    char name[16];

    if (out->value & 0x80000000)
        add_word(out, "all calls");
    for (unsigned i = 1; i < 4; i++)
        if (out->value << i & 0x80000000) {
            snprintf(name, sizeof name, "SVC %u", (unsigned)(out->value >> (24 - 8 * i) & 0xff));
            add_word(out, name);
        }
}

static void say_status(struct sienna_description_field *out)
{
    char length[32];

    if (!(out->value & 1))
        return;
    snprintf(length, sizeof length, "by EXECUTE, of length %u", (unsigned)(out->value >> 4 & 6));
    add_word(out, length);
}

static void say(struct sienna_description_field *out, const struct field *f)
{
    const char *cause;

    switch (f->kind) {
    case NUMBER: add_word(out, f->says ? f->says : ""); break;
    case BITS: say_bits(out, f->bits); break;
    case REGISTERS: say_registers(out); break;
    case CALLS: say_calls(out); break;
    case CODE: add_word(out, out->value ? sie_interception_name((unsigned)out->value, &cause) : "none"); break;
    case STATUS: say_status(out); break;
    case PROGRAM: add_word(out, out->value == 5 ? "a guest of the guest (vSIE)" : "a guest of level 1"); break;
    }
}

static void place(unsigned index, struct sienna_description_field *out)
{
    *out = (struct sienna_description_field){.bytes = 8};
    if (index < FIELDS) {
        snprintf(out->name, sizeof out->name, "%s", fields[index].name);
        out->offset = fields[index].offset;
        out->bytes = fields[index].bytes;
    } else {
        snprintf(out->name, sizeof out->name, "CR %u", index - FIELDS);
        out->offset = SD_CR + 8 * (index - FIELDS);
    }
}

static bool read_field(const struct sienna *s, uint64_t description, unsigned index,
                       struct sienna_description_field *out)
{
    const uint8_t *sd = storage_at(s->machine.storage, absolute(description));

    if (index >= FIELDS + CONTROLS)
        return false;
    place(index, out);
    for (unsigned i = 0; i < out->bytes; i++)
        out->value = out->value << 8 | sd[out->offset + i];
    if (index < FIELDS)
        say(out, &fields[index]);
    return true;
}

bool sienna_description_field(const struct sienna *s, unsigned number, unsigned index,
                              struct sienna_description_field *out)
{
    const struct cpu *cpu = cpu_numbered(s, number);

    return cpu && cpu->interpretation && read_field(s, cpu->interpretation->descriptor.v, index, out);
}

bool sienna_thread_description_field(const struct sienna *s, struct sienna_thread thread, unsigned index,
                                     struct sienna_description_field *out)
{
    const struct virtual_cpu *v = thread.guest ? guests_find(s->machine.cpus, thread.guest, thread.cpu) : NULL;

    return v && read_field(s, v->description, index, out);
}

bool sienna_thread_description_write(struct sienna *s, struct sienna_thread thread, unsigned index, uint64_t value,
                                     char problem[SIENNA_PROBLEM_BYTES])
{
    const struct virtual_cpu *v = thread.guest ? guests_find(s->machine.cpus, thread.guest, thread.cpu) : NULL;
    struct sienna_description_field field;
    uint8_t raw[8];

    if (!v || index >= FIELDS + CONTROLS)
        return problem_set(problem, "there is no such field of a state description");
    place(index, &field);
    if (field.bytes < 8 && value >> 8 * field.bytes)
        return problem_set(problem, "%s has %u bytes", field.name, field.bytes);
    put_be64(raw, value);
    return alter_allowed(s, problem) &&
        alter_storage(s, absolute(v->description + field.offset), raw + 8 - field.bytes, field.bytes);
}
