/* SPDX-License-Identifier: MIT */
/** From a line of text or a JSON object to a command with arguments, and their values. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor_internal.h"

json_t *monitor_fail(struct monitor_call *call, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(call->problem, HOST_PROBLEM_BYTES, format, arguments);
    va_end(arguments);
    return NULL;
}

static json_t *how_to_say_it(struct monitor_call *call, const char *what, const char *which)
{
    char usage[128];

    monitor_usage(call->command, usage, sizeof usage);
    return monitor_fail(call, "%s%s; say: %s", what, which, usage);
}

/* ---- Values of arguments ---- */

const char *monitor_text(struct monitor_call *call, const char *name)
{
    return json_string_value(json_object_get(call->arguments, name));
}

bool monitor_given(const struct monitor_call *call, const char *name)
{
    return json_object_get(call->arguments, name) != NULL;
}

static bool parse_number(const char *text, int base, uint64_t *out)
{
    char *end;

    if (!text || !*text || *text == '-' || *text == '+' || *text == ' ')
        return false;
    *out = strtoull(text, &end, base);
    /* What does not fit comes back as the largest. */
    return !*end && (*out != UINT64_MAX || strspn(text, "0xXfF") == strlen(text));
}

bool monitor_number(struct monitor_call *call, const char *name, uint64_t least, uint64_t most, uint64_t *out)
{
    const char *text = monitor_text(call, name);
    uint64_t value;

    if (!text)
        return true;
    if (!parse_number(text, 0, &value) || value < least || value > most) {
        monitor_fail(call, "%s '%.40s': say a number from %llu to %llu", name, text,
                     (unsigned long long)least,
                     (unsigned long long)most);
        return false;
    }
    *out = value;
    return true;
}

bool monitor_hexadecimal(struct monitor_call *call, const char *name, uint64_t *out)
{
    const char *text = monitor_text(call, name);

    if (parse_number(text, 16, out))
        return true;
    monitor_fail(call, "%s '%.40s': say a hexadecimal number of at most 16 digits", name, text ? text : "");
    return false;
}

bool monitor_cpu(struct monitor_call *call, unsigned *cpu)
{
    uint64_t value = *call->cpu;

    if (!monitor_number(call, "cpu", 0, sienna_cpu_count(call->monitor->sienna) - 1, &value))
        return false;
    *cpu = (unsigned)value;
    return true;
}

/* The index of `text` in "a|b|c"; the beginning of a word will do when there is but one. */
static int find_choice(const char *choices, const char *text, size_t length)
{
    int found = -1, i = 0;

    for (const char *at = choices, *end; at; at = end ? end + 1 : NULL, i++) {
        size_t n;

        end = strchr(at, '|');
        n = end ? (size_t)(end - at) : strlen(at);
        if (n >= length && length && !strncmp(at, text, length)) {
            if (n == length)
                return i;
            found = found == -1 ? i : -2;
        }
    }
    return found;
}

bool monitor_choice(struct monitor_call *call, const char *name, unsigned *out)
{
    const char *text = monitor_text(call, name), *choices = "";
    int found;

    if (!text)
        return true;
    for (const struct monitor_parameter *p = call->command->parameters;
         p < call->command->parameters + MONITOR_PARAMETERS && p->name; p++)
        if (!strcmp(p->name, name))
            choices = p->choices;
    found = find_choice(choices, text, strlen(text));
    if (found < 0) {
        char words[128];

        snprintf(words, sizeof words, "%s", choices);
        for (char *at = words; (at = strchr(at, '|'));)
            *at = ' ';
        monitor_fail(call, "%s '%.40s': say one of %s", name, text, words);
        return false;
    }
    *out = (unsigned)found;
    return true;
}

const char *monitor_space_name(enum sienna_space space)
{
    static const char *const names[] = {"absolute", "real", "logical", "primary", "secondary", "home"};

    return names[space];
}

