/* SPDX-License-Identifier: MIT */
#include "cpu/fast.h"

#define FAST(NAME) insn_handler fast_##NAME, fused_##NAME;
#define PLAIN(NAME) insn_handler fast_##NAME;
#define LINK(NAME) insn_handler fast_##NAME, linked_##NAME;
#include "cpu/fast.def"
#undef FAST
#undef PLAIN
#undef LINK

insn_handler *const insn_fast[INSN_COUNT] = {
#define FAST(NAME) [INSN_##NAME] = fast_##NAME,
#define PLAIN(NAME) [INSN_##NAME] = fast_##NAME,
#define LINK(NAME) [INSN_##NAME] = fast_##NAME,
#include "cpu/fast.def"
#undef FAST
#undef PLAIN
#undef LINK
};

insn_handler *const insn_fused[INSN_COUNT] = {
#define FAST(NAME) [INSN_##NAME] = fused_##NAME,
#define PLAIN(NAME)
#define LINK(NAME)
#include "cpu/fast.def"
#undef FAST
#undef PLAIN
#undef LINK
};

insn_handler *const insn_linked[INSN_COUNT] = {
#define FAST(NAME)
#define PLAIN(NAME)
#define LINK(NAME) [INSN_##NAME] = linked_##NAME,
#include "cpu/fast.def"
#undef FAST
#undef PLAIN
#undef LINK
};
