/*
 * Where the HTTP server listens.
 */
#include "http_rig.h"

#define CLOSE " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static struct rig rig;

static struct answer ask_at(const char *address)
{
    rig.address = address;
    rig_start(&rig);
    return rig_ask(&rig, "GET /text" CLOSE);
}

Test(http_server_start, listens_with_ipv6)
{
    struct answer answer = ask_at("::1");

    cr_expect_eq(answer_status(&answer), 200);
    rig_wait_for_records(&rig, 1);
    cr_expect_str_eq(rig.records[0].address, "::1");
    free(answer.bytes);
    rig_stop(&rig);
}

Test(http_server_start, takes_both_versions_of_ip_at_the_unspecified_address)
{
    rig.address = "::";
    rig_start(&rig);
    uint16_t port = loopback_port_of(&rig.at);
    cr_assert(loopback_parse(&rig.at, "127.0.0.1", port));
    struct answer v4 = rig_ask(&rig, "GET /text" CLOSE);
    cr_assert(loopback_parse(&rig.at, "::1", port));
    struct answer v6 = rig_ask(&rig, "GET /text" CLOSE);

    cr_expect_eq(answer_status(&v4), 200);
    cr_expect_eq(answer_status(&v6), 200);
    rig_wait_for_records(&rig, 2);
    cr_expect_str_eq(rig.records[0].address, "127.0.0.1");
    cr_expect_str_eq(rig.records[1].address, "::1");
    free(v4.bytes);
    free(v6.bytes);
    rig_stop(&rig);
}

Test(http_server_start, says_where_it_cannot_listen)
{
    struct http_server_options options = { .handle = rig_handle };
    struct event_base *base = event_base_new();
    struct http_server *server = http_server_new(base, &options);
    struct loopback_address at;
    struct failure failure;
    int taken = loopback_bind("127.0.0.1", 0, SOCK_STREAM);
    char expected[128];

    cr_assert(loopback_parse(&at, "127.0.0.1", loopback_port(taken)));
    cr_expect_not(http_server_listen(server, &at.sa.any, at.len, NULL, &failure));
    snprintf(expected, sizeof expected, "cannot listen at 127.0.0.1:%u: Address already in use",
             loopback_port(taken));
    cr_expect_str_eq(failure.text, expected);
    close(taken);
    http_server_free(server);
    event_base_free(base);
}

Test(http_server_start, frees_nothing)
{
    http_server_free(NULL);
}
