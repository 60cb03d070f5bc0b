/*
 * Peers that mean no good, or cannot do better. Whatever they do, the next one is answered.
 */
#include "http_rig.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#define H "Host: x\r\n"

static struct rig rig;

static void begin(void)
{
    rig_start(&rig);
}

/* After everything, an ordinary client gets what it asks for. */
static void end(void)
{
    struct answer answer = rig_ask(&rig, "GET /image HTTP/1.0\r\n\r\n");

    cr_expect(answer_body_is(&answer, rig.built.bytes, rig.built.size));
    free(answer.bytes);
    rig_stop(&rig);
}

TestSuite(http_hostile, .init = begin, .fini = end, .timeout = 120);

/* How many answers there are in what came. */
static unsigned count_answers(const struct answer *answer)
{
    unsigned count = 0;

    /* The words in a refusal name versions too, but no status behind them. */
    for (const char *at = answer->bytes; (at = strstr(at, "HTTP/1.")) != NULL; at++)
        count += at[8] == ' ' && at[9] >= '1' && at[9] <= '5';
    return count;
}

/* A refusal is one whole answer, and the end, which is not a reset. */
static void expect_refusal(const struct answer *answer, int status, const char *of)
{
    size_t head = answer_head_length(answer);
    char line[64];

    cr_expect_eq(answer_status(answer), status, "%s: %s", of, answer->bytes);
    cr_expect_eq(count_answers(answer), 1, "%s: %s", of, answer->bytes);
    cr_expect(answer_has(answer, "Connection: close"), "%s: %s", of, answer->bytes);
    snprintf(line, sizeof line, "Content-Length: %zu", answer->len - head);
    cr_expect(head > 0 && answer_has(answer, line), "%s: %s", of, answer->bytes);
    cr_expect(strstr(answer->bytes, "\r\nDate: "), "%s: %s", of, answer->bytes);
    cr_expect_not(answer->reset, "%s", of);
}

struct bytes {
    const char *name;
    const char *text;
    size_t len; /* 0: strlen() */
    unsigned status;
    const char *logged; /* method, target and protocol */
};

static void expect_record(const struct rig_record *record, const char *logged)
{
    char text[sizeof record->method + sizeof record->target + sizeof record->protocol];

    snprintf(text, sizeof text, "%s %s %s", record->method, record->target, record->protocol);
    cr_expect_str_eq(text, logged);
}

