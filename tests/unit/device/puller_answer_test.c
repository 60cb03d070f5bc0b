#include "tests/unit/device/puller_rig.h"

#include <criterion/criterion.h>

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller_answer, .init = setup);

struct row {
    const char *answer;
    int error; /* 1: none, there is no update */
};

#define NO_UPDATE 1

/* Whole answers, after which the connection is closed. */
static const struct row rows[] = {
    /* Statuses */
    { "HTTP/1.1 304 Not Modified\r\n\r\n", NO_UPDATE },
    { "HTTP/1.0 304\r\n\r\n", NO_UPDATE },
    { "HTTP/1.9 304 \r\n\r\n", NO_UPDATE },
    { "HTTP/1.1 304 Not Modified\n\n", NO_UPDATE },
    { "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", NO_UPDATE },
    { "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", NO_UPDATE },
    { "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n", -108 },
    { "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n", -103 },
    { "HTTP/1.1 404 Not Found\r\n\r\n", -102 },
    { "HTTP/1.1 404 Not Found\r\nContent-Length: x\r\n\r\n", -102 },
    { "HTTP/1.1 204 No Content\r\n\r\n", -104 },
    { "HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nContent-Range: bytes 0-4/5\r\n\r\n",
      -104 },
    { "HTTP/1.1 300 Multiple Choices\r\nLocation: /a\r\n\r\n", -104 },
    { "HTTP/1.1 305 Use Proxy\r\nLocation: /a\r\n\r\n", -104 },
    { "HTTP/1.1 400 Bad Request\r\n\r\n", -104 },
    { "HTTP/1.1 416 Range Not Satisfiable\r\n\r\n", -104 },
    { "HTTP/1.1 500 Internal Server Error\r\n\r\n", -104 },
    { "HTTP/1.1 503 Service Unavailable\r\n\r\n", -104 },
    { "HTTP/1.1 999 Whatever\r\n\r\n", -104 },
    { "HTTP/1.1 101 Switching Protocols\r\n\r\n", -104 },
    /* Interim answers */
    { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n", NO_UPDATE },
    { "HTTP/1.1 103 Early Hints\r\nContent-Length: 7\r\nx-MD5: ?\r\n\r\n"
      "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n",
      -102 },
    { "HTTP/1.1 100 Continue\r\n\r\n", -5 },
    { "HTTP/1.1 100 Continue\r\n\r\n\xE9\x01\x02", -7 },
    { "HTTP/1.1 100 Continue\r\n\r\n<html>\r\n", -7 },
    /* Not HTTP */
    { "", -5 },
    { "H", -5 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", -5 },
    { "\r\n", -7 },
    { "\r\nHTTP/1.1 304 Not Modified\r\n\r\n", -7 },
    { "SSH-2.0-OpenSSH_9.2p1\r\n", -7 },
    { "<html>\n", -7 },
    { "HTTP/2 304\r\n\r\n", -7 },
    { "HTTP/0.9 304 X\r\n\r\n", -7 },
    { "HTTP/1. 304 X\r\n\r\n", -7 },
    { "HTTP/1.11 304 X\r\n\r\n", -7 },
    { "http/1.1 304 X\r\n\r\n", -7 },
    { "HTTP/1.1  304 X\r\n\r\n", -7 },
    { "HTTP/1.1\t304 X\r\n\r\n", -7 },
    { "HTTP/1.1 30\r\n\r\n", -7 },
    { "HTTP/1.1 3040 X\r\n\r\n", -7 },
    { "HTTP/1.1 304X\r\n\r\n", -7 },
    { "HTTP/1.1 099 X\r\n\r\n", -7 },
    { "HTTP/1.1 -04 X\r\n\r\n", -7 },
    { "HTTP/1.1 304 X\rY\r\n\r\n", -7 },
    { "HTTP/1.1 304 X\rY\n\n", -7 },
    { "HTTP/1.1 304 X\r\r\n\r\n", -7 },
    { "HTTP/1.1 304 \x1B[2J\r\n\r\n", -7 },
    /* Malformed fields */
    { "HTTP/1.1 304 X\r\n folded: nothing\r\n\r\n", -7 },
    { "HTTP/1.1 304 X\r\nno colon\r\n\r\n", -7 },
    { "HTTP/1.1 304 X\r\n: no name\r\n\r\n", -7 },
    { "HTTP/1.1 304 X\r\nA : blank\r\n\r\n", -7 },
    { "HTTP/1.1 304 X\r\nA\xC3\xA4: b\r\n\r\n", -7 },
    { "HTTP/1.1 304 X\r\nA: b\rC: d\r\n\r\n", -7 },
    { "HTTP/1.1 304 X\r\nA: \x01\r\n\r\n", -7 },
    { "HTTP/1.1 304 X\r\nA: \x7F\r\n\r\n", -7 },
    { "HTTP/1.1 304 X\r\nA: \xC3\xA4\tb\r\n\r\n", NO_UPDATE },
    { "HTTP/1.1 304 X\r\nA:\r\nB:\t\r\n\r\n", NO_UPDATE },
    /* Lengths */
    { "HTTP/1.1 200 OK\r\n\r\n", -101 },
    { "HTTP/1.1 200 OK\r\n\r\n\xE9\x01\x02", -101 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", -101 },
    { "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5 5\r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5,\r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5;a\r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: \r\n\r\n", -7 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 5\r\n\r\n", -7 },
    /* Encodings */
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", -9 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\ntransfer-encoding: chunked\r\n\r\n", -9 },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\nContent-Length: 5\r\n\r\n", -9 },
    { "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n", -9 },
    /* MD5s */
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-MD5: 5\r\n\r\n", -105 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-MD5:\r\n\r\n", -105 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-MD5: 0123456789abcdef0123456789abcdeg\r\n\r\n",
      -105 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-MD5: 0123456789abcdef0123456789abcdef0\r\n\r\n",
      -105 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-MD5: 0123456789abcdef0123456789abcdef\r\n"
      "X-md5: 0123456789abcdef0123456789abcdef\r\n\r\n",
      -105 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
      "x-MD5: 0123456789abcdef0123456789abcdef, 0123456789abcdef0123456789abcdef\r\n\r\n",
      -105 },
    /* Redirects to nowhere */
    { "HTTP/1.1 302 Found\r\n\r\n", -104 },
    { "HTTP/1.1 302 Found\r\nLocation: ftp://192.0.2.1/\r\n\r\n", -104 },
    { "HTTP/1.1 302 Found\r\nLocation: http://u:p@192.0.2.1/\r\n\r\n", -104 },
    { "HTTP/1.1 302 Found\r\nLocation: /a b\r\n\r\n", -104 },
    { "HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /a\r\n\r\n", -104 },
};

static bool has_ended_as(const struct row *row)
{
    if (row->error != NO_UPDATE)
        return rig_has_failed(&rig, row->error);
    return ota_puller_is_idle(&rig.puller) &&
           ota_puller_result(&rig.puller) == OTA_PULL_NO_UPDATE &&
           ota_puller_error(&rig.puller) == 0 && !rig.is_open && rig_stages_nothing(&rig);
}

Test(puller_answer, each_ends_as_it_should)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_answer(&rig, rows[i].answer);
        cr_expect(has_ended_as(&rows[i]), "%s: %d instead of %d", rows[i].answer,
                  ota_puller_error(&rig.puller), rows[i].error);
        ota_puller_abort(&rig.puller, 0);
    }
    cr_assert_eq(rig.nor.operations, 0);
}