bool monitor_register(const char *name, size_t length, enum sienna_register_class *class, unsigned *number)
{
    static const struct { const char *name; enum sienna_register_class class; } also[] = {
        {"r", SIENNA_GR}, {"c", SIENNA_CR}, {"a", SIENNA_AR}, {"f", SIENNA_FPR}, {"v", SIENNA_VR},
    };
    size_t letters = strcspn(name, "0123456789");
    uint64_t n = 0;

    letters = letters < length ? letters : length;
    if (length - letters > 2)
        return false;
    for (size_t i = letters; i < length; i++) {
        if (name[i] < '0' || name[i] > '9')
            return false;
        n = 10 * n + (uint64_t)(name[i] - '0');
    }
    *number = (unsigned)n;
    for (unsigned i = 0; i < SIENNA_REGISTER_CLASSES; i++) {
        const struct sienna_register_type *type = sienna_register_type((enum sienna_register_class)i);

        *class = (enum sienna_register_class)i;
        if (strlen(type->name) == letters && !strncmp(type->name, name, letters))
            return n < type->count && (type->count > 1) == (length > letters);
    }
    for (unsigned i = 0; i < sizeof also / sizeof also[0]; i++)
        if (letters == 1 && *name == *also[i].name && length > 1) {
            *class = also[i].class;
            return n < sienna_register_type(also[i].class)->count;
        }
    return false;
}

/* %REGISTER[+HEX|-HEX] */
static bool register_address(struct monitor_call *call, unsigned cpu, const char *text, uint64_t *address)
{
    size_t length = strcspn(text, "+-");
    uint8_t bytes[SIENNA_REGISTER_BYTES], *from = bytes;
    enum sienna_register_class class;
    uint64_t offset = 0, value = 0;
    unsigned number;

    if (!monitor_register(text, length, &class, &number) ||
        !sienna_register_read(call->monitor->sienna, cpu, class, number, bytes) ||
        (text[length] && !parse_number(text + length + 1, 16, &offset)))
        return false;
    if (class == SIENNA_PSW)
        from += 8;
    for (unsigned i = 0; i < (sienna_register_type(class)->bytes < 8 ? 4 : 8); i++)
        value = value << 8 | from[i];
    *address = text[length] == '-' ? value - offset : value + offset;
    return true;
}

bool monitor_address(struct monitor_call *call, unsigned cpu, enum sienna_space *space, uint64_t *address)
{
    const char *text = monitor_text(call, "address"), *colon = text ? strchr(text, ':') : NULL;
    unsigned chosen = *space;
    int found;

    if (!monitor_choice(call, "space", &chosen))
        return false;
    *space = (enum sienna_space)chosen;
    if (colon) {
        found = find_choice(MONITOR_SPACES, text, (size_t)(colon - text));
        if (found < 0) {
            monitor_fail(call, "address '%.60s': before the colon say absolute, real, logical, primary, "
                         "secondary or home",
                         text);
            return false;
        }
        *space = (enum sienna_space)found;
        text = colon + 1;
    }
    if (text && (*text == '%' ? register_address(call, cpu, text + 1, address)
                               : parse_number(text, 16, address)))
        return true;
    monitor_fail(call, "address '%.60s': say hexadecimal digits, or a register such as %%psw or %%gr15+8",
                 text ? text : "");
    return false;
}

bool monitor_device(struct monitor_call *call, const char *name, unsigned *number)
{
    const char *text = monitor_text(call, name), *dot = text ? strrchr(text, '.') : NULL;
    uint64_t value;

    if (text && parse_number(dot ? dot + 1 : text, 16, &value) && value <= 0xffff) {
        *number = (unsigned)value;
        return true;
    }
    monitor_fail(call, "device '%.40s': say a device number such as fe.0.0001", text ? text : "");
    return false;
}

/* ---- From text ---- */

static const struct monitor_parameter *parameter_named(const struct monitor_command *c, const char *name,
                                                       size_t length)
{
    for (const struct monitor_parameter *p = c->parameters; p < c->parameters + MONITOR_PARAMETERS && p->name;
         p++)
        if (strlen(p->name) == length && !strncmp(p->name, name, length))
            return p;
    return NULL;
}

