/* SPDX-License-Identifier: MIT */
/** The gdb stub: framing, registers, storage, threads, documents, the monitor. */
#include "gdb_fixture.h"

/* ---- Framing ---- */

static void raw(struct client *c, const char *bytes)
{
    c->raw_bytes = 0;
    gdb_receive(c->gdb, bytes, strlen(bytes));
}

START_TEST(test_framing)
{
    struct client *c = client_open();

    raw(c, "$qAttached#8f");
    ck_assert_str_eq(c->raw, "+$1#31");
    /* Asked again, it is said again. */
    raw(c, "-");
    ck_assert_str_eq(c->raw, "$1#31");
    raw(c, "+");
    ck_assert_uint_eq(c->raw_bytes, 0);
    /* A wrong sum. */
    raw(c, "$qAttached#8e");
    ck_assert_str_eq(c->raw, "-");
    /* What lost its end is passed over; noise between packets is, too. */
    raw(c, "x$qAtta$qAttached#8f");
    ck_assert_str_eq(c->raw, "+$1#31");
    /* In pieces. */
    raw(c, "$qAt");
    raw(c, "tached");
    raw(c, "#8");
    ck_assert_uint_eq(c->raw_bytes, 0);
    raw(c, "f");
    ck_assert_str_eq(c->raw, "+$1#31");
    /* Without acknowledgements sums do not matter. */
    raw(c, "$QStartNoAckMode#b0");
    ck_assert_str_eq(c->raw, "+$OK#9a");
    raw(c, "$qAttached#00");
    ck_assert_str_eq(c->raw, "$1#31");
    raw(c, "$vMustReplyEmpty#3a");
    ck_assert_str_eq(c->raw, "$#00");
    raw(c, "$#00");
    ck_assert_str_eq(c->raw, "$#00");
    client_close(c);
}
END_TEST

START_TEST(test_too_long)
{
    struct client *c = client_open();
    char *packet = malloc(70000);

    ck_assert_ptr_nonnull(packet);
    memset(packet, 'm', 70000);
    client_send(c, packet, 70000);
    ck_assert_str_eq(client_take(c), "E16");
    expect(c, "qAttached", "1");
    free(packet);
    client_close(c);
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
    struct client *c = client_open();
    const char *answer = ask(c, "qSupported:multiprocess+;xmlRegisters=i386");

    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_ptr_nonnull(strstr(answer, words[i]));
    expect(c, "QPassSignals:e;10;14", "OK");
    expect(c, "QProgramSignals:0;1", "OK");
    expect(c, "QDisableRandomization:1", "OK");
    expect(c, "qSymbol::", "OK");
    expect(c, "!", "OK");
    expect(c, "qOffsets", "");
    expect(c, "qTStatus", "");
    expect(c, "vRun;61", "");
    expect(c, "vFile:setfs:0", "");
    expect(c, "QStartNoAckMode", "OK");
    client_close(c);
}
END_TEST

/* ---- Threads ---- */

START_TEST(test_threads)
{
    struct client *c = client_open();

    /* A client that knows no processes. */
    expect(c, "?", "T0500:0000000000000000;01:0000000000000000;11:0000000000000000;thread:1;core:0;");
    expect(c, "qfThreadInfo", "m1,2");
    expect(c, "qC", "QC1");
    expect(c, "Hg2", "OK");
    expect(c, "qC", "QC2");
    ck_assert_ptr_eq(strstr(ask(c, "vAttach;2"), "E."), c->packet);
    client_greet(c);
    expect(c, "qfThreadInfo", "mp1.1,p1.2");
    expect(c, "qsThreadInfo", "l");
    expect(c, "Hgp1.2", "OK");
    expect(c, "qC", "QCp1.2");
    expect(c, "Hgp1.3", "E03");
    expect(c, "Hgp2.1", "E03");
    expect(c, "Hgp0.0", "OK");
    expect(c, "Hgp-1.-1", "OK");
    expect(c, "Hg-1", "OK");
    expect(c, "Hcp1.-1", "OK");
    expect(c, "Hx1", "E16");
    expect(c, "Hg", "E16");
    expect(c, "Tp1.1", "OK");
    expect(c, "Tp1.3", "E03");
    expect(c, "Tp1.-1", "E03");
    expect(c, "T", "E16");
    /* "stopped" */
    expect(c, "qThreadExtraInfo,p1.2", "73746f70706564");
    expect(c, "qThreadExtraInfo,p1.9", "E03");
    expect(c, "qAttached:1", "1");
    client_close(c);
}
END_TEST