Test(puller_answer, each_ends_so_in_whatever_pieces_it_comes)
{
    for (size_t piece = 1; piece <= 7; piece += 3) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            rig_ask(&rig);
            rig_give_chunks(&rig, rows[i].answer, strlen(rows[i].answer), piece);
            rig_close_by_server(&rig);
            cr_expect(has_ended_as(&rows[i]), "%s", rows[i].answer);
            ota_puller_abort(&rig.puller, 0);
        }
    }
}

/* An answer of which everything is understood, and an image. */
static void expect_update(const char *fields)
{
    rig_init(&rig);
    rig_ask(&rig);
    rig_head(&rig, "HTTP/1.1 200 OK\r\n%s", fields);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_expect(rig_is_updated(&rig), "%s: %d", fields, ota_puller_error(&rig.puller));
}

Test(puller_answer, fields_are_known_in_whatever_form_they_have)
{
    char fields[512];

    expect_update("Content-Length: 20001\r\n");
    expect_update("CONTENT-LENGTH:20001\r\n");
    expect_update("content-length:\t 20001 \t\r\n");
    expect_update("Content-Length:\r\n 20001\r\n");
    expect_update("Content-Length: 20001\r\n \r\n");
    expect_update("Content-Length: 00020001\r\n");
    expect_update("Content-Length: 20001\r\nContent-Length: 20001\r\n");
    expect_update("Content-Length: 20001, 20001 ,20001\r\n");
    expect_update("Content-Length: 20001\nServer: bare line feeds\n");
    expect_update("Server: a\r\n b\r\n\tc\r\nContent-Length: 20001\r\n");
    expect_update("Set-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 20001\r\n");
    expect_update("Content-Length: 20001\r\nContent-Encoding: Identity\r\n");
    expect_update("Content-Length: 20001\r\nContent-Encoding:\r\n");
    expect_update("Content-Length: 20001\r\nLocation: ftp://nowhere\r\n");
    expect_update("Content-Length: 20001\r\nContent-Range: bytes */5\r\n");
    expect_update("Content-Lengths: 5\r\nX-Content-Length: 6\r\nContent-Length: 20001\r\n");
    expect_update("Content-Length: 20001\r\nETag: no etag at all\r\n");
    snprintf(fields, sizeof fields, "content-length: 20001\r\nX-MD5: %s\r\n", rig.md5);
    expect_update(fields);
    for (char *c = fields; *c != '\0'; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    }
    expect_update(fields);
    snprintf(fields, sizeof fields, "Content-Length: 20001\r\nx-mD5:\r\n\t%s\r\n  \r\n", rig.md5);
    expect_update(fields);
}

