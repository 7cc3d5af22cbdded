/* SPDX-License-Identifier: MIT */
/** CPU models: what is complete here, cut down to a generation, and single facilities switched. */
#include "libsienna/cpu_model.h"

#include <stdio.h>
#include <stdlib.h>

#include "channel/sclp.h"
#include "cpu/facility.h"

struct generation {
    const char *name;
    uint16_t type;
    uint8_t age;  /**< greater is newer */
};
static const struct generation generations[] = {
    {"z10", 0x2097, 10}, {"z10EC", 0x2097, 10}, {"z10BC", 0x2098, 10},
    {"z196", 0x2817, 11}, {"z114", 0x2818, 11}, {"zEC12", 0x2827, 12}, {"zBC12", 0x2828, 12},
    {"z13", 0x2964, 13}, {"z13s", 0x2965, 13}, {"z14", 0x3906, 14}, {"z14ZR1", 0x3907, 14},
    {"z15", 0x8561, 15}, {"gen15a", 0x8561, 15}, {"gen15b", 0x8562, 15},
    {"z16", 0x3931, 16}, {"gen16a", 0x3931, 16}, {"gen16b", 0x3932, 16},
    {"max", 0x3931, 16}, {"qemu", 0x3931, 16}, {"host", 0x3931, 16},
};

/*
 * Facilities with the generation that brought them; those not listed are older than z10. Facility 138
 * (configuration always in z/Architecture mode) came with z14, but this machine knows no other mode: every
 * model has it, as under KVM.
 */
static const struct {
    uint8_t facility, age;
} introduced[] = {
    {FACILITY_IPTE_RANGE, 11}, {FACILITY_NONQUIESCING_KEY, 11}, {FACILITY_ENHANCED_MONITOR, 11},
    {FACILITY_FP_EXTENSION, 11}, {FACILITY_Z196, 11}, {FACILITY_CMPSC_ENHANCEMENT, 11}, {FACILITY_RRBM, 11},
    {FACILITY_ACCESS_EXCEPTION_FSI, 11}, {FACILITY_INTERLOCKED_ACCESS_2, 11}, {FACILITY_MSA_3, 11},
    {FACILITY_MSA_4, 11},
    {FACILITY_LOCAL_TLB_CLEARING, 12}, {FACILITY_ZEC12, 12}, {FACILITY_DFP_ZONED, 12}, {FACILITY_EDAT_2, 12},
    {FACILITY_SIDE_EFFECT_ACCESS, 12}, {FACILITY_EXTENDED_SCCB, 12}, {FACILITY_CONSTRAINED_TX, 12},
    {FACILITY_TRANSACTIONS, 12}, {FACILITY_RUNTIME_INSTRUMENTATION, 12}, {FACILITY_AP_QUERY, 12},
    {FACILITY_AP_TEST, 12}, {FACILITY_AP_INTERRUPT, 12}, {FACILITY_MSA_5, 12},
    {FACILITY_Z13, 13}, {FACILITY_VECTOR, 13}, {FACILITY_DFP_PACKED, 13}, {FACILITY_COUNTER_SET_AUTHORITY, 13},
    {FACILITY_MISC_2, 14}, {FACILITY_IEP, 14}, {FACILITY_VECTOR_PACKED_DECIMAL, 14},
    {FACILITY_VECTOR_ENHANCEMENT_1, 14}, {FACILITY_MULTIPLE_EPOCH, 14}, {FACILITY_IRBM, 14},
    {FACILITY_ESSA_NODAT, 14}, {FACILITY_SEMAPHORE, 14}, {FACILITY_ORDER_PRESERVING, 14}, {FACILITY_ENTROPY, 14},
    {FACILITY_GUARDED_STORAGE, 14}, {FACILITY_TEST_PENDING_EXTERNAL, 14}, {FACILITY_MSA_8, 14},
    {FACILITY_ETOKEN, 14},
    {FACILITY_MISC_3, 15}, {FACILITY_VECTOR_ENHANCEMENT_2, 15}, {FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT, 15},
    {FACILITY_MOVE_PAGE_SET_KEY, 15}, {FACILITY_SORT, 15}, {FACILITY_DEFLATE, 15}, {FACILITY_MSA_9, 15},
    {FACILITY_ULTRAVISOR, 15},
    {FACILITY_BEAR, 16}, {FACILITY_RDP, 16}, {FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT_2, 16},
    {FACILITY_PROCESSOR_ACTIVITY, 16}, {FACILITY_NNPA, 16},
};

