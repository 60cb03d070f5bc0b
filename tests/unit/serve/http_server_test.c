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