Test(puller_answer, the_whole_update_is_the_same_byte_by_byte)
{
    static uint8_t answer[RIG_IMAGE_SIZE + 1000];
    size_t len = (size_t)snprintf((char *)answer, sizeof answer,
                                  "HTTP/1.1 100 Continue\r\n\r\n"
                                  "HTTP/1.1 200 OK\r\nContent-Length: %u\r\nx-version: 8\r\n"
                                  " beta\r\nx-MD5: %s\r\n\r\n",
                                  (unsigned)RIG_IMAGE_SIZE, rig.md5);

    memcpy(answer + len, rig.image, RIG_IMAGE_SIZE);
    len += RIG_IMAGE_SIZE;
    for (size_t piece = 1; piece <= sizeof answer; piece = piece * 8 + 1) {
        rig_init(&rig);
        rig_ask(&rig);
        rig_give_chunks(&rig, answer, len, piece);
        cr_expect(rig_is_updated(&rig), "%zu", piece);
        cr_expect_str_eq(ota_puller_offered_version(&rig.puller), "8 beta");
    }
    rig_init(&rig);
    rig_ask(&rig);
    rig_give_chunks(&rig, answer, len, len);
    cr_assert(rig_is_updated(&rig));
}

Test(puller_answer, the_offered_version_is_of_this_answer)
{
    char version[OTA_PULL_VERSION_SIZE + 1];

    rig_answer(&rig, "HTTP/1.1 304 X\r\nX-Version: DOOR 7\r\n\r\n");
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "DOOR 7");
    rig_answer(&rig, "HTTP/1.1 304 X\r\n\r\n");
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "");
    rig_answer(&rig, "HTTP/1.1 103 X\r\nx-version: 1\r\n\r\nHTTP/1.1 304 X\r\n\r\n");
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "");
    rig_answer(&rig, "HTTP/1.1 404 X\r\nx-version: 1\r\n\r\n");
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "");
    rig_answer(&rig, "HTTP/1.1 304 X\r\nx-version: \xC3\xA4\r\n\r\n");
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "");
    memset(version, 'v', sizeof version);
    version[OTA_PULL_VERSION_SIZE - 1] = '\0';
    rig_ask(&rig);
    rig_head(&rig, "HTTP/1.1 304 X\r\nx-version: %s\r\n", version);
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), version);
    rig_ask(&rig);
    rig_head(&rig, "HTTP/1.1 304 X\r\nx-version: %sv\r\n", version);
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "");
}

/* --- Limits ----------------------------------------------------------------------------------- */

static void say_times(const char *text, size_t times)
{
    while (times-- > 0)
        rig_say(&rig, text);
}