Test(http_hostile, what_is_no_request_is_refused_and_the_connection_closed)
{
    static const struct bytes rows[] = {
        { "HTTP/0.9", "GET /image\r\n", 0, 400, "GET /image -" },
        { "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33, 505,
          "PRI * HTTP/2.0" },
        { "TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", 11, 400, "- - -" },
        { "NUL", "GET /\0 HTTP/1.1\r\n" H "\r\n", 26, 400, "GET / HTTP/1.1" },
        { "bare CR", "GET / HTTP/1.1\r\n" H "A: b\rC: d\r\n\r\n", 0, 400, "GET / HTTP/1.1" },
        { "bare LF", "GET / HTTP/1.1\nHost: x\n\n", 0, 400, "GET / HTTP/1.1" },
        { "folded", "GET / HTTP/1.1\r\n" H " more\r\n\r\n", 0, 400, "GET / HTTP/1.1" },
        { "chunked",
          "GET /text HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
          "GET /image HTTP/1.1\r\n" H "\r\n",
          0, 400, "GET /text HTTP/1.1" },
        { "chunked and a length",
          "GET /text HTTP/1.1\r\n" H "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
          "5c\r\nGET /image HTTP/1.1\r\n\r\n",
          0, 400, "GET /text HTTP/1.1" },
        { "a request in a body",
          "GET /text HTTP/1.1\r\n" H "Content-Length: 36\r\n\r\n"
          "GET /image HTTP/1.1\r\nHost: x\r\n\r\n    ",
          0, 400, "GET /text HTTP/1.1" },
        { "two lengths",
          "GET /text HTTP/1.1\r\n" H "Content-Length: 0\r\nContent-Length: 30\r\n\r\n"
          "GET /image HTTP/1.1\r\nHost: x\r\n\r\n",
          0, 400, "GET /text HTTP/1.1" },
        { "blank before the colon",
          "GET /text HTTP/1.1\r\n" H "Content-Length : 30\r\n\r\n"
          "GET /image HTTP/1.1\r\nHost: x\r\n\r\n",
          0, 400, "GET /text HTTP/1.1" },
        { "body of a POST",
          "POST /text HTTP/1.1\r\n" H "Content-Length: 30\r\n\r\n"
          "GET /image HTTP/1.1\r\nHost: x\r\n\r\n",
          0, 405, "POST /text HTTP/1.1" },
        { "method of one's own", "BREW /pot HTTP/1.1\r\n" H "\r\n", 0, 501, "BREW /pot HTTP/1.1" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = rows[i].len ? rows[i].len : strlen(rows[i].text);
        struct answer answer = rig_ask_bytes(&rig, rows[i].text, len);

        expect_refusal(&answer, (int)rows[i].status, rows[i].name);
        cr_expect(rows[i].status != 405 || answer_has(&answer, "Allow: GET, HEAD"));
        free(answer.bytes);
        rig_wait_for_records(&rig, i + 1);
        cr_expect_eq(rig.records[i].result.status, rows[i].status);
        expect_record(&rig.records[i], rows[i].logged);
        cr_expect_str_eq(rig.records[i].note, "-");
        cr_expect_str_eq(rig.records[i].address, "127.0.0.1");
    }
}

/* Who was it? Whatever the pieces that it came in, and even behind a good request. */
Test(http_hostile, of_what_is_refused_is_known_who_asked_for_what)
{
    static const char *const heads[] = {
        "OPTIONS /text?x HTTP/1.1\r\n" H "A: b\r\nuser-agent:\t scanner/1 \r\n\r\n",
        "GET /a\x7f b HTTP/1.1\r\n" H "User-Agent: scanner/1\r\n\r\n",
        "GET / HTTP/1.1\r\nUser-Agent: scanner/1\r\nUser-Agent: no\r\n\r\n",
    };
    static const char *const logged[] = { "OPTIONS /text?x HTTP/1.1", "GET /a\x7f b HTTP/1.1",
                                          "GET / HTTP/1.1" };
    static const char good[] = "GET /unchanged HTTP/1.1\r\n" H "\r\n";
    size_t count = 0;

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct answer answer = rig_ask(&rig, heads[i]);
        rig_wait_for_records(&rig, ++count);
        expect_record(&rig.records[count - 1], logged[i]);
        cr_expect_str_eq(rig.records[count - 1].agent, "scanner/1");
        free(answer.bytes);
    }
    /* Byte by byte, up to the one that is wrong, the last of the head. */
    int fd = rig_connect(&rig);
    struct answer answer = { 0 };
    rig_send(fd, good, sizeof good - 1);
    rig_receive(&answer, fd, strlen("HTTP/1.1 304"));
    rig_wait_for_records(&rig, ++count);
    for (const char *at = heads[0]; *at; at++) {
        rig_send(fd, at, 1);
        /* So that it is a segment of its own. */
        poll(NULL, 0, 1);
    }
    rig_receive(&answer, fd, 0);
    rig_wait_for_records(&rig, ++count);
    expect_record(&rig.records[count - 1], logged[0]);
    cr_expect_str_eq(rig.records[count - 1].agent, "scanner/1");
    close(fd);
    free(answer.bytes);
}

/* One good request, then something else at once: the good one is answered, the other never. */
Test(http_hostile, what_follows_a_good_request_does_not_become_one)
{
    static const char *const rest[] = {
        "GET /image\r\n",
        "hello\r\n\r\n",
        "GET /image HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello",
        "GET /image HTTP/1.1\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        char text[256];

        snprintf(text, sizeof text, "GET /text HTTP/1.1\r\n" H "\r\n%s", rest[i]);
        struct answer answer = rig_ask(&rig, text);
        cr_expect_eq(answer_status(&answer), 200);
        cr_expect(answer_has(&answer, "Connection: close"), "%s", answer.bytes);
        cr_expect(answer_body_is(&answer, RIG_TEXT, strlen(RIG_TEXT)), "%s", answer.bytes);
        free(answer.bytes);
    }
}

