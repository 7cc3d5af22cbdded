/* SPDX-License-Identifier: MIT */
#include "cpu/facility.h"

/* Complete here, every instruction and rule of it. Add a bit only with all its parts. */
static const uint8_t complete[] = {
    FACILITY_N3, FACILITY_Z, FACILITY_Z_ACTIVE, FACILITY_LONG_DISPLACEMENT, FACILITY_LONG_DISPLACEMENT_FAST,
    FACILITY_EXTENDED_IMMEDIATE, FACILITY_STFLE, FACILITY_STORE_CLOCK_FAST, FACILITY_MVCOS, FACILITY_CSST,
    FACILITY_CSST_2, FACILITY_GENERAL_INSTRUCTIONS, FACILITY_EXECUTE_EXTENSIONS, FACILITY_CZAM,
};

void facility_list_all(struct facility_list *list)
{
    *list = (struct facility_list){{0}};
    for (unsigned i = 0; i < sizeof complete; i++)
        facility_set(list, complete[i], true);
}