Test(puller_answer, a_long_field_that_is_not_needed_is_skipped)
{
    rig_ask(&rig);
    rig_say(&rig, "HTTP/1.1 304 X\r\nSet-Cookie: ");
    say_times("0123456789", 1000);
    rig_say(&rig, "\r\n");
    say_times("n", 2000);
    rig_say(&rig, ": without the colon in sight\r\nx-version: ");
    say_times("v", 1000);
    rig_say(&rig, "\r\nETag: \"");
    say_times("e", 1000);
    rig_say(&rig, "\"\r\n\r\n");
    cr_assert_eq(ota_puller_result(&rig.puller), OTA_PULL_NO_UPDATE);
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "");
}

Test(puller_answer, a_long_field_that_decides_is_an_error)
{
    static const char *const names[] = { "Content-Length",   "Transfer-Encoding", "x-MD5",
                                         "Content-Encoding", "Content-Range",     "Location" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        rig_ask(&rig);
        rig_head(&rig, "HTTP/1.1 302 X\r\n%s:%1000s\r\n", names[i], "5");
        cr_expect(rig_has_failed(&rig, OTA_PULL_NO_HTTP), "%s", names[i]);
    }
}

Test(puller_answer, a_line_as_long_as_promised_is_read)
{
    char line[OTA_PULL_LINE_SIZE + 2];

    snprintf(line, sizeof line, "Content-Length:%*s", OTA_PULL_LINE_SIZE - 15, "20001");
    cr_assert_eq(strlen(line), OTA_PULL_LINE_SIZE);
    rig_ask(&rig);
    rig_head(&rig, "HTTP/1.1 200 OK\r\n%s\r\n", line);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

Test(puller_answer, a_long_status_line_is_an_error)
{
    rig_ask(&rig);
    rig_say(&rig, "HTTP/1.1 304 ");
    say_times("x", OTA_PULL_LINE_SIZE);
    rig_say(&rig, "\r\n");
    cr_assert(rig_has_failed(&rig, OTA_PULL_NO_HTTP));
}

Test(puller_answer, a_long_line_that_continues_nothing_is_an_error)
{
    rig_ask(&rig);
    rig_say(&rig, "HTTP/1.1 304 X\r\n ");
    say_times("x", OTA_PULL_LINE_SIZE);
    rig_say(&rig, "\r\n\r\n");
    cr_assert(rig_has_failed(&rig, OTA_PULL_NO_HTTP));
}

Test(puller_answer, a_header_has_a_limit)
{
    static const char status[] = "HTTP/1.1 304 X\r\n";
    size_t fillers = (OTA_PULL_HEADER_MAX - (sizeof status - 1) - 2) / 8;

    rig_ask(&rig);
    rig_say(&rig, status);
    say_times("Abc: d\r\n", fillers);
    rig_say(&rig, "\r\n");
    cr_assert_eq(ota_puller_result(&rig.puller), OTA_PULL_NO_UPDATE);
    rig_ask(&rig);
    rig_say(&rig, status);
    say_times("Abc: d\r\n", fillers + 1);
    rig_say(&rig, "\r\n");
    cr_assert(rig_has_failed(&rig, OTA_PULL_NO_HTTP));
}

/* In one line, in many, in interim answers, in folds: it ends. */
Test(puller_answer, an_endless_header_is_not_read_for_ever)
{
    static const char *const endless[] = { "x",    "x\r\n", "A: b\r\n",
                                           "\t",   " x\n",  "HTTP/1.1 100 X\r\n\r\n",
                                           "\r\n", "\n" };
    static const char *const begins[] = { "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n",
                                          "HTTP/1.1 100 OK\r\nContent-Length: 5\r\n" };

    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        for (size_t j = 0; j < sizeof endless / sizeof endless[0]; j++) {
            rig_ask(&rig);
            rig_say(&rig, begins[i]);
            for (unsigned n = 0; n <= OTA_PULL_HEADER_MAX && rig.is_open; n++)
                rig_say(&rig, endless[j]);
            cr_expect(!rig.is_open && ota_puller_is_idle(&rig.puller), "%s %s", begins[i],
                      endless[j]);
            cr_expect(rig_stages_nothing(&rig));
            ota_puller_abort(&rig.puller, 0);
        }
    }
}
