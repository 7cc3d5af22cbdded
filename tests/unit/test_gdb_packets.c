/* SPDX-License-Identifier: MIT */
/** The gdb stub: framing, registers, storage, threads, documents, the monitor. */
#include "gdb_fixture.h"

/* ---- Framing ---- */

static void raw(const char *bytes)
{
    c->raw_bytes = 0;
    gdb_receive(c->gdb, bytes, strlen(bytes));
}

START_TEST(test_framing)
{
    raw("$qAttached#8f");
    ck_assert_str_eq(c->raw, "+$1#31");
    /* Asked again, it is said again. */
    raw("-");
    ck_assert_str_eq(c->raw, "$1#31");
    raw("+");
    ck_assert_uint_eq(c->raw_bytes, 0);
    /* But not for ever. */
    raw("----------------------------------------");
    ck_assert_uint_eq(c->raw_bytes, 15 * strlen("$1#31"));
    /* A wrong sum. */
    raw("$qAttached#8e");
    ck_assert_str_eq(c->raw, "-");
    /* What lost its end is passed over; noise between packets is, too. */
    raw("x$qAtta$qAttached#8f");
    ck_assert_str_eq(c->raw, "+$1#31");
    /* In pieces. */
    raw("$qAt");
    raw("tached");
    raw("#8");
    ck_assert_uint_eq(c->raw_bytes, 0);
    raw("f");
    ck_assert_str_eq(c->raw, "+$1#31");
    /* Without acknowledgements sums do not matter. */
    raw("$QStartNoAckMode#b0");
    ck_assert_str_eq(c->raw, "+$OK#9a");
    raw("$qAttached#00");
    ck_assert_str_eq(c->raw, "$1#31");
    raw("$vMustReplyEmpty#3a");
    ck_assert_str_eq(c->raw, "$#00");
    raw("$#00");
    ck_assert_str_eq(c->raw, "$#00");
}
END_TEST

START_TEST(test_too_long)
{
    char *packet = malloc(70000);

    ck_assert_ptr_nonnull(packet);
    memset(packet, 'm', 70000);
    client_send(packet, 70000);
    ck_assert_str_eq(client_take(), "E16");
    expect("qAttached", "1");
    free(packet);
}
END_TEST

/* ---- Agreeing ---- */

START_TEST(test_agreeing)
{
    static const char *const words[] = {
        "PacketSize=4000", "QStartNoAckMode+", "multiprocess+", "swbreak+", "hwbreak+", "vContSupported+",
        "qXfer:features:read+", "qXfer:memory-map:read+", "qXfer:threads:read+", "qXfer:osdata:read+",
        "qXfer:exec-file:read+", "ConditionalBreakpoints+", "ReverseStep+", "ReverseContinue+", "BreakpointCommands+", "QNonStop+", "QPassSignals+",
        "binary-upload+",
    };
    const char *answer = ask("qSupported:multiprocess+;xmlRegisters=i386");

    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_ptr_nonnull(strstr(answer, words[i]));
    expect("QPassSignals:e;10;14", "OK");
    expect("QProgramSignals:0;1", "OK");
    expect("QDisableRandomization:1", "OK");
    expect("qSymbol::", "OK");
    expect("!", "OK");
    expect("qOffsets", "");
    expect("qTStatus", "");
    expect("vRun;61", "");
    expect("vFile:setfs:0", "");
    expect("QStartNoAckMode", "OK");
}
END_TEST

/* ---- Threads ---- */