/* ---- Registers ---- */

START_TEST(test_registers)
{
    struct client *c = client_open();
    char *all;

    client_greet(c);
    expect(c, "P2=0123456789abcdef", "OK");
    expect(c, "p2", "0123456789abcdef");
    expect(c, "P12=89abcdef", "OK");
    expect(c, "p12", "89abcdef");
    /* Of V3: the floating-point register above, the rest below. */
    expect(c, "P26=1111111122222222", "OK");
    expect(c, "P36=3333333344444444", "OK");
    expect(c, "p26", "1111111122222222");
    expect(c, "p36", "3333333344444444");
    /* V16, CR1, prefix with leading zeros, clock comparator. */
    expect(c, "P43=00112233445566778899aabbccddeeff", "OK");
    expect(c, "p43", "00112233445566778899aabbccddeeff");
    expect(c, "P54=0000000000001000", "OK");
    expect(c, "p54", "0000000000001000");
    expect(c, "P66=0000000000002000", "OK");
    expect(c, "p66", "0000000000002000");
    expect(c, "P63=0000000000000400", "OK");
    expect(c, "p63", "0000000000000400");
    expect(c, "P0=0000000180000000", "OK");
    expect(c, "P1=0000000000123456", "OK");
    ck_assert_ptr_eq(strstr(ask(c, "g"), "000000018000000000000000001234560123456789abcdef"), c->packet);
    /* All of them back, one changed. */
    all = strdup(c->packet);
    memcpy(all + 32, "fedcba9876543210", 16);
    ck_assert_uint_eq(strlen(all), 2 * (18 * 8 + 16 * 4 + 4 + 16 * 8 + 16 * 8 + 16 * 16 + 16 * 8 + 5 * 8));
    memmove(all + 1, all, strlen(all));
    all[0] = 'G';
    client_send(c, all, 1 + 2 * (18 * 8 + 16 * 4 + 4 + 16 * 8 + 16 * 8 + 16 * 16 + 16 * 8 + 5 * 8));
    ck_assert_str_eq(client_take(c), "OK");
    expect(c, "p2", "fedcba9876543210");
    expect(c, "p1", "0000000000123456");
    free(all);
    /* The other CPU's are its own. */
    expect(c, "Hgp1.2", "OK");
    expect(c, "p2", "0000000000000000");
    expect(c, "p999", "E16");
    expect(c, "p", "E16");
    expect(c, "P2=01", "E16");
    expect(c, "P2", "E16");
    expect(c, "P999=00", "E16");
    expect(c, "G00", "E16");
    client_close(c);
}
END_TEST

/* Beyond the g packet: time and keys. */
START_TEST(test_own_registers)
{
    struct client *c = client_open();

    client_greet(c);
    expect(c, "p68", "1000000000000000");
    ck_assert_uint_eq(strlen(ask(c, "p6a")), 16);
    ck_assert_uint_eq(strlen(ask(c, "p6b")), 16);
    ck_assert_ptr_eq(strstr(ask(c, "P6b=0000000000000001"), "E."), c->packet);
    expect(c, "P6d=0000000000005000", "OK");
    expect(c, "P6e=56", "OK");
    expect(c, "p6e", "56");
    expect(c, "p6d", "0000000000005000");
    /* And as storage: block 5. */
    expect(c, "mfffc000000000005,1", "56");
    expect(c, "Mfffc000000000005,2:3230", "OK");
    expect(c, "p6e", "32");
    expect(c, "mfffc000000000004,3", "003230");
    /* Past the end of storage there is none. */
    expect(c, "P6d=0000000010000000", "OK");
    expect(c, "p6e", "xx");
    ck_assert_ptr_eq(strstr(ask(c, "P6e=00"), "E."), c->packet);
    client_close(c);
}
END_TEST

