/* SPDX-License-Identifier: MIT */
/*
 * The fixed guest workload of tests/bench/run: a Linux program for s390x, static.
 *
 * Each part does a fixed amount of work and prints "bench: NAME CHECKSUM" when it is done, so
 * that the runner can put its own clock to the line and compare the checksum with what every
 * other emulator computed. Linux gives lines to the console some time later: a pause after each
 * line lets it do so, and the part called "pause" shows what that costs. Sizes are chosen to take a translator 0.2 to 0.5 s a part.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A linear congruential generator of our own: the same numbers on every C library. */
static uint32_t random_state = 12345;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * 0x100000001b3u;
}

/* ---- list: pointer chasing through nodes in random order, insertion, reversal ---- */

struct node {
    struct node *next;
    uint32_t key;
    uint32_t payload[5];
};

static struct node *merge_lists(struct node *a, struct node *b)
{
    struct node head = { 0 }, *tail = &head;

    while (a && b) {
        struct node **smaller = a->key <= b->key ? &a : &b;

        tail->next = *smaller;
        tail = tail->next;
        *smaller = (*smaller)->next;
    }
    tail->next = a ? a : b;
    return head.next;
}

static struct node *sort_list(struct node *list, unsigned count)
{
    struct node *middle = list, *second;

    if (count < 2)
        return list;
    for (unsigned i = 1; i < count / 2; i++)
        middle = middle->next;
    second = middle->next;
    middle->next = NULL;
    return merge_lists(sort_list(list, count / 2), sort_list(second, count - count / 2));
}

static uint64_t run_list(void)
{
    enum { COUNT = 20000, ROUNDS = 80 };
    struct node *nodes = calloc(COUNT, sizeof(*nodes));
    uint64_t hash = 0;

    for (int round = 0; round < ROUNDS; round++) {
        struct node *list = NULL, *reversed = NULL;

        for (int i = 0; i < COUNT; i++) {
            nodes[i].key = next_random();
            nodes[i].payload[round % 5] = i;
            nodes[i].next = list;
            list = &nodes[i];
        }
        list = sort_list(list, COUNT);
        while (list) {
            struct node *next = list->next;

            hash = mix(hash, list->key + list->payload[0]);
            list->next = reversed;
            reversed = list;
            list = next;
        }
    }
    free(nodes);
    return hash;
}

/* ---- matrix: integer products ---- */

static uint64_t run_matrix(void)
{
    enum { N = 120, ROUNDS = 40 };
    static int32_t a[N][N], b[N][N], c[N][N];
    uint64_t hash = 0;

    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            a[i][j] = (int32_t)next_random() % 1000;
            b[i][j] = (int32_t)next_random() % 1000;
        }
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                int32_t sum = 0;

                for (int k = 0; k < N; k++)
                    sum += a[i][k] * b[k][j];
                c[i][j] = sum;
            }
        }
        for (int i = 0; i < N; i++)
            a[i][round % N] = c[round % N][i] & 0x3ff;
        hash = mix(hash, (uint32_t)c[round][N - 1]);
    }
    return hash;
}

/* ---- state: a scanner that classifies numbers in a text ---- */

enum state { START, SIGN, DIGITS, POINT, FRACTION, EXPONENT, EXPONENT_DIGITS, INVALID, STATES };

static enum state step(enum state state, char c)
{
    int digit = c >= '0' && c <= '9';

    switch (state) {
    case START:
        return digit ? DIGITS : c == '-' || c == '+' ? SIGN : c == '.' ? POINT : INVALID;
    case SIGN:
        return digit ? DIGITS : c == '.' ? POINT : INVALID;
    case DIGITS:
        return digit ? DIGITS : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID;
    case POINT:
        return digit ? FRACTION : INVALID;
    case FRACTION:
        return digit ? FRACTION : c == 'e' ? EXPONENT : INVALID;
    case EXPONENT:
        return digit ? EXPONENT_DIGITS : c == '-' ? EXPONENT : INVALID;
    case EXPONENT_DIGITS:
        return digit ? EXPONENT_DIGITS : INVALID;
    default:
        return INVALID;
    }
}

