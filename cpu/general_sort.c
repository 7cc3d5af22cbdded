/* SPDX-License-Identifier: MIT */
/** COMPARE AND FORM CODEWORD and UPDATE TREE: the heart of a tournament sort (PoP ch. 7). */
#include "cpu/operands.h"

/* Units of operation in one execution of CFC before interruptions are looked at. */
enum { CODEWORD_UNITS = 128 };

/** Codewords in 64-bit mode have 16 bits of index and 48 of key, else 16 and 16. */
static unsigned key_bytes(const struct cpu *cpu) { return amode64(cpu) ? 6 : 2; }
/** Leftmost bit of a register in the addressing mode's width. */
static uint64_t high_bit(const struct cpu *cpu) { return amode64(cpu) ? BIT64(0) : BIT64(32); }

static uint64_t fetch_key(struct cpu *cpu, unsigned r, uint64_t index)
{
    unsigned bytes = key_bytes(cpu);
    uint8_t image[8] = {0};

    fetch_bytes(cpu, (gr64(cpu, r) + index) & cpu->address_mask, 1, image + 8 - bytes, bytes);
    return get_be64(image);
}

/** The first difference gives the codeword: next index, then the loser's key (complemented if ascending). */
static void form_codeword(struct cpu *cpu, uint64_t first, uint64_t third, bool descending)
{
    unsigned bits = 8 * key_bytes(cpu);
    uint64_t key = first < third ? (descending ? first : ~third) : (descending ? third : ~first);
    bool exchange = (first > third) != descending;

    if (exchange) {
        uint64_t v = gr_amode(cpu, 1);

        set_gr_amode(cpu, 1, gr_amode(cpu, 3));
        set_gr_amode(cpu, 3, v);
    }
    set_gr_amode(cpu, 2, gr_amode(cpu, 2) << bits | (key & (~0ULL >> (64 - bits))));
    cpu->cc = exchange ? 2 : 1;
}

/** The second-operand address is none: bits 49-62 are the index limit, bit 63 asks for descending order. */
DEFINE_OP(CFC)
{
    uint64_t control = B2_ADDRESS, limit = control & 0x7ffe;

    specification_unless(cpu, ((gr64(cpu, 1) | gr64(cpu, 2) | gr64(cpu, 3)) & 1) == 0);
    for (unsigned unit = 0; unit < CODEWORD_UNITS; unit++) {
        uint64_t index = gr64(cpu, 2) & 0xffff, first, third;

        if (index > limit) {
            set_gr_amode(cpu, 2, gr_amode(cpu, 3) | high_bit(cpu));
            cpu->cc = 0;
            return;
        }
        first = fetch_key(cpu, 1, index);
        third = fetch_key(cpu, 3, index);
        set_gr_amode(cpu, 2, gr_amode(cpu, 2) + key_bytes(cpu));
        cpu_charge(cpu, 2);
        if (first != third) {
            form_codeword(cpu, first, third, control & 1);
            return;
        }
    }
    cpu_redo(cpu, insn);
}

struct node {
    uint64_t codeword, data;
};

static struct node fetch_node(struct cpu *cpu, uint64_t address)
{
    struct node node;
    uint8_t image[16];

    if (amode64(cpu)) {
        fetch_bytes(cpu, address, 4, image, 16);
        node = (struct node){get_be64(image), get_be64(image + 8)};
    } else {
        fetch_bytes(cpu, address, 4, image, 8);
        node = (struct node){get_be32(image), get_be32(image + 4)};
    }
    return node;
}

static void store_node(struct cpu *cpu, uint64_t address, struct node node)
{
    uint8_t image[16];

    if (amode64(cpu)) {
        put_be64(image, node.codeword);
        put_be64(image + 8, node.data);
        store_bytes(cpu, address, 4, image, 16);
    } else {
        put_be32(image, (uint32_t)node.codeword);
        put_be32(image + 4, (uint32_t)node.data);
        store_bytes(cpu, address, 4, image, 8);
    }
}

/** From the node in general register 5 towards the root, the higher codeword moves up. */
DEFINE_OP(UPT)
{
    uint64_t align = amode64(cpu) ? 15 : 7;

    specification_unless(cpu, ((gr64(cpu, 4) | gr64(cpu, 5)) & align) == 0);
    for (;;) {
        uint64_t index = gr_amode(cpu, 5) >> 1 & ~align, address;
        struct node best = {gr_amode(cpu, 0), gr_amode(cpu, 1)}, node;

        if (index == 0 || best.codeword & high_bit(cpu)) {
            set_gr_amode(cpu, 5, index);
            cpu->cc = index == 0 ? 1 : 3;
            return;
        }
        address = (gr64(cpu, 4) + index) & cpu->address_mask;
        node = fetch_node(cpu, address);
        cpu_charge(cpu, 2);
        if (node.codeword > best.codeword) {
            store_node(cpu, address, best);
            set_gr_amode(cpu, 0, node.codeword);
            set_gr_amode(cpu, 1, node.data);
        }
        set_gr_amode(cpu, 5, index);
        if (node.codeword == best.codeword) {
            set_gr_amode(cpu, 2, node.codeword);
            set_gr_amode(cpu, 3, node.data);
            cpu->cc = 0;
            return;
        }
    }
}