/* ---- Storage ---- */

START_TEST(test_storage)
{
    struct client *c = client_open();
    const char binary[] = "X5000,6:a}\003}\004}]}\n#", *answer;

    client_greet(c);
    expect(c, "M5000,4:deadbeef", "OK");
    expect(c, "m5000,4", "deadbeef");
    expect(c, "m5000,0", "");
    /* "a#$}*" and a zero, the protocol's own characters escaped. */
    client_send(c, "X5000,6:a}\003}\004}]}\n\0", 18);
    ck_assert_str_eq(client_take(c), "OK");
    expect(c, "m5000,6", "6123247d2a00");
    answer = ask(c, "x5000,5");
    ck_assert_str_eq(answer, "ba}\003}\004}]}\n");
    expect(c, "x5000,0", "b");
    expect(c, "X5000,0:", "OK");
    client_send(c, binary, 9);
    ck_assert_str_eq(client_take(c), "E16");
    /* Less than was asked for, up to the end of storage; nothing past it. */
    expect(c, "m3fffff,4", "00");
    expect(c, "m400000,4", "E0e");
    expect(c, "x400000,4", "E0e");
    expect(c, "M3fffff,2:0000", "E0e");
    expect(c, "m5000", "E16");
    expect(c, "mzz,1", "E16");
    expect(c, "M5000,2:00", "E16");
    expect(c, "M5000,1:0000", "E16");
    expect(c, "m5000,11111111111111111", "E16");
    client_close(c);
}
END_TEST

START_TEST(test_spaces)
{
    struct client *c = client_open();

    client_greet(c);
    expect(c, "M0,4:01020304", "OK");
    expect(c, "M6000,4:05060708", "OK");
    expect(c, "P66=0000000000006000", "OK");
    /* Prefixing: real 0 is absolute 6000. */
    expect(c, "m0,4", "05060708");
    expect(c, "mfffb000000000000,4", "05060708");
    expect(c, "mfffa000000000000,4", "01020304");
    expect(c, "mfffa000000006000,4", "05060708");
    expect(c, "Mfffa000000000000,1:ff", "OK");
    expect(c, "m6000,1", "ff");
    /* Tables are not there. */
    expect(c, "mfff3000000000000,4", "E0e");
    /* monitor space absolute */
    client_send(c, "qRcmd,7370616365206162736f6c757465", 34);
    ck_assert_int_eq(client_take(c)[0], 'O');
    ck_assert_str_eq(client_take(c), "OK");
    expect(c, "m6000,4", "05060708");
    expect(c, "m0,4", "ff020304");
    client_close(c);
}
END_TEST

START_TEST(test_search)
{
    struct client *c = client_open();

    client_greet(c);
    expect(c, "M5ffe,4:cafebabe", "OK");
    expect(c, "qSearch:memory:5000;2000;\xca\xfe\xba\xbe", "1,5ffe");
    expect(c, "qSearch:memory:5000;1001;\xca\xfe\xba\xbe", "0");
    expect(c, "qSearch:memory:5000;1002;\xca\xfe\xba\xbe", "1,5ffe");
    expect(c, "qSearch:memory:3f0000;100000;\xca", "0");
    expect(c, "qSearch:memory:0;2;\xca\xfe\xba", "0");
    ck_assert_ptr_eq(strstr(ask(c, "qSearch:memory:0;ffffffffffffffff;a"), "E."), c->packet);
    expect(c, "qSearch:memory:0;10;", "E16");
    expect(c, "qSearch:memory:0", "E16");
    /* "123456789" */
    expect(c, "M5000,9:313233343536373839", "OK");
    expect(c, "qCRC:5000,9", "C376e6e7");
    expect(c, "qCRC:400000,9", "E0e");
    expect(c, "qCRC:5000,0", "Cffffffff");
    ck_assert_ptr_eq(strstr(ask(c, "qCRC:0,ffffffffffffffff"), "E."), c->packet);
    expect(c, "qCRC:0", "E16");
    client_close(c);
}
END_TEST

/* ---- Documents ---- */