START_TEST(test_threads)
{
    /* A client that knows no processes. */
    expect("?", "T0500:0000000000000000;01:0000000000000000;11:0000000000000000;thread:1;core:0;");
    expect("qfThreadInfo", "m1,2");
    expect("qC", "QC1");
    expect("Hg2", "OK");
    expect("qC", "QC2");
    ck_assert_ptr_eq(strstr(ask("vAttach;2"), "E."), c->packet);
    client_greet();
    expect("qfThreadInfo", "mp1.1,p1.2");
    expect("qsThreadInfo", "l");
    expect("Hgp1.2", "OK");
    expect("qC", "QCp1.2");
    expect("Hgp1.3", "E03");
    expect("Hgp2.1", "E03");
    expect("Hgp0.0", "OK");
    expect("Hgp-1.-1", "OK");
    expect("Hg-1", "OK");
    expect("Hcp1.-1", "OK");
    expect("Hx1", "E16");
    expect("Hg", "E16");
    expect("Tp1.1", "OK");
    expect("Tp1.3", "E03");
    expect("Tp1.-1", "E03");
    expect("T", "E16");
    /* "stopped" */
    expect("qThreadExtraInfo,p1.2", "73746f70706564");
    expect("qThreadExtraInfo,p1.9", "E03");
    expect("qAttached:1", "1");
}
END_TEST

/* ---- Registers ---- */

START_TEST(test_registers)
{
    char *all;

    expect("P2=0123456789abcdef", "OK");
    expect("p2", "0123456789abcdef");
    expect("P12=89abcdef", "OK");
    expect("p12", "89abcdef");
    /* Of V3: the floating-point register above, the rest below. */
    expect("P26=1111111122222222", "OK");
    expect("P36=3333333344444444", "OK");
    expect("p26", "1111111122222222");
    expect("p36", "3333333344444444");
    /* V16, CR1, prefix with leading zeros, clock comparator. */
    expect("P43=00112233445566778899aabbccddeeff", "OK");
    expect("p43", "00112233445566778899aabbccddeeff");
    expect("P54=0000000000001000", "OK");
    expect("p54", "0000000000001000");
    expect("P66=0000000000002000", "OK");
    expect("p66", "0000000000002000");
    expect("P63=0000000000000400", "OK");
    expect("p63", "0000000000000400");
    expect("P0=0000000180000000", "OK");
    expect("P1=0000000000123456", "OK");
    ck_assert_ptr_eq(strstr(ask("g"), "000000018000000000000000001234560123456789abcdef"), c->packet);
    /* All of them back, one changed. */
    all = strdup(c->packet);
    memcpy(all + 32, "fedcba9876543210", 16);
    ck_assert_uint_eq(strlen(all), 2 * (18 * 8 + 16 * 4 + 4 + 16 * 8 + 16 * 8 + 16 * 16 + 16 * 8 + 5 * 8));
    memmove(all + 1, all, strlen(all));
    all[0] = 'G';
    client_send(all, 1 + 2 * (18 * 8 + 16 * 4 + 4 + 16 * 8 + 16 * 8 + 16 * 16 + 16 * 8 + 5 * 8));
    ck_assert_str_eq(client_take(), "OK");
    expect("p2", "fedcba9876543210");
    expect("p1", "0000000000123456");
    free(all);
    /* The other CPU's are its own. */
    expect("Hgp1.2", "OK");
    expect("p2", "0000000000000000");
    expect("p999", "E16");
    expect("p", "E16");
    expect("P2=01", "E16");
    expect("P2", "E16");
    expect("P999=00", "E16");
    expect("G00", "E16");
}
END_TEST

/* Beyond the g packet: time and keys. */
START_TEST(test_own_registers)
{
    expect("p68", "1000000000000000");
    ck_assert_uint_eq(strlen(ask("p6a")), 16);
    ck_assert_uint_eq(strlen(ask("p6b")), 16);
    ck_assert_ptr_eq(strstr(ask("P6b=0000000000000001"), "E."), c->packet);
    expect("P6d=0000000000005000", "OK");
    expect("P6e=56", "OK");
    expect("p6e", "56");
    expect("p6d", "0000000000005000");
    /* And as storage: block 5. */
    expect("mfffc000000000005,1", "56");
    expect("Mfffc000000000005,2:3230", "OK");
    expect("p6e", "32");
    expect("mfffc000000000004,3", "003230");
    /* Past the end of storage there is none. */
    expect("P6d=0000000010000000", "OK");
    expect("p6e", "xx");
    ck_assert_ptr_eq(strstr(ask("P6e=00"), "E."), c->packet);
}
END_TEST

