/* SPDX-License-Identifier: MIT */
/** Reading a suite: sections, keys, what is wrong with them. */
#include "test_suite.h"

#include <ctype.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "sienna.h"

enum { LONGEST_FILE = 1 << 20, MOST_MISTAKES = 20, DEFAULT_LIMIT_MS = 10000 };

struct reader {
    struct suite *suite;
    const struct suite_definition *definitions;
    unsigned definition_count, line, mistakes;
    suite_mistake *mistake;
    void *context;
    struct suite_test defaults;
    struct suite_test *test; /* whose keys come: &defaults, the last of suite->tests, NULL before the first section */
    bool skipping;           /* the section's name was a mistake: its keys are not looked at */
};

__attribute__((format(printf, 3, 4)))
static bool mistake(struct reader *r, unsigned line, const char *format, ...)
{
    char text[SIENNA_PROBLEM_BYTES];
    va_list arguments;

    if (r->mistakes++ >= MOST_MISTAKES)
        return false;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    r->mistake(r->context, line, text);
    return false;
}

/* ---- What values may be; the test is filled in ---- */

typedef bool check_function(struct reader *r, struct suite_test *t, const char *value);

static bool check_storage(struct reader *r, struct suite_test *t, const char *value)
{
    uint64_t bytes;

    return (option_size(value, 1 << 20, &bytes) && bytes >= 1 << 20 && bytes % (1 << 20) == 0) ||
           mistake(r, r->line, "storage = %s: say a size in whole MiB such as 16M", value);
}

static bool number(const char *value, unsigned least, unsigned most, unsigned *out)
{
    char *end;
    unsigned long n = strtoul(value, &end, 10);

    *out = (unsigned)n;
    return isdigit((unsigned char)*value) && !*end && n >= least && n <= most;
}

static bool check_cpus(struct reader *r, struct suite_test *t, const char *value)
{
    unsigned n;

    return number(value, 1, SIENNA_MAX_CPUS, &n) ||
           mistake(r, r->line, "cpus = %s: say a number from 1 to %d", value, SIENNA_MAX_CPUS);
}

static bool check_exit(struct reader *r, struct suite_test *t, const char *value)
{
    unsigned n;

    if (!number(value, 0, 3, &n))
        return mistake(r, r->line, "exit = %s: say 0 (the guest ended itself), 1 (it died), 2 (wrong options) or 3 "
                       "(the limit)", value);
    t->exit_code = (int)n;
    return true;
}

static bool check_limit(struct reader *r, struct suite_test *t, const char *value)
{
    char *unit;
    unsigned long long n = strtoull(value, &unit, 10);
    bool seconds;

    while (*unit == ' ')
        unit++;
    seconds = !strcmp(unit, "s");
    if (!isdigit((unsigned char)*value) || (!seconds && strcmp(unit, "ms") != 0) || n == 0 || n > 1000000000)
        return mistake(r, r->line, "limit = %s: say a time in the machine such as 500 ms or 10 s", value);
    t->limit_ms = seconds ? n * 1000 : n;
    return true;
}

static bool check_digest(struct reader *r, struct suite_test *t, const char *value)
{
    return (strlen(value) == 16 && strspn(value, "0123456789abcdef") == 16) ||
           mistake(r, r->line, "digest = %s: say the 16 hexadecimal digits that -digest shows", value);
}

static bool check_options(struct reader *r, struct suite_test *t, const char *value)
{
    char **words = NULL;
    unsigned count = 0;
    bool ok = suite_words(value, &words, &count);

    suite_free_words(words);
    return ok || mistake(r, r->line, "option = %s: a quotation mark is not closed", value);
}

static bool check_regex(struct reader *r, struct suite_test *t, const char *value)
{
    char why[200];
    regex_t regex;
    int code = regcomp(&regex, value, REG_EXTENDED | REG_NOSUB);

    if (code) {
        regerror(code, &regex, why, sizeof why);
        return mistake(r, r->line, "'%s' is no extended regular expression: %s", value, why);
    }
    regfree(&regex);
    return true;
}

static bool check_image(struct reader *r, struct suite_test *t, const char *value)
{
    uint64_t address;
    char *file;
    bool ok = suite_image(value, &file, &address);

    free(file);
    return ok || mistake(r, r->line, "image = %s: say FILE or FILE at ADDRESS, such as loop.bin at 0x10000", value);
}

/* ---- Keys ---- */