/* Names as QEMU's -cpu has them; `needs` must be on too (0 = nothing, bit 0 is no prerequisite). */
static const struct feature {
    const char *name;
    uint8_t facility, needs;
} features[] = {
    {"asnlxr", FACILITY_ASN_LX_REUSE, 0}, {"edat", FACILITY_EDAT_1, 0}, {"edat2", FACILITY_EDAT_2, FACILITY_EDAT_1},
    {"srs", FACILITY_SENSE_RUNNING, 0}, {"csske", FACILITY_CONDITIONAL_SSKE, 0}, {"ctop", FACILITY_TOPOLOGY, 0},
    {"ipter", FACILITY_IPTE_RANGE, 0}, {"nonqks", FACILITY_NONQUIESCING_KEY, 0},
    {"etf2", FACILITY_EXTENDED_TRANSLATION_2, 0}, {"etf3", FACILITY_EXTENDED_TRANSLATION_3, 0},
    {"etf2eh", FACILITY_ETF2_ENHANCEMENT, FACILITY_EXTENDED_TRANSLATION_2},
    {"etf3eh", FACILITY_ETF3_ENHANCEMENT, FACILITY_EXTENDED_TRANSLATION_3},
    {"parseh", FACILITY_PARSING_ENHANCEMENT, 0}, {"stckf", FACILITY_STORE_CLOCK_FAST, 0},
    {"mvcos", FACILITY_MVCOS, 0}, {"tods-base", FACILITY_TOD_STEERING, 0}, {"ectg", FACILITY_EXTRACT_CPU_TIME, 0},
    {"csst", FACILITY_CSST, 0}, {"csst2", FACILITY_CSST_2, FACILITY_CSST}, {"ginste", FACILITY_GENERAL_INSTRUCTIONS, 0},
    {"exrl", FACILITY_EXECUTE_EXTENSIONS, 0}, {"emon", FACILITY_ENHANCED_MONITOR, 0},
    {"fpe", FACILITY_FP_EXTENSION, 0}, {"sprogp", FACILITY_LOAD_PROGRAM_PARAMETER, 0},
    {"fpseh", FACILITY_FP_SUPPORT, 0}, {"dfp", FACILITY_DFP, 0}, {"pfpo", FACILITY_PFPO, 0},
    {"stfle45", FACILITY_Z196, 0}, {"stfle49", FACILITY_ZEC12, 0},
    {"ltlbc", FACILITY_LOCAL_TLB_CLEARING, 0}, {"iacc2", FACILITY_INTERLOCKED_ACCESS_2, 0},
    {"stfle53", FACILITY_Z13, 0}, {"minste2", FACILITY_MISC_2, 0},
    {"minste3", FACILITY_MISC_3, 0}, {"sema", FACILITY_SEMAPHORE, 0},
    {"ri", FACILITY_RUNTIME_INSTRUMENTATION, 0}, {"rrbm", FACILITY_RRBM, 0},
    {"te", FACILITY_TRANSACTIONS, 0}, {"cte", FACILITY_CONSTRAINED_TX, FACILITY_TRANSACTIONS},
    {"sthyi", FACILITY_STHYI, 0}, {"aefsi", FACILITY_ACCESS_EXCEPTION_FSI, 0}, {"msa", FACILITY_MSA, 0},
    {"vx", FACILITY_VECTOR, 0}, {"iep", FACILITY_IEP, 0}, {"sea_esop2", FACILITY_SIDE_EFFECT_ACCESS, 0},
    {"gs", FACILITY_GUARDED_STORAGE, 0}, {"vxpd", FACILITY_VECTOR_PACKED_DECIMAL, FACILITY_VECTOR},
    {"vxeh", FACILITY_VECTOR_ENHANCEMENT_1, FACILITY_VECTOR},
    {"vxeh2", FACILITY_VECTOR_ENHANCEMENT_2, FACILITY_VECTOR_ENHANCEMENT_1},
    {"vxpdeh", FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT, FACILITY_VECTOR_PACKED_DECIMAL},
    {"vxpdeh2", FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT_2, FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT},
    {"mepoch", FACILITY_MULTIPLE_EPOCH, 0}, {"irbm", FACILITY_IRBM, 0}, {"cmmnt", FACILITY_ESSA_NODAT, 0},
    {"sort", FACILITY_SORT, 0}, {"deflate", FACILITY_DEFLATE, 0}, {"nnpa", FACILITY_NNPA, 0},
    {"beareh", FACILITY_BEAR, 0}, {"rdp", FACILITY_RDP, 0},
};
enum { GENERATIONS = sizeof generations / sizeof generations[0], FEATURES = sizeof features / sizeof features[0],
       INTRODUCED = sizeof introduced / sizeof introduced[0] };

