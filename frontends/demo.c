/* SPDX-License-Identifier: MIT */
/** `sienna demo`: a small hypervisor and its guest, which come with the program (tests/guest/demo). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "subcommands.h"

extern const unsigned char demo_image[];
extern const size_t demo_image_bytes;

/* The image as a file that only this process has. */
static int image_file(void)
{
    int fd = memfd_create("sienna-demo", 0);
    size_t done = 0;

    while (fd >= 0 && done < demo_image_bytes) {
        ssize_t n = write(fd, demo_image + done, demo_image_bytes - done);

        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    return fd;
}

int demo_subcommand(int argc, char **argv)
{
    static char *const fixed[] = {"demo", "-m", "16M", "-nic", "none", "-quiet", "-kernel"};
    enum { FIXED = sizeof fixed / sizeof fixed[0], ARGUMENTS = 64 };
    char *machine[ARGUMENTS + 1], file[32];
    int fd = image_file(), count = FIXED;

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
    for (int i = 1; i < argc; i++)
        machine[count++] = argv[i];
    machine[count] = NULL;
    return run_subcommand(count, machine);
}