/* The next word of *line into `word`; quotation marks keep blanks together. False at the end of the line. */
static bool next_word(const char **line, char *word, bool *unclosed)
{
    const char *at = *line + strspn(*line, " \t");
    bool quoted = false;

    if (!*at)
        return false;
    for (; *at && (quoted || (*at != ' ' && *at != '\t')); at++) {
        if (*at == '"')
            quoted = !quoted;
        else
            *word++ = *at;
    }
    *word = 0;
    *unclosed = quoted;
    *line = at;
    return true;
}

static bool put_argument(struct monitor_call *call, const struct monitor_parameter *p, const char *text)
{
    json_t *value = json_string(text);

    if (!value) {
        monitor_fail(call, "the argument %s is no UTF-8 text", p->name);
        return false;
    }
    json_object_set_new(call->arguments, p->name, value);
    return true;
}

/* The rest of the line as it stands, without the blanks around it. */
static bool take_rest(struct monitor_call *call, const struct monitor_parameter *p, const char *line,
                      char *buffer)
{
    size_t n;

    line += strspn(line, " \t");
    n = strlen(line);
    while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
        n--;
    memcpy(buffer, line, n);
    buffer[n] = 0;
    return (!n && p->kind != PARAMETER_CLAUSE) || put_argument(call, p, buffer);
}

/* The parameter that this word alone begins. */
static const struct monitor_parameter *clause_named(const struct monitor_command *c, const char *word)
{
    const struct monitor_parameter *p = parameter_named(c, word, strlen(word));

    return p && p->kind == PARAMETER_CLAUSE ? p : NULL;
}

static bool take_arguments(struct monitor_call *call, const char *line, char *word)
{
    const struct monitor_parameter *p;
    unsigned position = 0;
    bool unclosed;

    for (;;) {
        const char *equals;

        p = position < MONITOR_PARAMETERS && call->command->parameters[position].name &&
                    call->command->parameters[position].kind != PARAMETER_CLAUSE
                ? &call->command->parameters[position] : NULL;
        if (p && p->kind == PARAMETER_REST)
            return take_rest(call, p, line, word);
        if (!next_word(&line, word, &unclosed))
            return true;
        if (unclosed)
            return monitor_fail(call, "a quotation mark is not closed"), false;
        if (clause_named(call->command, word))
            return take_rest(call, clause_named(call->command, word), line, word);
        equals = strchr(word, '=');
        if (equals && parameter_named(call->command, word, (size_t)(equals - word))) {
            p = parameter_named(call->command, word, (size_t)(equals - word));
            if (!put_argument(call, p, equals + 1))
                return false;
            continue;
        }
        if (!p)
            return how_to_say_it(call, "too many arguments for ", call->command->name), false;
        if (!put_argument(call, p, word))
            return false;
        position++;
    }
}

static bool complete(struct monitor_call *call)
{
    for (const struct monitor_parameter *p = call->command->parameters;
         p < call->command->parameters + MONITOR_PARAMETERS && p->name; p++)
        if (!p->optional && !json_object_get(call->arguments, p->name)) {
            char what[64];

            snprintf(what, sizeof what, "%s needs its argument ", call->command->name);
            how_to_say_it(call, what, p->name);
            return false;
        }
    return true;
}

json_t *monitor_perform_text(struct monitor *m, unsigned *cpu, const char *line,
                             const struct monitor_command **command, char problem[HOST_PROBLEM_BYTES])
{
    struct monitor_call call = {.monitor = m, .cpu = cpu, .problem = problem};
    const char *name = line + strspn(line, " \t");
    size_t length = strcspn(name, " \t");
    json_t *value = NULL;
    char *word;

    *command = call.command = monitor_find(name, length);
    if (!call.command)
        return monitor_fail(&call, "there is no command '%.*s'; help lists them",
                            length > 40 ? 40 : (int)length, name);
    word = malloc(strlen(line) + 1);
    call.arguments = json_object();
    if (word && take_arguments(&call, name + length, word) && complete(&call))
        value = call.command->perform(&call);
    json_decref(call.arguments);
    free(word);
    return value;
}