/* What SIE does for hypervisors, by QEMU's names; each is announced and works, or is absent. All are off
 * without "sief2". */
static const struct interpretation_feature {
    const char *name;
    size_t announced; /* the bool of struct sclp_features */
} assists[] = {
#define ASSIST(name, field) {name, offsetof(struct sclp_features, field)}
    ASSIST("sief2", sief2), ASSIST("esop", esop), ASSIST("gsls", gsls), ASSIST("64bscao", sca_64bit),
    ASSIST("esca", esca), ASSIST("sigpif", sigpif), ASSIST("siif", siif), ASSIST("gpere", gpere),
    ASSIST("cei", cei), ASSIST("ibs", ibs), ASSIST("kss", kss),
    ASSIST("skey", skey), ASSIST("cmma", cmma), ASSIST("pfmfi", pfmfi),
    ASSIST("aiv", aiv), ASSIST("gisaf", gisa_format_1),
    ASSIST("ibc", blocking),
#undef ASSIST
};
enum { ASSISTS = sizeof assists / sizeof assists[0] };

static bool *announced(struct sclp_features *announce, const struct interpretation_feature *assist)
{
    return (bool *)((char *)announce + assist->announced);
}

static const struct generation *generation_named(const char *name)
{
    for (unsigned i = 0; i < GENERATIONS; i++)
        if (!strcmp(generations[i].name, name))
            return &generations[i];
    return NULL;
}

static const struct feature *feature_named(const char *name)
{
    for (unsigned i = 0; i < FEATURES; i++)
        if (!strcmp(features[i].name, name))
            return &features[i];
    return NULL;
}

static void facilities_of(const struct generation *g, struct facility_list *list)
{
    facility_list_all(list);
    for (unsigned i = 0; i < INTRODUCED; i++)
        if (introduced[i].age > g->age)
            facility_set(list, introduced[i].facility, false);
}

static const struct interpretation_feature *assist_named(const char *name)
{
    for (unsigned i = 0; i < ASSISTS; i++)
        if (!strcmp(assists[i].name, name))
            return &assists[i];
    return NULL;
}

