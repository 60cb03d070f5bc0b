#include "http_rig.h"

static struct rig rig;

static void begin(void)
{
    rig_start(&rig);
}

static void end(void)
{
    rig_stop(&rig);
}

TestSuite(http_server, .init = begin, .fini = end, .timeout = 60);

Test(http_server, gives_a_stock_client_the_whole_image)
{
    char line[64];
    struct answer answer = rig_ask(&rig, "GET /image HTTP/1.0\r\nHost: here\r\n"
                                         "User-Agent: ESP8266-http-Update\r\n"
                                         "Connection: close\r\n\r\n");

    cr_expect_eq(answer_status(&answer), 200);
    snprintf(line, sizeof line, "Content-Length: %zu", rig.built.size);
    cr_expect(answer_has(&answer, line));
    snprintf(line, sizeof line, "x-MD5: %s", rig.image->md5_text);
    cr_expect(answer_has(&answer, line));
    snprintf(line, sizeof line, "ETag: \"%s\"", rig.image->md5_text);
    cr_expect(answer_has(&answer, line));
    cr_expect(answer_has(&answer, "Accept-Ranges: bytes"));
    cr_expect(answer_has(&answer, "Content-Type: application/octet-stream"));
    cr_expect(answer_has(&answer, "Connection: close"));
    cr_expect(strstr(answer.bytes, "Transfer-Encoding") == NULL);
    cr_expect(answer_body_is(&answer, rig.built.bytes, rig.built.size));
    rig_wait_for_records(&rig, 1);
    cr_expect_eq(rig.records[0].result.status, 200);
    cr_expect(rig.records[0].result.whole);
    cr_expect_eq(rig.records[0].result.body_sent, rig.built.size);
    cr_expect_str_eq(rig.records[0].method, "GET");
    cr_expect_str_eq(rig.records[0].target, "/image");
    cr_expect_str_eq(rig.records[0].protocol, "HTTP/1.0");
    cr_expect_str_eq(rig.records[0].address, "127.0.0.1");
    cr_expect_str_eq(rig.records[0].agent, "ESP8266-http-Update");
    cr_expect_str_eq(rig.records[0].note, "seen");
    free(answer.bytes);
}

#define CLOSE "Connection: close\r\n\r\n"
#define H     " HTTP/1.1\r\nHost: x\r\n"

/* An answer's head has no body behind it. */
static bool is_empty(const struct answer *answer)
{
    return answer->len > 0 && answer_head_length(answer) == answer->len;
}

Test(http_server, tells_by_head_what_get_would_give)
{
    char line[64];
    struct answer image = rig_ask(&rig, "HEAD /image" H CLOSE);
    struct answer text = rig_ask(&rig, "HEAD /text" H CLOSE);

    cr_expect_eq(answer_status(&image), 200);
    snprintf(line, sizeof line, "Content-Length: %zu", rig.built.size);
    cr_expect(answer_has(&image, line));
    snprintf(line, sizeof line, "x-MD5: %s", rig.image->md5_text);
    cr_expect(answer_has(&image, line));
    cr_expect(is_empty(&image));

    cr_expect_eq(answer_status(&text), 200);
    snprintf(line, sizeof line, "Content-Length: %zu", strlen(RIG_TEXT));
    cr_expect(answer_has(&text, line));
    cr_expect(is_empty(&text));

    rig_wait_for_records(&rig, 2);
    cr_expect_str_eq(rig.records[0].method, "HEAD");
    cr_expect(rig.records[0].result.whole);
    cr_expect_eq(rig.records[0].result.body_sent, 0);
    free(image.bytes);
    free(text.bytes);
}

Test(http_server, gives_no_part_by_head)
{
    struct answer answer = rig_ask(&rig, "HEAD /image" H "Range: bytes=0-9\r\n" CLOSE);
    char line[64];

    cr_expect_eq(answer_status(&answer), 200);
    snprintf(line, sizeof line, "Content-Length: %zu", rig.built.size);
    cr_expect(answer_has(&answer, line));
    cr_expect(is_empty(&answer));
    free(answer.bytes);
}

Test(http_server, says_304_without_a_body_or_a_length)
{
    struct answer answer = rig_ask(&rig, "GET /unchanged" H CLOSE);

    cr_expect_eq(answer_status(&answer), 304);
    cr_expect(is_empty(&answer));
    cr_expect(strstr(answer.bytes, "Content-") == NULL, "%s", answer.bytes);
    free(answer.bytes);
}

Test(http_server, says_500_for_a_handler_that_says_nothing)
{
    struct answer answer = rig_ask(&rig, "GET /silent" H CLOSE);

    cr_expect_eq(answer_status(&answer), 500);
    cr_expect(answer_has(&answer, "Content-Length: 0"));
    free(answer.bytes);
}

/* ---- conditions and ranges ---- */

/* Ask for the image with this header; `%s` in it is the entity tag. */
static struct answer ask_with(const char *header)
{
    char line[512];
    char text[1024];