static uint64_t run_state(void)
{
    enum { LENGTH = 1 << 16, ROUNDS = 160 };
    static const char alphabet[] = "0123456789012345+-.e,,";
    static char text[LENGTH];
    uint64_t count[STATES] = { 0 }, hash = 0;

    for (int i = 0; i < LENGTH; i++)
        text[i] = alphabet[next_random() % (sizeof(alphabet) - 1)];
    for (int round = 0; round < ROUNDS; round++) {
        enum state state = START;

        for (int i = 0; i < LENGTH; i++) {
            if (text[i] == ',') {
                count[state]++;
                state = START;
            } else {
                state = step(state, text[i]);
            }
        }
        text[(round * 977) % LENGTH] = alphabet[round % (sizeof(alphabet) - 1)];
    }
    for (int i = 0; i < STATES; i++)
        hash = mix(hash, count[i]);
    return hash;
}

/* ---- sort: the C library's, and a heap sort of our own ---- */

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void sift_down(uint32_t *heap, unsigned root, unsigned count)
{
    while (2 * root + 1 < count) {
        unsigned child = 2 * root + 1;
        uint32_t swap = heap[root];

        if (child + 1 < count && heap[child] < heap[child + 1])
            child++;
        if (heap[root] >= heap[child])
            return;
        heap[root] = heap[child];
        heap[child] = swap;
        root = child;
    }
}

static uint64_t run_sort(void)
{
    enum { COUNT = 150000 };
    uint32_t *numbers = malloc(COUNT * sizeof(*numbers)), *heap = malloc(COUNT * sizeof(*heap));
    uint64_t hash = 0;

    for (unsigned i = 0; i < COUNT; i++)
        numbers[i] = heap[i] = next_random();
    qsort(numbers, COUNT, sizeof(*numbers), compare_numbers);
    for (unsigned i = COUNT / 2; i-- > 0;)
        sift_down(heap, i, COUNT);
    for (unsigned end = COUNT; end-- > 1;) {
        uint32_t swap = heap[0];

        heap[0] = heap[end];
        heap[end] = swap;
        sift_down(heap, 0, end);
    }
    for (unsigned i = 0; i < COUNT; i += 7)
        hash = mix(hash, numbers[i] + (numbers[i] == heap[i]));
    free(numbers);
    free(heap);
    return hash;
}

/* ---- hash: SHA-256 (FIPS 180-4); its constants are computed from the primes ---- */

static uint32_t sha_constants[64];