/* "FEATURE=on", "FEATURE=off" or "FEATURE". */
static bool switch_feature(struct facility_list *list, struct sclp_features *announce, char *text, char *problem)
{
    struct facility_list all;
    char *value = strchr(text, '=');
    const struct interpretation_feature *assist;
    const struct feature *f;
    bool on;

    if (value)
        *value++ = 0;
    on = !value || !strcmp(value, "on") || !strcmp(value, "true");
    f = feature_named(text);
    assist = assist_named(text);
    facility_list_all(&all);
    if (!f && !assist)
        return problem_set(problem, "-cpu: there is no feature '%s' (see -cpu help)", text);
    if (!on && strcmp(value, "off") && strcmp(value, "false"))
        return problem_set(problem, "-cpu: say %s=on or %s=off", text, text);
    if (assist) {
        *announced(announce, assist) = on;
        return true;
    }
    if (on && !facility_present(&all, f->facility))
        return problem_set(problem, "-cpu: this machine does not have the feature '%s'", text);
    facility_set(list, f->facility, on);
    return true;
}

static bool check_needs(const struct facility_list *list, char *problem)
{
    for (unsigned i = 0; i < FEATURES; i++) {
        const struct feature *f = &features[i];

        if (!f->needs || !facility_present(list, f->facility) || facility_present(list, f->needs))
            continue;
        for (unsigned k = 0; k < FEATURES; k++)
            if (features[k].facility == f->needs)
                return problem_set(problem, "-cpu: the feature '%s' needs '%s'", f->name, features[k].name);
    }
    return true;
}

bool cpu_model_parse(const char *text, struct facility_list *list, struct sclp_features *announce,
                     uint16_t *type, char *problem)
{
    char *copy = strdup(text ? text : "max"), *rest, *word = strtok_r(copy, ",", &rest);
    const struct generation *g = word ? generation_named(word) : NULL;
    bool ok = true;

    if (!g) {
        ok = problem_set(problem, "-cpu %s: there is no such model (see -cpu help)", text);
    } else {
        facilities_of(g, list);
        *type = g->type;
        for (unsigned i = 0; i < ASSISTS; i++)
            *announced(announce, &assists[i]) = true;
        /* QEMU takes a machine without DFP and CPACF for an old one, and would block what its kernel uses. */
        announce->blocking = false;
        while (ok && (word = strtok_r(NULL, ",", &rest)))
            ok = switch_feature(list, announce, word, problem);
        for (unsigned i = 0; i < ASSISTS && !announce->sief2; i++)
            *announced(announce, &assists[i]) = false;
    }
    ok = ok && check_needs(list, problem);
    free(copy);
    return ok;
}

/* As QEMU and KVM count: generations from z900 on, 1 for the first of each. */
static uint16_t ibc_of(unsigned age)
{
    return (uint16_t)((age - 7) << 4 | 1);
}

void cpu_model_blocking(const struct facility_list *own, uint16_t type, struct cpus *cpus)
{
    enum { LOWEST = 10 };
    unsigned newest = LOWEST;

    for (unsigned i = 0; i < GENERATIONS; i++)
        if (generations[i].type == type)
            newest = generations[i].age;
    for (unsigned age = LOWEST; age <= newest; age++) {
        struct generation g = {.age = (uint8_t)age};
        struct facility_list *list = &cpus->blocked[age - 7];

        facilities_of(&g, list);
        for (unsigned i = 0; i < FACILITY_LIMIT / 64; i++)
            list->d[i] &= own->d[i];
    }
    cpus->lowest_ibc = ibc_of(LOWEST);
    cpus->own_ibc = ibc_of(newest);
}

bool sienna_cpu_model(unsigned index, const char **name)
{
    if (index >= GENERATIONS)
        return false;
    *name = generations[index].name;
    return true;
}

bool sienna_cpu_feature(unsigned index, const char **name, bool *exists)
{
    struct facility_list all;

    if (index >= FEATURES + ASSISTS)
        return false;
    if (index >= FEATURES) {
        *name = assists[index - FEATURES].name;
        return *exists = true;
    }
    facility_list_all(&all);
    *name = features[index].name;
    *exists = facility_present(&all, features[index].facility);
    return true;
}