/* The whole of a document, in pieces of 100 bytes. */
static char *document(struct client *c, const char *name)
{
    char *whole = calloc(1, 40000), request[128];
    size_t at = 0;

    ck_assert_ptr_nonnull(whole);
    do {
        snprintf(request, sizeof request, "qXfer:%s:%zx,64", name, at);
        ask(c, request);
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
    struct client *c = client_open();

    client_greet(c);
    holds(document(c, "features:read:target.xml"),
          (const char *[]){"<architecture>s390:64-bit</architecture>", "org.gnu.gdb.s390.core", "org.gnu.gdb.s390.acr",
                           "org.gnu.gdb.s390.fpr", "org.gnu.gdb.s390.vx", "org.gnu.gdb.s390.cr",
                           "org.gnu.gdb.s390.virt", "org.sienna.time", "org.sienna.key",
                           "<reg name=\"pswm\" bitsize=\"64\" type=\"uint64\" group=\"psw\" regnum=\"0\"/>",
                           "<reg name=\"r15\" bitsize=\"64\" type=\"uint64\" group=\"general\" regnum=\"17\"/>",
                           "<reg name=\"v15l\"", "<reg name=\"v31\" bitsize=\"128\" type=\"vec128\"",
                           "<reg name=\"cr15\"", "<reg name=\"prefix\"", NULL});
    holds(document(c, "threads:read:"),
          (const char *[]){"<thread id=\"p1.1\" name=\"level 1 CPU 0\" core=\"0\">stopped</thread>", "id=\"p1.2\"", NULL});
    holds(document(c, "memory-map:read:"), (const char *[]){"type=\"ram\" start=\"0x0\"", NULL});
    holds(document(c, "osdata:read:"), (const char *[]){">processes<", ">threads<", NULL});
    holds(document(c, "osdata:read:processes"),
          (const char *[]){"<column name=\"pid\">1</column>", "<column name=\"attached\">yes</column>",
                           "<column name=\"command\">level 1</column>", NULL});
    holds(document(c, "osdata:read:threads"), (const char *[]){"<column name=\"thread\">2</column>", NULL});
    expect(c, "qXfer:exec-file:read:1:0,100", "l/kernel.elf");
    expect(c, "qXfer:exec-file:read::0,4", "m/ker");
    expect(c, "qXfer:exec-file:read:2:0,100", "E00");
    expect(c, "qXfer:features:read:other.xml:0,100", "E00");
    expect(c, "qXfer:osdata:read:files:0,100", "E00");
    expect(c, "qXfer:threads:read::ffff,100", "E16");
    expect(c, "qXfer:threads:read::0", "E00");
    expect(c, "qXfer:auxv:read::0,100", "");
    expect(c, "qXfer:threads:write::0,100", "");
    client_close(c);
}
END_TEST

START_TEST(test_monitor)
{
    struct client *c = client_open();

    client_greet(c);
    expect(c, "Hgp1.2", "OK");
    /* "cpus" */
    expect(c, "qRcmd,63707573", "O646f6e650a");
    ck_assert_str_eq(client_take(c), "OK");
    ck_assert_str_eq(c->line, "cpus");
    ck_assert_uint_eq(c->cpu, 1);
    expect(c, "qRcmd,6", "E16");
    expect(c, "qRcmd,00", "E16");
    expect(c, "qRcmd,zz", "E16");
    /* "into on" is the stub's own. */
    ask(c, "qRcmd,696e746f206f6e");
    ck_assert_int_eq(c->packet[0], 'O');
    ck_assert_str_eq(client_take(c), "OK");
    ck_assert_str_eq(c->line, "cpus");
    client_close(c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gdb-packets");
    TCase *tcase = tcase_create("all");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, test_framing);
    tcase_add_test(tcase, test_too_long);
    tcase_add_test(tcase, test_agreeing);
    tcase_add_test(tcase, test_threads);
    tcase_add_test(tcase, test_registers);
    tcase_add_test(tcase, test_own_registers);
    tcase_add_test(tcase, test_storage);
    tcase_add_test(tcase, test_spaces);
    tcase_add_test(tcase, test_search);
    tcase_add_test(tcase, test_documents);
    tcase_add_test(tcase, test_monitor);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