#define ONE(member) false, offsetof(struct suite_test, member)
#define LIST(member) true, offsetof(struct suite_test, member)
static const struct key {
    const char *name;
    bool list;
    size_t offset;
    check_function *check;
    const char *help;
} keys[] = {
    {"kernel", ONE(kernel), NULL, "FILE: an ELF file, Linux image or .ins list, as -kernel takes it"},
    {"image", ONE(image), check_image, "FILE [at ADDRESS]: a raw image, started at its address (0x10000)"},
    {"recording", ONE(recording), NULL, "FILE: a recording, replayed and verified"},
    {"initrd", ONE(initrd), NULL, "FILE: initial RAM disk"},
    {"append", ONE(append), NULL, "TEXT: kernel command line"},
    {"storage", ONE(storage), check_storage, "SIZE: main storage (default: as sienna run)"},
    {"cpus", ONE(cpus), check_cpus, "N: CPUs (default 1)"},
    {"option", LIST(options), check_options, "WORDS: more options, words and quotes as in a shell; may be repeated"},
    {"input", LIST(input), NULL, "TEXT: a line typed at the console; may be repeated"},
    {"limit", ONE(limit), check_limit, "N ms or N s of virtual time (default 10 s)"},
    {"skip", ONE(skip), NULL, "REASON: do not run it"},
    {"exit", ONE(exit), check_exit, "N: the exit code (default 0)"},
    {"ending", ONE(ending), check_regex, "REGEX: matches the sentence that says how the machine ended"},
    {"output", ONE(output), NULL, "FILE: what the console shows, exactly"},
    {"pattern", ONE(pattern), NULL, "FILE: regular expressions, one a line, that lines of the console match in order"},
    {"says", LIST(says), NULL, "TEXT: the console shows this; may be repeated"},
    {"never", LIST(never), check_regex, "REGEX: no line of the console matches; may be repeated"},
    {"digest", ONE(digest), check_digest, "HEX: the digest of the machine's state at the end"},
};
enum { KEYS = sizeof keys / sizeof keys[0] };

void suite_help(void)
{
    for (unsigned i = 0; i < KEYS; i++)
        printf("  %-10s %s\n", keys[i].name, keys[i].help);
}

static void add_value(struct suite_list *list, const char *text, unsigned line)
{
    list->values = realloc(list->values, (list->count + 1) * sizeof *list->values);
    if (!list->values)
        abort();
    list->values[list->count++] = (struct suite_value){strdup(text), line};
}

/* A value with ${NAME} replaced; NULL after a mistake. $${ stands for ${. */
static char *expand(struct reader *r, const char *text)
{
    char *whole = NULL;
    size_t bytes;
    FILE *out = open_memstream(&whole, &bytes);
    bool ok = out != NULL;

    for (const char *at = text, *end; ok && *at; at++) {
        const char *value = NULL;

        if (!strncmp(at, "$${", 3)) {
            fputs("${", out);
            at += 2;
            continue;
        }
        if (strncmp(at, "${", 2) != 0) {
            fputc(*at, out);
            continue;
        }
        end = strchr(at, '}');
        if (!end) {
            ok = mistake(r, r->line, "'%s' has no closing brace", at);
            break;
        }
        for (unsigned i = 0; i < r->definition_count; i++)
            if (!strncmp(r->definitions[i].name, at + 2, (size_t)(end - at - 2)) &&
                !r->definitions[i].name[end - at - 2])
                value = r->definitions[i].value;
        if (!value && !strncmp(at, "${suite}", 8))
            value = r->suite->folder;
        if (!value)
            ok = mistake(r, r->line, "%.*s is not defined: say -D %.*s=VALUE", (int)(end - at + 1), at,
                         (int)(end - at - 2), at + 2);
        else
            fputs(value, out);
        at = end;
    }
    if (out)
        fclose(out);
    if (!ok) {
        free(whole);
        whole = NULL;
    }
    return whole;
}

static const struct key *find_key(const char *name)
{
    for (unsigned i = 0; i < KEYS; i++)
        if (!strcmp(keys[i].name, name))
            return &keys[i];
    return NULL;
}

static void set_value(struct reader *r, struct suite_test *t, const struct key *key, const char *text)
{
    struct suite_value *one = (struct suite_value *)((char *)t + key->offset);

    if (key->list) {
        add_value((struct suite_list *)((char *)t + key->offset), text, r->line);
    } else {
        free(one->text);
        *one = (struct suite_value){strdup(text), r->line};
    }
}