/* ---- From JSON ---- */

/* Numbers and truth values become what one would have typed. Integers are decimal for a person, but an
 * address is hexadecimal there. */
static bool normalize(struct monitor_call *call, const struct monitor_parameter *p, const json_t *value)
{
    char text[32];

    if (json_is_string(value)) {
        if (strlen(json_string_value(value)) != json_string_length(value))
            return monitor_fail(call, "the argument %s holds a zero character", p->name), false;
        return put_argument(call, p, json_string_value(value));
    }
    if (json_is_integer(value)) {
        bool hexadecimal = p->kind == PARAMETER_ADDRESS || p->kind == PARAMETER_DEVICE;

        if (json_integer_value(value) < 0)
            return monitor_fail(call, "the argument %s must not be negative", p->name), false;
        snprintf(text, sizeof text, hexadecimal ? "%llx" : "%lld", (long long)json_integer_value(value));
        return put_argument(call, p, text);
    }
    if (json_is_boolean(value))
        return put_argument(call, p, json_is_true(value) ? "on" : "off");
    return monitor_fail(call, "the argument %s must be a string or an integer", p->name), false;
}

static json_t *perform_object(struct monitor_call *call, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "command")), *key;
    json_t *given = json_object_get(request, "arguments"), *value;

    json_object_foreach((json_t *)request, key, value)
        if (strcmp(key, "command") && strcmp(key, "arguments") && strcmp(key, "id"))
            return monitor_fail(call, "a request has no member '%.40s'; it has command, arguments and id",
                                key);
    if (!name)
        return monitor_fail(call, "a request needs the member \"command\", a string");
    call->command = monitor_find(name, strlen(name));
    if (!call->command)
        return monitor_fail(call, "there is no command '%.40s'; help lists them", name);
    if (given && !json_is_object(given))
        return monitor_fail(call, "the member \"arguments\" must be an object");
    json_object_foreach(given, key, value) {
        const struct monitor_parameter *p = parameter_named(call->command, key, strlen(key));

        if (!p)
            return how_to_say_it(call, "there is no such argument: ", key);
        if (!normalize(call, p, value))
            return NULL;
    }
    return complete(call) ? call->command->perform(call) : NULL;
}

static json_t *answer(json_t *value, const char *problem, const json_t *id)
{
    json_t *whole = value ? json_pack("{s:b, s:o}", "ok", 1, "result", value)
                          : json_pack("{s:b, s:s}", "ok", 0, "error", problem);

    if (!whole) /* a sentence that quotes bytes that are no text */
        whole = json_pack("{s:b, s:s}", "ok", 0, "error", "the request is no UTF-8 text");
    if (id)
        json_object_set(whole, "id", (json_t *)id);
    return whole;
}

json_t *monitor_perform_json(struct monitor *m, unsigned *cpu, const char *line)
{
    const char *first = line + strspn(line, " \t");
    char problem[HOST_PROBLEM_BYTES] = "";
    struct monitor_call call = {.monitor = m, .cpu = cpu, .problem = problem};
    const struct monitor_command *command;
    json_t *request, *value, *whole;
    json_error_t error;

    if (*first != '{')
        return answer(monitor_perform_text(m, cpu, line, &command, problem), problem, NULL);
    request = json_loads(first, JSON_REJECT_DUPLICATES, &error);
    if (!request) {
        monitor_fail(&call, "the request is no JSON object: %s", error.text);
        return answer(NULL, problem, NULL);
    }
    call.arguments = json_object();
    value = perform_object(&call, request);
    whole = answer(value, problem, json_object_get(request, "id"));
    json_decref(call.arguments);
    json_decref(request);
    return whole;
}