    /* The formats are the tests' own. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(line, sizeof line, header, rig.image->etag);
#pragma GCC diagnostic pop
    snprintf(text, sizeof text, "GET /image" H "%s\r\n" CLOSE, line);
    return rig_ask(&rig, text);
}

struct condition {
    const char *header;
    int status;
};

Test(http_server, heeds_conditions)
{
    static const struct condition rows[] = {
        { "If-None-Match: %s", 304 },
        { "If-None-Match: W/%s", 304 },
        { "If-None-Match: \"a\", %s", 304 },
        { "If-None-Match: \"a,b\",%s , \"c\"", 304 },
        { "If-None-Match: *", 304 },
        { "If-None-Match: %s\r\nRange: bytes=0-0", 304 },
        { "If-None-Match: \"a\"", 200 },
        { "If-None-Match: \"%s\"", 200 },
        { "If-None-Match: a", 200 },
        { "If-None-Match:", 200 },
        { "If-None-Match: \"", 200 },
        { "If-Match: %s", 200 },
        { "If-Match: *", 200 },
        { "If-Match: \"a\"", 412 },
        { "If-Match: W/%s", 412 },
        { "Range: bytes=0-0", 206 },
        { "Range: bytes=0-0\r\nIf-Range: %s", 206 },
        { "Range: bytes=0-0\r\nIf-Range: \"a\"", 200 },
        { "Range: bytes=0-0\r\nIf-Range: W/%s", 200 },
        { "Range: bytes=0-0\r\nIf-Range: Sun, 22 Nov 2026 19:00:00 GMT", 200 },
        { "Range: bytes=999999999-", 416 },
        { "Range: bytes=999999999-\r\nIf-Range: \"a\"", 200 },
        { "Range: bytes=0-0,2-2", 200 },
        { "Range: words=0-0", 200 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = ask_with(rows[i].header);

        cr_expect_eq(answer_status(&answer), rows[i].status, "%s: %d", rows[i].header,
                     answer_status(&answer));
        if (rows[i].status == 200)
            cr_expect(answer_body_is(&answer, rig.built.bytes, rig.built.size), "%s",
                      rows[i].header);
        if (rows[i].status == 206)
            cr_expect(answer_body_is(&answer, rig.built.bytes, 1), "%s", rows[i].header);
        if (rows[i].status == 304 || rows[i].status == 412 || rows[i].status == 416)
            cr_expect(is_empty(&answer), "%s", rows[i].header);
        free(answer.bytes);
    }
}

Test(http_server, gives_the_part_that_is_asked_for)
{
    char line[96];
    struct answer answer = ask_with("Range: bytes=70000-");

    cr_expect_eq(answer_status(&answer), 206);
    snprintf(line, sizeof line, "Content-Range: bytes 70000-%zu/%zu", rig.built.size - 1,
             rig.built.size);
    cr_expect(answer_has(&answer, line));
    snprintf(line, sizeof line, "Content-Length: %zu", rig.built.size - 70000);
    cr_expect(answer_has(&answer, line));
    cr_expect(answer_body_is(&answer, rig.built.bytes + 70000, rig.built.size - 70000));
    free(answer.bytes);

    answer = ask_with("Range: bytes=4095-4097");
    cr_expect(answer_body_is(&answer, rig.built.bytes + 4095, 3));
    free(answer.bytes);

    answer = ask_with("Range: bytes=999999999-");
    snprintf(line, sizeof line, "Content-Range: bytes */%zu", rig.built.size);
    cr_expect(answer_has(&answer, line));
    free(answer.bytes);
}

/* ---- connections ---- */

/* The answers to pipelined requests, one behind the other. */
Test(http_server, answers_pipelined_requests_in_their_order)
{
    struct answer answer = rig_ask(&rig, "GET /text" H "\r\n"
                                         "GET /unchanged" H "\r\n"
                                         "HEAD /image" H "\r\n"
                                         "GET /nowhere" H CLOSE);
    const char *second = strstr(answer.bytes, RIG_TEXT "HTTP/1.1 304 ");

    cr_expect_eq(answer_status(&answer), 200);
    cr_assert(second);
    const char *third = strstr(second, "\r\n\r\nHTTP/1.1 200 ");
    cr_assert(third);
    const char *fourth = strstr(third, "\r\n\r\nHTTP/1.1 404 ");
    cr_assert(fourth);
    cr_expect_str_eq(strstr(fourth + 4, "\r\n\r\n"), "\r\n\r\nno\n");
    rig_wait_for_records(&rig, 4);
    cr_expect_str_eq(rig.records[1].target, "/unchanged");
    cr_expect_str_eq(rig.records[3].target, "/nowhere");
    free(answer.bytes);
}

