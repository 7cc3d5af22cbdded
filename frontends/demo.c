/* SPDX-License-Identifier: MIT */
/** `sienna demo`: a small hypervisor and its guests, which come with the program (tests/guest/demo). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "subcommands.h"

extern const unsigned char demo_image[], overrun_image[];
extern const size_t demo_image_bytes, overrun_image_bytes;

static const struct demonstration {
    const char *name;
    const unsigned char *image;
    const size_t *bytes;
} demonstrations[] = {
    {"tour", demo_image, &demo_image_bytes},          /* what happens between levels; the first is the default */
    {"overrun", overrun_image, &overrun_image_bytes}, /* a guest with a bug, for docs/debugging.md */
};
enum { DEMONSTRATIONS = sizeof demonstrations / sizeof demonstrations[0] };

/* The image as a file that only this process has. */
static int image_file(const struct demonstration *demonstration)
{
    int fd = memfd_create("sienna-demo", 0);
    size_t done = 0;

    while (fd >= 0 && done < *demonstration->bytes) {
        ssize_t n = write(fd, demonstration->image + done, *demonstration->bytes - done);

        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    return fd;
}

/* The demonstration that the first argument names, if it is no option; NULL when there is no such. */
static const struct demonstration *chosen(const char *argument)
{
    if (!argument || *argument == '-')
        return &demonstrations[0];
    for (unsigned i = 0; i < DEMONSTRATIONS; i++)
        if (!strcmp(argument, demonstrations[i].name))
            return &demonstrations[i];
    return NULL;
}

int demo_subcommand(int argc, char **argv)
{
    static char *const fixed[] = {"demo", "-m", "16M", "-nic", "none", "-quiet", "-kernel"};
    enum { FIXED = sizeof fixed / sizeof fixed[0], ARGUMENTS = 64 };
    const struct demonstration *demonstration = chosen(argc > 1 ? argv[1] : NULL);
    char *machine[ARGUMENTS + 1], file[32];
    int fd, count = FIXED;

    if (!demonstration) {
        fprintf(stderr, "sienna: demo: there is no demonstration '%s'; say tour or overrun\n", argv[1]);
        return 2;
    }
    fd = image_file(demonstration);
    if (fd < 0) {
        fprintf(stderr, "sienna: demo: no room for the demonstration's image: %s\n", strerror(errno));
        return 2;
    }
    if (FIXED + argc > ARGUMENTS) {
        fprintf(stderr, "sienna: demo: too many options\n");
        close(fd);
        return 2;
    }
    memcpy(machine, fixed, sizeof fixed);
    snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
    machine[count++] = file;
    for (int i = argc > 1 && *argv[1] != '-' ? 2 : 1; i < argc; i++)
        machine[count++] = argv[i];
    machine[count] = NULL;
    return run_subcommand(count, machine);
}