/* A test has one program: its own replaces that of the defaults. */
static void replace_program(struct reader *r, struct suite_test *t, const struct key *key)
{
    struct suite_value *programs[] = {&t->kernel, &t->image, &t->recording};
    struct suite_value *own = (struct suite_value *)((char *)t + key->offset);
    bool program = own == &t->kernel || own == &t->image || own == &t->recording;

    for (unsigned i = 0; program && t != &r->defaults && i < 3; i++)
        if (programs[i]->text && programs[i]->line < t->name.line) {
            free(programs[i]->text);
            *programs[i] = (struct suite_value){0};
        }
}

static bool take_key(struct reader *r, const char *name, const char *raw)
{
    const struct key *key = find_key(name);
    const struct suite_value *before;
    char *value;
    bool ok;

    if (r->skipping)
        return true;
    if (!key)
        return mistake(r, r->line, "there is no key '%s' (sienna test -help lists them)", name);
    if (!r->test)
        return mistake(r, r->line, "%s: a section must come first: [defaults] or the name of a test", name);
    before = (const struct suite_value *)((const char *)r->test + key->offset);
    if (!key->list && before->text && before->line >= r->test->name.line)
        return mistake(r, r->line, "%s: line %u has said it already", name, before->line);
    value = *raw ? expand(r, raw) : NULL;
    if (!*raw)
        mistake(r, r->line, "%s: a value is missing", name);
    ok = value && (!key->check || key->check(r, r->test, value));
    if (!value)
        value = strdup(raw); /* so that nobody complains that the key is missing, too */
    replace_program(r, r->test, key);
    set_value(r, r->test, key, value);
    free(value);
    return ok;
}

/* ---- Sections ---- */

static void copy_keys(struct suite_test *to, const struct suite_test *from)
{
    for (unsigned i = 0; i < KEYS; i++) {
        const char *source = (const char *)from + keys[i].offset;
        const struct suite_value *one = (const struct suite_value *)source;
        const struct suite_list *list = (const struct suite_list *)source;

        if (!keys[i].list && one->text)
            *(struct suite_value *)((char *)to + keys[i].offset) =
                (struct suite_value){strdup(one->text), one->line};
        for (unsigned j = 0; keys[i].list && j < list->count; j++)
            add_value((struct suite_list *)((char *)to + keys[i].offset), list->values[j].text, list->values[j].line);
    }
    to->limit_ms = from->limit_ms;
    to->exit_code = from->exit_code;
}

static void release_test(struct suite_test *t)
{
    for (unsigned i = 0; i < KEYS; i++) {
        char *source = (char *)t + keys[i].offset;
        struct suite_list *list = (struct suite_list *)source;

        if (!keys[i].list) {
            free(((struct suite_value *)source)->text);
            continue;
        }
        for (unsigned j = 0; j < list->count; j++)
            free(list->values[j].text);
        free(list->values);
    }
    free(t->name.text);
}

static bool good_name(const char *name)
{
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_.+/", *at))
            return false;
    return *name && *name != '/' && *name != '.' && !strstr(name, "/.") && !strstr(name, "//") &&
           name[strlen(name) - 1] != '/';
}

static bool begin_section(struct reader *r, const char *name)
{
    struct suite *s = r->suite;

    r->skipping = true;
    if (!strcmp(name, "defaults")) {
        if (r->test)
            return mistake(r, r->line, "[defaults] comes once, before all tests");
        r->defaults.name.line = r->line;
        r->test = &r->defaults;
        r->skipping = false;
        return true;
    }
    if (!good_name(name))
        return mistake(r, r->line, "'%s' is no name for a test: letters, digits and - _ . + are, and / between them",
                       name);
    for (unsigned i = 0; i < s->count; i++)
        if (!strcmp(s->tests[i].name.text, name))
            return mistake(r, r->line, "line %u has a test '%s' already", s->tests[i].name.line, name);
    s->tests = realloc(s->tests, (s->count + 1) * sizeof *s->tests);
    if (!s->tests)
        abort();
    r->test = &s->tests[s->count++];
    *r->test = (struct suite_test){.name = {strdup(name), r->line}};
    copy_keys(r->test, &r->defaults);
    r->skipping = false;
    return true;
}