Test(http_hostile, what_comes_later_is_refused_with_an_answer)
{
    struct answer answer = { 0 };
    int fd = rig_connect(&rig);

    rig_send(fd, "GET /unchanged HTTP/1.1\r\n" H "\r\n", 36);
    while (answer_head_length(&answer) == 0 && !answer.in_time)
        rig_receive(&answer, fd, answer.len + 1);
    cr_expect_eq(answer_status(&answer), 304);
    free(answer.bytes);
    answer = (struct answer){ 0 };
    rig_send(fd, "GET /\r\n", 7);
    rig_receive(&answer, fd, 0);
    expect_refusal(&answer, 400, "later");
    close(fd);
    free(answer.bytes);
}

/* libevent takes the target apart once more, and does not like all that is well-formed. */
Test(http_hostile, targets_that_cannot_be_taken_apart_are_refused)
{
    static const char *const targets[] = { "//[", "http://[x]/", "http://a:b/",
                                           "http://a:999999/" };

    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char text[128];

        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" H "\r\n", targets[i]);
        struct answer answer = rig_ask(&rig, text);
        cr_expect(answer_status(&answer) == 400, "%s: %s", targets[i], answer.bytes);
        cr_expect_eq(count_answers(&answer), 1);
        free(answer.bytes);
        rig_wait_for_records(&rig, i + 1);
        cr_expect_eq(rig.records[i].result.status, 400);
        snprintf(text, sizeof text, "GET %s HTTP/1.1", targets[i]);
        expect_record(&rig.records[i], text);
    }
}

/* The same, and then what we would refuse: it is refused once. */
Test(http_hostile, what_libevent_refuses_is_not_refused_again)
{
    static const char text[] = "GET //[ HTTP/1.1\r\n/ no header\r\n\r\n";
    struct answer answer = { 0 };
    int fd = rig_connect(&rig);

    for (size_t i = 0; i < sizeof text - 1; i++) {
        rig_send(fd, text + i, 1);
        /* So that it is a segment of its own. */
        poll(NULL, 0, 1);
    }
    rig_receive(&answer, fd, 0);
    cr_expect_eq(count_answers(&answer), 1, "%s", answer.bytes);
    rig_wait_for_records(&rig, 1);
    cr_expect_eq(rig.records[0].result.status, 400);
    close(fd);
    free(answer.bytes);
}

static void expect_flood_is_refused(const char *begin_with, const char *piece, size_t total,
                                    int status)
{
    size_t len = strlen(piece);
    size_t head = strlen(begin_with);
    char *text = malloc(head + total + len);

    cr_assert(text);
    memcpy(text, begin_with, head);
    while (head < total) {
        memcpy(text + head, piece, len);
        head += len;
    }
    struct answer answer = rig_ask_bytes(&rig, text, head);
    expect_refusal(&answer, status, begin_with);
    free(answer.bytes);
    free(text);
}

Test(http_hostile, a_header_of_a_mebibyte_is_refused)
{
    expect_flood_is_refused("GET / HTTP/1.1\r\n" H "A: ", "aaaaaaaa", 1 << 20, 431);
}

Test(http_hostile, ten_thousand_headers_are_refused)
{
    expect_flood_is_refused("GET / HTTP/1.1\r\n" H, "A: b\r\n", 60000, 431);
}

Test(http_hostile, bytes_without_an_end_are_refused)
{
    expect_flood_is_refused("", "aaaaaaaa", 1 << 20, 431);
    expect_flood_is_refused("GET /", "aaaaaaaa", 1 << 20, 414);
}

/* ---- connections that are cut ---- */

static const char whole_request[] = "GET /text HTTP/1.1\r\n" H "User-Agent: x\r\n\r\n";

