/* SPDX-License-Identifier: MIT */
/** `sienna demo`: a small hypervisor and its guest, which come with the program (tests/guest/demo). */
#include "demo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

bool demo_arguments(int argc, char **argv, struct demo *demo)
{
    static char *const fixed[] = {"sienna", "-m", "16M", "-nic", "none", "-quiet", "-kernel"};
    int fd = image_file();

    if (fd < 0) {
        fprintf(stderr, "sienna demo: no room for the demonstration's image: %s\n", strerror(errno));
        return false;
    }
    if (argc + DEMO_FIXED - 1 > DEMO_ARGUMENTS) {
        fprintf(stderr, "sienna demo: too many options\n");
        close(fd);
        return false;
    }
    memcpy(demo->argv, fixed, sizeof fixed);
    snprintf(demo->file, sizeof demo->file, "/proc/self/fd/%d", fd);
    demo->argc = sizeof fixed / sizeof fixed[0];
    demo->argv[demo->argc++] = demo->file;
    for (int i = 2; i < argc; i++)
        demo->argv[demo->argc++] = argv[i];
    demo->argv[demo->argc] = NULL;
    return true;
}