/* Ask for the image and the text in turn on one connection. */
static void ask_in_turn(const char *version)
{
    int fd = rig_connect(&rig);

    for (unsigned i = 0; i < 4; i++) {
        struct answer answer = { 0 };
        char text[128];
        const void *body = i % 2 ? RIG_TEXT : (const void *)rig.built.bytes;
        size_t len = i % 2 ? strlen(RIG_TEXT) : rig.built.size;
        size_t head = 0;

        snprintf(text, sizeof text, "GET /%s HTTP/%s\r\nHost: x\r\nConnection: keep-alive\r\n\r\n",
                 i % 2 ? "text" : "image", version);
        rig_send(fd, text, strlen(text));
        while (head == 0 && !answer.in_time) {
            rig_receive(&answer, fd, answer.len + 1);
            head = answer_head_length(&answer);
        }
        cr_assert(head > 0);
        rig_receive(&answer, fd, head + len);
        cr_expect(answer_body_is(&answer, body, len), "request %u", i);
        free(answer.bytes);
    }
    close(fd);
    rig_wait_for_records(&rig, 4);
    for (unsigned i = 0; i < 4; i++)
        cr_expect(rig.records[i].result.whole);
}

Test(http_server, keeps_a_connection_with_http_1_1)
{
    ask_in_turn("1.1");
}

Test(http_server, keeps_a_connection_with_http_1_0_when_asked_to)
{
    ask_in_turn("1.0");
}

Test(http_server, closes_when_it_is_asked_to)
{
    static const char *const texts[] = {
        "GET /text HTTP/1.0\r\n\r\n",
        "GET /text" H "Connection: close\r\n\r\n",
        "GET /text" H "Connection: TE, Close\r\n\r\n",
        "GET /text" H "Connection: keep-alive\r\nConnection: close\r\n\r\n",
        "GET /text HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct answer answer = rig_ask(&rig, texts[i]);

        cr_expect(answer.in_time && !answer.reset);
        cr_expect(answer_body_is(&answer, RIG_TEXT, strlen(RIG_TEXT)), "%s", texts[i]);
        cr_expect(strstr(answer.bytes, "keep-alive") == NULL, "%s", texts[i]);
        free(answer.bytes);
    }
}

Test(http_server, answers_who_has_closed_his_side_already)
{
    static const char text[] = "GET /image" H CLOSE;
    struct answer answer = { 0 };
    int fd = rig_connect(&rig);

    rig_send(fd, text, strlen(text));
    shutdown(fd, SHUT_WR);
    rig_receive(&answer, fd, 0);
    cr_expect(answer_body_is(&answer, rig.built.bytes, rig.built.size));
    close(fd);
    free(answer.bytes);
}

Test(http_server, hands_any_path_to_its_user)
{
    static const char *const targets[] = {
        "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/a%00b", "*",
        "//etc/passwd",      "http://elsewhere/image",    "/?a=b",  "/a/./b",
    };

    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char text[128];

        snprintf(text, sizeof text, "GET %s" H CLOSE, targets[i]);
        struct answer answer = rig_ask(&rig, text);
        cr_expect_eq(answer_status(&answer), 404, "%s: %s", targets[i], answer.bytes);
        rig_wait_for_records(&rig, i + 1);
        cr_expect_str_eq(rig.records[i].target, targets[i]);
        free(answer.bytes);
    }
}

Test(http_server, knows_that_a_peer_vanished_in_the_middle)
{
    static const char text[] = "GET /image" H CLOSE;
    struct linger at_once = { .l_onoff = 1 };
    struct answer answer = { 0 };
    int fd = loopback_connect(&rig.at, NULL, 4096, RIG_WAIT_MS);

    cr_assert(fd >= 0);
    rig_send(fd, text, strlen(text));
    rig_receive(&answer, fd, 1000);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
    rig_wait_for_records(&rig, 1);
    cr_expect_eq(rig.records[0].result.status, 200);
    cr_expect_not(rig.records[0].result.whole);
    cr_expect_lt(rig.records[0].result.body_sent, rig.built.size);
    cr_expect_str_eq(rig.records[0].target, "/image");
    free(answer.bytes);
}

Test(http_server, sends_the_old_bytes_whatever_becomes_of_the_file)
{
    static const char text[] = "GET /image" H CLOSE;
    struct temp_path path = temp_path(&rig.temp, "sketch.bin");
    struct answer answer = { 0 };
    char *noise = malloc(rig.built.size);
    int fd = loopback_connect(&rig.at, NULL, 4096, RIG_WAIT_MS);

    cr_assert(fd >= 0 && noise);
    memset(noise, 'x', rig.built.size);
    rig_send(fd, text, strlen(text));
    rig_receive(&answer, fd, 1000);
    cr_assert(file_write(path.text, noise, rig.built.size));
    rig_receive(&answer, fd, 2000);
    cr_assert_eq(truncate(path.text, 10), 0);
    rig_receive(&answer, fd, 3000);
    cr_assert_eq(unlink(path.text), 0);
    rig_receive(&answer, fd, 0);
    cr_expect(answer_body_is(&answer, rig.built.bytes, rig.built.size));
    close(fd);
    free(noise);
    free(answer.bytes);
}