static void reset(int fd)
{
    struct linger at_once = { .l_onoff = 1 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

Test(http_hostile, a_connection_may_be_cut_behind_every_byte)
{
    for (size_t len = 0; len < sizeof whole_request; len++) {
        for (unsigned how = 0; how < 3; how++) {
            int fd = rig_connect(&rig);

            rig_send(fd, whole_request, len);
            if (how == 0) {
                close(fd);
            } else if (how == 1) {
                reset(fd);
            } else {
                struct answer answer = { 0 };
                shutdown(fd, SHUT_WR);
                rig_receive(&answer, fd, 0);
                cr_expect(answer.in_time, "%zu bytes and the end: it stays open", len);
                /* HTTP/1.1, but there is nobody any more who could ask again. */
                cr_expect(len < sizeof whole_request - 1 ? answer.len == 0
                                                         : answer_status(&answer) == 200);
                free(answer.bytes);
                close(fd);
            }
        }
    }
}

Test(http_hostile, every_byte_may_be_a_segment_of_its_own)
{
    struct answer answer = { 0 };
    int fd = rig_connect(&rig);

    for (size_t i = 0; i < sizeof whole_request - 1; i++)
        rig_send(fd, whole_request + i, 1);
    shutdown(fd, SHUT_WR);
    rig_receive(&answer, fd, 0);
    cr_expect(answer_body_is(&answer, RIG_TEXT, strlen(RIG_TEXT)));
    close(fd);
    free(answer.bytes);
}

/* Somebody pumps requests and never reads: the server stops reading, and memory does not grow. */
Test(http_hostile, who_asks_without_reading_is_not_listened_to)
{
    int fd = rig_connect(&rig);
    size_t sent = 0;
    static const char text[] = "GET /image HTTP/1.1\r\n" H "\r\n";
    int64_t deadline = deadline_after(RIG_WAIT_MS);

    /* 64 MiB of requests are more than all buffers between the two hold. */
    while (sent < (size_t)64 << 20) {
        ssize_t n = send(fd, text, strlen(text), MSG_NOSIGNAL);
        if (n < 0 && !loopback_wait(fd, POLLOUT, -1, deadline_after(300)))
            break;
        if (n > 0)
            sent += (size_t)n;
        cr_assert(deadline_left(deadline) > 0);
    }
    cr_expect_lt(sent, (size_t)64 << 20);
    /* Nor does it only need longer: what is on the way stays there. */
    int left = 1;
    deadline = deadline_after(1000);
    while (left > 0 && deadline_left(deadline) > 0) {
        cr_assert_eq(ioctl(fd, SIOCOUTQ, &left), 0);
        poll(NULL, 0, 10);
    }
    cr_expect_gt(left, 0, "it reads on");
    reset(fd);
}

/* ---- crowds ---- */

#define CROWD 1000

/* A thousand who read nothing of what they asked for, a thousand who ask nothing, and then us. */
Test(http_hostile, a_thousand_slow_readers_keep_nobody_waiting)
{
    static const char text[] = "GET /image HTTP/1.1\r\n" H "\r\n";
    static int fds[2 * CROWD];

    for (size_t i = 0; i < 2 * CROWD; i++) {
        fds[i] = loopback_connect(&rig.at, NULL, 2048, RIG_WAIT_MS);
        cr_assert(fds[i] >= 0, "%zu: %s", i, strerror(errno));
        if (i % 2)
            rig_send(fds[i], text, strlen(text));
    }
    struct answer answer = rig_ask(&rig, "GET /image HTTP/1.0\r\n\r\n");
    cr_expect(answer_body_is(&answer, rig.built.bytes, rig.built.size));
    free(answer.bytes);
    /* And one of them gets all of it in the end. */
    answer = (struct answer){ 0 };
    rig_receive(&answer, fds[1], 2000);
    rig_receive(&answer, fds[1], answer_head_length(&answer) + rig.built.size);
    cr_expect(answer_body_is(&answer, rig.built.bytes, rig.built.size));
    free(answer.bytes);
    for (size_t i = 0; i < 2 * CROWD; i++)
        close(fds[i]);
}
