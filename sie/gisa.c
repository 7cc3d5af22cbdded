/* SPDX-License-Identifier: MIT */
/** The guest interruption state area: adapter interruptions that need no host. */
#include "sie/internal.h"

#include "sie/sie.h"

/* The first doubleword, which host and machine change together; formats 0 and 1 agree in it. */
enum { GISA_NEXT = 0, GISA_IPM = 4, GISA_IAM = 7, GISA_WORD = 8 };
enum { GIB_ALERT_LIST = 0, GIB_SUBCLASS = 8 };

static uint8_t *pending_mask(const struct cpu *cpu)
{
    return storage_at(cpu->storage, cpu->interpreting->controls.gisa) + GISA_IPM;
}

bool sie_gisa_pending(const struct cpu *cpu)
{
    return cpu->interpreting->controls.has_gisa && *pending_mask(cpu);
}

bool sie_gisa_take(struct cpu *cpu, uint8_t iscs, uint32_t *word)
{
    uint8_t open;
    unsigned isc;

    if (!sie_gisa_pending(cpu))
        return false;
    open = *pending_mask(cpu) & iscs;
    if (!open)
        return false;
    isc = (unsigned)__builtin_clz((unsigned)open << 24);
    storage_stored(cpu->storage, cpu->interpreting->controls.gisa, 8, true);
    *pending_mask(cpu) &= (uint8_t)~(0x80 >> isc);
    *word = 0x80000000u | isc << 27;
    return true;
}

/* Is one of the guest's CPUs being interpreted, so that it will see for itself? */
static bool guest_runs(const struct machine *machine, struct absolute gisa)
{
    for (unsigned i = 0; i < machine->cpus->count; i++) {
        const struct interpretation *in = machine->cpus->cpu[i]->interpreting;

        if (in && in->controls.has_gisa && in->controls.gisa.v == gisa.v)
            return true;
    }
    return false;
}

/*
 * Put the area on the host's list, and tell the host when the list was empty. An origin of one means that the
 * host is at work on it and will look again (Linux arch/s390/kvm/interrupt.c, process_gib_alert_list).
 */
static void alert(struct machine *machine, struct absolute gisa)
{
    struct absolute gib = absolute(machine->guest_adapters.information);
    uint8_t *area = storage_at(machine->storage, gisa), *list = storage_at(machine->storage, gib) + GIB_ALERT_LIST;
    uint32_t first = get_be32(list);

    if (get_be32(area + GISA_NEXT) != gisa.v)
        return; /* it is on the list already */
    area[GISA_IAM] = 0;
    put_be32(area + GISA_NEXT, first);
    storage_stored(machine->storage, gib, GISA_WORD, true);
    put_be32(list, (uint32_t)gisa.v);
    if (first == 0)
        machine->io.adapter_interruption(machine, list[GIB_SUBCLASS] & 7);
}

bool gisa_adapter_interruption(struct machine *machine, struct absolute gisa, unsigned isc)
{
    uint8_t *area;

    if (gisa.v >> 31 || (gisa.v & 15) || !storage_valid(machine->storage, gisa, 32))
        return false;
    area = storage_at(machine->storage, gisa);
    storage_stored(machine->storage, gisa, GISA_WORD, true);
    area[GISA_IPM] |= (uint8_t)(0x80 >> (isc & 7));
    machine_end_slice_at(machine, machine->now);
    if (machine->guest_adapters.information && (area[GISA_IPM] & area[GISA_IAM]) && !guest_runs(machine, gisa))
        alert(machine, gisa);
    return true;
}