/* What can be judged only when all keys of a test are known. */
static bool complete(struct reader *r, const struct suite_test *t)
{
    unsigned programs = (t->kernel.text != NULL) + (t->image.text != NULL) + (t->recording.text != NULL);

    if (programs > 1)
        return mistake(r, t->name.line, "[%s] has more than one of kernel, image and recording", t->name.text);
    if (!programs && !t->options.count)
        return mistake(r, t->name.line, "[%s] has nothing to run: say kernel, image or recording", t->name.text);
    if (t->recording.text && (t->initrd.text || t->append.text || t->storage.text || t->cpus.text || t->input.count))
        return mistake(r, t->recording.line, "[%s]: a recording brings its own machine and input", t->name.text);
    if (t->digest.text && t->input.count)
        return mistake(r, t->digest.line, "[%s]: when a key arrives is the host's affair, so that a test with input "
                       "has no digest; use a recording", t->name.text);
    return true;
}

/* ---- Lines ---- */

static char *trimmed(char *text)
{
    size_t n;

    text += strspn(text, " \t");
    n = strlen(text);
    while (n && strchr(" \t\r", text[n - 1]))
        n--;
    text[n] = 0;
    return text;
}

static bool take_line(struct reader *r, char *line)
{
    char *equals;

    line = trimmed(line);
    if (!*line || *line == '#')
        return true;
    if (*line == '[') {
        size_t n = strlen(line);

        if (line[n - 1] != ']') {
            r->skipping = true;
            return mistake(r, r->line, "'%s' has no closing bracket", line);
        }
        line[n - 1] = 0;
        return begin_section(r, trimmed(line + 1));
    }
    equals = strchr(line, '=');
    if (!equals)
        return mistake(r, r->line, "'%s' is neither [NAME] nor KEY = VALUE", line);
    *equals = 0;
    return take_key(r, trimmed(line), trimmed(equals + 1));
}

static void take_text(struct reader *r, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        const char *end = memchr(text + at, '\n', bytes - at);
        size_t count = end ? (size_t)(end - text) - at : bytes - at;
        char *line = strndup(text + at, count);

        r->line++;
        if (strlen(line) < count)
            mistake(r, r->line, "a byte 0 does not belong into a suite");
        else
            take_line(r, line);
        free(line);
        at += count + 1;
    }
}

/* As an absolute path, so that it is the same in the tests' processes. */
static char *folder_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    char *folder = !slash          ? strdup(".")
                   : slash == file ? strdup("/")
                                   : strndup(file, (size_t)(slash - file));
    char *absolute = realpath(folder, NULL);

    if (!absolute)
        return folder;
    free(folder);
    return absolute;
}

bool suite_parse(struct suite *s, const char *file, const char *text, size_t bytes,
                 const struct suite_definition *definitions, unsigned count, suite_mistake *tell, void *context)
{
    struct reader r = {.suite = s, .definitions = definitions, .definition_count = count, .mistake = tell,
                       .context = context, .defaults.limit_ms = DEFAULT_LIMIT_MS};

    *s = (struct suite){.file = strdup(file), .folder = folder_of(file)};
    take_text(&r, text, bytes);
    for (unsigned i = 0; i < s->count; i++)
        complete(&r, &s->tests[i]);
    if (!s->count && !r.mistakes)
        mistake(&r, 0, "there is no test in it");
    if (r.mistakes > MOST_MISTAKES)
        tell(context, 0, "there are more mistakes, which are not shown");
    release_test(&r.defaults);
    return !r.mistakes;
}

bool suite_read(struct suite *s, const char *file, const struct suite_definition *definitions, unsigned count,
                suite_mistake *tell, void *context)
{
    FILE *in = fopen(file, "r");
    char *text = malloc(LONGEST_FILE + 1);
    size_t bytes = in && text ? fread(text, 1, LONGEST_FILE + 1, in) : 0;
    bool failed = !in || ferror(in), ok = false;

    *s = (struct suite){0};
    if (failed)
        tell(context, 0, "the file cannot be read");
    else if (bytes > LONGEST_FILE)
        tell(context, 0, "a suite is a text file of at most 1 MiB");
    else
        ok = suite_parse(s, file, text, bytes, definitions, count, tell, context);
    if (in)
        fclose(in);
    free(text);
    return ok;
}

void suite_release(struct suite *s)
{
    for (unsigned i = 0; i < s->count; i++)
        release_test(&s->tests[i]);
    free(s->tests);
    free(s->file);
    free(s->folder);
}