/* ---- Storage ---- */

START_TEST(test_storage)
{
    const char binary[] = "X5000,6:a}\003}\004}]}\n#", *answer;

    expect("M5000,4:deadbeef", "OK");
    expect("m5000,4", "deadbeef");
    expect("m5000,0", "");
    /* "a#$}*" and a zero, the protocol's own characters escaped. */
    client_send("X5000,6:a}\003}\004}]}\n\0", 18);
    ck_assert_str_eq(client_take(), "OK");
    expect("m5000,6", "6123247d2a00");
    answer = ask("x5000,5");
    ck_assert_str_eq(answer, "ba}\003}\004}]}\n");
    expect("x5000,0", "b");
    expect("X5000,0:", "OK");
    client_send(binary, 9);
    ck_assert_str_eq(client_take(), "E16");
    /* Less than was asked for, up to the end of storage; nothing past it. */
    expect("m3fffff,4", "00");
    expect("m400000,4", "E0e");
    expect("x400000,4", "E0e");
    expect("M3fffff,2:0000", "E0e");
    expect("m5000", "E16");
    expect("mzz,1", "E16");
    expect("M5000,2:00", "E16");
    expect("M5000,1:0000", "E16");
    expect("m5000,11111111111111111", "E16");
}
END_TEST

START_TEST(test_spaces)
{
    expect("M0,4:01020304", "OK");
    expect("M6000,4:05060708", "OK");
    expect("P66=0000000000006000", "OK");
    /* Prefixing: real 0 is absolute 6000. */
    expect("m0,4", "05060708");
    expect("mfffb000000000000,4", "05060708");
    expect("mfffa000000000000,4", "01020304");
    expect("mfffa000000006000,4", "05060708");
    expect("Mfffa000000000000,1:ff", "OK");
    expect("m6000,1", "ff");
    /* Tables are not there. */
    expect("mfff3000000000000,4", "E0e");
    /* monitor space absolute */
    client_send("qRcmd,7370616365206162736f6c757465", 34);
    ck_assert_int_eq(client_take()[0], 'O');
    ck_assert_str_eq(client_take(), "OK");
    expect("m6000,4", "05060708");
    expect("m0,4", "ff020304");
}
END_TEST

START_TEST(test_search)
{
    expect("M5ffe,4:cafebabe", "OK");
    expect("qSearch:memory:5000;2000;\xca\xfe\xba\xbe", "1,5ffe");
    expect("qSearch:memory:5000;1001;\xca\xfe\xba\xbe", "0");
    expect("qSearch:memory:5000;1002;\xca\xfe\xba\xbe", "1,5ffe");
    expect("qSearch:memory:3f0000;100000;\xca", "0");
    expect("qSearch:memory:0;2;\xca\xfe\xba", "0");
    ck_assert_ptr_eq(strstr(ask("qSearch:memory:0;ffffffffffffffff;a"), "E."), c->packet);
    expect("qSearch:memory:0;10;", "E16");
    expect("qSearch:memory:0", "E16");
    /* "123456789" */
    expect("M5000,9:313233343536373839", "OK");
    expect("qCRC:5000,9", "C376e6e7");
    expect("qCRC:400000,9", "E0e");
    expect("qCRC:5000,0", "Cffffffff");
    ck_assert_ptr_eq(strstr(ask("qCRC:0,ffffffffffffffff"), "E."), c->packet);
    expect("qCRC:0", "E16");
}
END_TEST

/* ---- Documents ---- */

/* The whole of a document, in pieces of 100 bytes. */
static char *document(const char *name)
{
    char *whole = calloc(1, 40000), request[128];
    size_t at = 0;

    ck_assert_ptr_nonnull(whole);
    do {
        snprintf(request, sizeof request, "qXfer:%s:%zx,64", name, at);
        ask(request);
        ck_assert(c->packet[0] == 'm' || c->packet[0] == 'l');
        for (const char *from = c->packet + 1; *from; from++)
            whole[at++] = *from == '}' ? (char)(*++from ^ 0x20) : *from;
    } while (c->packet[0] == 'm');
    return whole;
}