/* The first 32 bits of the fractional part of the cube root of n, by bisection in integers. */
static uint32_t cube_root_fraction(uint32_t n)
{
    uint64_t low = 0, high = (uint64_t)8 << 32;

    while (high - low > 1) {
        uint64_t middle = (low + high) / 2;
        unsigned __int128 square = (unsigned __int128)middle * middle;

        /* middle has 32 fraction bits: compare its cube, 96 fraction bits, with n. */
        if ((square >> 32) * middle < (unsigned __int128)n << 64)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static void make_sha_constants(void)
{
    unsigned count = 0;

    for (uint32_t n = 2; count < 64; n++) {
        uint32_t divisor = 2;

        while (divisor * divisor <= n && n % divisor != 0)
            divisor++;
        if (divisor * divisor > n)
            sha_constants[count++] = cube_root_fraction(n);
    }
}

static uint32_t rotate_right(uint32_t value, unsigned count)
{
    return value >> count | value << (32 - count);
}

static void sha_block(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[64], v[8];

    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = rotate_right(w[i - 15], 7) ^ rotate_right(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotate_right(w[i - 2], 17) ^ rotate_right(w[i - 2], 19) ^ w[i - 2] >> 10;

        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    memcpy(v, state, sizeof(v));
    for (int i = 0; i < 64; i++) {
        uint32_t e = v[4], a = v[0];
        uint32_t t1 = v[7] + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
                      ((e & v[5]) ^ (~e & v[6])) + sha_constants[i] + w[i];
        uint32_t t2 = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
                      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

        memmove(v + 1, v, 7 * sizeof(v[0]));
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        state[i] += v[i];
}

static uint64_t run_hash(void)
{
    enum { LENGTH = 1 << 18, ROUNDS = 6 };
    static uint8_t data[LENGTH];
    uint32_t state[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

    make_sha_constants();
    for (int i = 0; i < LENGTH; i++)
        data[i] = (uint8_t)next_random();
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < LENGTH; i += 64)
            sha_block(state, data + i);
    return (uint64_t)state[0] << 32 | state[7];
}

/* ---- memory: copies, fills, comparisons and searches, small and large, odd alignments ---- */

static uint64_t run_memory(void)
{
    enum { SIZE = 4 << 20, ROUNDS = 10 };
    uint8_t *a = malloc(SIZE), *b = malloc(SIZE);
    uint64_t hash = 0;

    for (int i = 0; i < SIZE; i++)
        a[i] = (uint8_t)(i * 7 + (i >> 8));
    for (int round = 0; round < ROUNDS; round++) {
        memcpy(b, a, SIZE);
        memmove(b + 13, b, SIZE - 13);
        memset(b + round * 4096, round, 8192);
        for (int i = 0; i < 60000; i++)
            memcpy(b + i * 61 % (SIZE - 64), a + i * 37 % (SIZE - 64), 1 + i % 64);
        hash = mix(hash, memcmp(a, b, SIZE) < 0);
        hash = mix(hash, (uintptr_t)memchr(b, 0x55, SIZE) - (uintptr_t)b);
        for (int i = 0; i < SIZE; i += 8)
            hash += *(uint64_t *)(a + i) ^ *(uint64_t *)(b + i);
    }
    free(a);
    free(b);
    return hash;
}

/* ---- float: binary floating point whose result is exact to the bit everywhere ---- */

static uint64_t run_float(void)
{
    enum { BODIES = 5, STEPS = 30000, WIDTH = 160, LIMIT = 60 };
    double p[BODIES][3], v[BODIES][3], m[BODIES], energy = 0;
    uint64_t bits, hash = 0;

    for (int i = 0; i < BODIES; i++) {
        m[i] = 1.0 / (i + 1);
        for (int k = 0; k < 3; k++) {
            p[i][k] = (double)((i * 7 + k * 3) % 11) - 5.0;
            v[i][k] = (double)((i * 5 + k) % 7) / 64.0;
        }
    }
    for (int n = 0; n < STEPS; n++) {
        for (int i = 0; i < BODIES; i++) {
            for (int j = i + 1; j < BODIES; j++) {
                double d[3], square = 0.01, scale;

                for (int k = 0; k < 3; k++) {
                    d[k] = p[i][k] - p[j][k];
                    square += d[k] * d[k];
                }
                scale = 0.001 / (square * __builtin_sqrt(square));
                for (int k = 0; k < 3; k++) {
                    v[i][k] -= d[k] * m[j] * scale;
                    v[j][k] += d[k] * m[i] * scale;
                }
            }
        }
        for (int i = 0; i < BODIES; i++)
            for (int k = 0; k < 3; k++)
                p[i][k] += 0.001 * v[i][k];
    }
    for (int i = 0; i < BODIES; i++)
        energy += 0.5 * m[i] * (v[i][0] * v[i][0] + v[i][1] * v[i][1] + v[i][2] * v[i][2]);
    memcpy(&bits, &energy, sizeof(bits));
    hash = mix(hash, bits);
    for (int row = 0; row < WIDTH; row++) {
        for (int column = 0; column < WIDTH; column++) {
            float x = 0, y = 0, cx = column * 3.0f / WIDTH - 2.0f, cy = row * 2.0f / WIDTH - 1.0f;
            int n = 0;

            while (n < LIMIT && x * x + y * y < 4.0f) {
                float t = x * x - y * y + cx;

                y = 2.0f * x * y + cy;
                x = t;
                n++;
            }
            hash = mix(hash, (uint64_t)n);
        }
    }
    return hash;
}

/* ---- system calls, page faults, processes: what crosses into the kernel ---- */

static uint64_t run_syscall(void)
{
    char buffer[512] = { 1 };
    uint64_t sum = 0;
    int ends[2];

    for (int i = 0; i < 40000; i++)
        sum += syscall(SYS_getppid) > 0;
    if (pipe(ends) != 0)
        return 0;
    for (int i = 0; i < 6000; i++) {
        sum += (uint64_t)write(ends[1], buffer, sizeof(buffer));
        sum += (uint64_t)read(ends[0], buffer, sizeof(buffer));
    }
    close(ends[0]);
    close(ends[1]);
    return sum;
}

static uint64_t run_fault(void)
{
    enum { PAGES = 4000, ROUNDS = 2 };
    uint64_t sum = 0;

    for (int round = 0; round < ROUNDS; round++) {
        char *area = mmap(NULL, PAGES * 4096ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        for (int i = 0; i < PAGES; i++)
            area[i * 4096ul + i % 4096] = (char)(i + round);
        mprotect(area, PAGES * 4096ul, PROT_READ);
        for (int i = 0; i < PAGES; i++)
            sum += (unsigned char)area[i * 4096ul + i % 4096];
        munmap(area, PAGES * 4096ul);
    }
    return sum;
}

static uint64_t run_process(void)
{
    volatile uint64_t sum = 0; /* vfork returns twice */
    int status;

    for (int i = 0; i < 80; i++) {
        pid_t child = fork();

        if (child == 0)
            _exit(i % 100);
        waitpid(child, &status, 0);
        sum += (unsigned)WEXITSTATUS(status);
    }
    for (int i = 0; i < 30; i++) {
        pid_t child = vfork();

        if (child == 0) {
            execl("/proc/self/exe", "workload", "child", (char *)NULL);
            _exit(99);
        }
        waitpid(child, &status, 0);
        sum += (unsigned)WEXITSTATUS(status);
    }
    return sum;
}

/* ---- shared, apart: a loop that stores into the page it lies in, and into another one ---- */

static const uint16_t loop_code[] = {
    0x5810, 0x2000, /* l     %r1,0(%r2) */
    0xa71a, 0x0001, /* ahi   %r1,1      */
    0x5010, 0x2000, /* st    %r1,0(%r2) */
    0xa737, 0xfffa, /* brctg %r3,.-12   */
    0x07fe,         /* br    %r14       */
};

static uint64_t run_loop(size_t counter_offset)
{
    enum { COUNT = 4000000 };
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t result;

    memcpy(page, loop_code, sizeof(loop_code));
    ((void (*)(void *, long))page)(page + counter_offset, COUNT);
    result = *(uint32_t *)(page + counter_offset);
    munmap(page, 8192);
    return result;
}

static uint64_t run_apart(void)
{
    return run_loop(4096);
}

static uint64_t run_shared(void)
{
    return run_loop(2048);
}

static uint64_t run_pause(void)
{
    return 0;
}

static const struct part {
    const char *name;
    uint64_t (*run)(void);
} parts[] = {
    { "pause", run_pause },
    { "list", run_list },       { "matrix", run_matrix }, { "state", run_state },
    { "sort", run_sort },       { "hash", run_hash },     { "memory", run_memory },
    { "float", run_float },     { "syscall", run_syscall }, { "fault", run_fault },
    { "process", run_process }, { "apart", run_apart },   { "shared", run_shared },
};

static void say(const char *name, uint64_t sum)
{
    printf("bench: %s %016llx\n", name, (unsigned long long)sum);
    fflush(stdout);
    usleep(150000);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return 7;
    /* Of several lines in one buffer Hercules shows the first. */
    usleep(150000);
    say("begin", 0);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        say(parts[i].name, parts[i].run());
    say("end", 0);
    /* Hercules ends with the guest, and loses what its console has not written yet. */
    sleep(3);
    return 0;
}
