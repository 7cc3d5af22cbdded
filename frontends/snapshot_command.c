/* SPDX-License-Identifier: MIT */
/** `sienna snapshot info FILE`: what a saved state holds. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sienna_snapshot.h"
#include "subcommands.h"

static void show_cpu(unsigned number, const struct sienna_snapshot_cpu *c)
{
    if (!c->configured) {
        printf("CPU %u      standby\n", number);
        return;
    }
    printf("CPU %u      %s, level %u, PSW %016llx %016llx\n", number, c->operating ? "operating" : "stopped", c->level,
           (unsigned long long)c->psw_mask, (unsigned long long)c->psw_address);
}

static void show_device(const struct sienna_snapshot_device *d)
{
    printf("device     fe.0.%04x %s", d->number, d->type);
    if (d->disk_bytes)
        printf(", %.1f MiB, of which the state holds %.1f", (double)d->disk_bytes / (1 << 20),
               (double)d->overlay_bytes / (1 << 20));
    printf("\n");
}

static void show(const struct sienna_snapshot_info *i)
{
    time_t date = (time_t)i->date;
    char text[64] = "unknown";
    struct tm t;

    if (gmtime_r(&date, &t))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &t);
    printf("name       %s\n", i->name[0] ? i->name : "(none)");
    printf("written    %s, by sienna %s (format %u)\n", text, i->version, i->format);
    printf("time       %.6f s of virtual time, position %llu\n", (double)i->time / (double)SIENNA_SECOND,
           (unsigned long long)i->position);
    printf("storage    %llu MiB", (unsigned long long)(i->storage_bytes >> 20));
    if (i->standby_bytes)
        printf(" with %llu MiB standby", (unsigned long long)(i->standby_bytes >> 20));
    printf(", %.1f MiB of it not zero\n", (double)i->blocks / 256);
    for (unsigned n = 0; n < i->cpus; n++)
        show_cpu(n, &i->cpu[n]);
    for (unsigned n = 0; n < i->devices; n++)
        show_device(&i->device[n]);
}

int snapshot_subcommand(int argc, char **argv)
{
    static struct sienna_snapshot_info info;
    char problem[SIENNA_PROBLEM_BYTES];

    if (argc != 3 || strcmp(argv[1], "info")) {
        fprintf(stderr, "sienna: snapshot: say snapshot info FILE\n");
        return 2;
    }
    if (!sienna_snapshot_info(argv[2], &info, problem)) {
        fprintf(stderr, "sienna: %s\n", problem);
        return 2;
    }
    show(&info);
    return 0;
}