static void holds(char *text, const char *const *words)
{
    for (; *words; words++)
        ck_assert_msg(strstr(text, *words) != NULL, "%s is not in %s", *words, text);
    free(text);
}

START_TEST(test_documents)
{
    holds(document("features:read:target.xml"),
          (const char *[]){"<architecture>s390:64-bit</architecture>", "org.gnu.gdb.s390.core", "org.gnu.gdb.s390.acr",
                           "org.gnu.gdb.s390.fpr", "org.gnu.gdb.s390.vx", "org.gnu.gdb.s390.cr",
                           "org.gnu.gdb.s390.virt", "org.sienna.time", "org.sienna.key",
                           "<reg name=\"pswm\" bitsize=\"64\" type=\"uint64\" group=\"psw\" regnum=\"0\"/>",
                           "<reg name=\"r15\" bitsize=\"64\" type=\"uint64\" group=\"general\" regnum=\"17\"/>",
                           "<reg name=\"v15l\"", "<reg name=\"v31\" bitsize=\"128\" type=\"vec128\"",
                           "<reg name=\"cr15\"", "<reg name=\"prefix\"", NULL});
    holds(document("threads:read:"),
          (const char *[]){"<thread id=\"p1.1\" name=\"level 1 CPU 0\" core=\"0\">stopped</thread>", "id=\"p1.2\"", NULL});
    holds(document("memory-map:read:"), (const char *[]){"type=\"ram\" start=\"0x0\"", NULL});
    holds(document("osdata:read:"), (const char *[]){">processes<", ">threads<", NULL});
    holds(document("osdata:read:processes"),
          (const char *[]){"<column name=\"pid\">1</column>", "<column name=\"attached\">yes</column>",
                           "<column name=\"command\">level 1</column>", NULL});
    holds(document("osdata:read:threads"), (const char *[]){"<column name=\"thread\">2</column>", NULL});
    expect("qXfer:exec-file:read:1:0,100", "l/kernel.elf");
    expect("qXfer:exec-file:read::0,4", "m/ker");
    expect("qXfer:exec-file:read:2:0,100", "E00");
    expect("qXfer:features:read:other.xml:0,100", "E00");
    expect("qXfer:osdata:read:files:0,100", "E00");
    expect("qXfer:threads:read::ffff,100", "E16");
    expect("qXfer:threads:read::0", "E00");
    expect("qXfer:auxv:read::0,100", "");
    expect("qXfer:threads:write::0,100", "");
}
END_TEST

START_TEST(test_monitor)
{
    expect("Hgp1.2", "OK");
    /* "cpus" */
    expect("qRcmd,63707573", "O646f6e650a");
    ck_assert_str_eq(client_take(), "OK");
    ck_assert_str_eq(c->line, "cpus");
    ck_assert_uint_eq(c->cpu, 1);
    expect("qRcmd,6", "E16");
    expect("qRcmd,00", "E16");
    expect("qRcmd,zz", "E16");
    /* "into on" is the stub's own. */
    ask("qRcmd,696e746f206f6e");
    ck_assert_int_eq(c->packet[0], 'O');
    ck_assert_str_eq(client_take(), "OK");
    ck_assert_str_eq(c->line, "cpus");
}
END_TEST

int main(void)
{
    TCase *new = client_tests("new", false), *greeted = client_tests("greeted", true);

    tcase_add_test(new, test_framing);
    tcase_add_test(new, test_too_long);
    tcase_add_test(new, test_agreeing);
    tcase_add_test(new, test_threads);
    tcase_add_test(greeted, test_registers);
    tcase_add_test(greeted, test_own_registers);
    tcase_add_test(greeted, test_storage);
    tcase_add_test(greeted, test_spaces);
    tcase_add_test(greeted, test_search);
    tcase_add_test(greeted, test_documents);
    tcase_add_test(greeted, test_monitor);
    return run_client_tests("gdb-packets", new, greeted);
}
