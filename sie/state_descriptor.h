/* SPDX-License-Identifier: MIT */
/** Offsets and bits of the format-2 state description (reference: Linux struct kvm_s390_sie_block, z/VM SIEBK). */
#ifndef SIENNA_SIE_STATE_DESCRIPTOR_H
#define SIENNA_SIE_STATE_DESCRIPTOR_H

enum state_descriptor {
    SD_CPUSTAT = 0x000, SD_PREFIX = 0x004, SD_SVCC = 0x040, SD_LCTL = 0x044, SD_ICTL = 0x048,
    SD_ICPTCODE = 0x050, SD_ICPTSTATUS = 0x051, SD_IPA = 0x056, SD_IPB = 0x058, SD_MSO = 0x080, SD_MSL = 0x088,
    SD_PSW = 0x090, SD_GR14 = 0x0a0, SD_GR15 = 0x0a8, SD_PROGRAM = 0x0cc, SD_CR = 0x100, SD_GBEA = 0x180,
    SD_PP = 0x1de, SD_BYTES = 0x200,
};

#define CPUSTAT_ZARCH 0x00000800u
#define CPUSTAT_SM 0x00000080u
#define CPUSTAT_EXT_INT 0x01000000u
#define CPUSTAT_IO_INT 0x02000000u
#define CPUSTAT_STOP_INT 0x04000000u

#define ICTL_OPERATION 0x80000000u
#define ICTL_PRIVILEGED 0x40000000u
#define ICTL_PROGRAM 0x20000000u

enum interception_code {
    ICPT_INSTRUCTION = 0x04, ICPT_PROGRAM = 0x08, ICPT_EXTERNAL_REQUEST = 0x10, ICPT_IO_REQUEST = 0x18,
    ICPT_WAIT = 0x1c, ICPT_VALIDITY = 0x20, ICPT_STOP = 0x28, ICPT_OPERATION = 0x2c,
};

/** Reasons of validity interceptions. */
enum validity { VALIDITY_MODE = 0x0001, VALIDITY_PREFIX = 0x0010, VALIDITY_LIMIT = 0x0041 };

#endif
