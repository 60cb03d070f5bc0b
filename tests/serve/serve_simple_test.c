/*
 * `espota-c serve --image`: that file, to whoever asks.
 */
#include "serve_world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

SERVE_SUITE(serve_simple);

static struct e2e_image image;

static struct served start(void)
{
    image = e2e_sketch(300000);
    return serve_start(ARGS("--image", image.path.text));
}

static struct answer get(const struct served *served, const char *headers)
{
    char request[1024];

    snprintf(request, sizeof request, "GET /any/path HTTP/1.0\r\n%s\r\n", headers);
    return ask_bytes(served->port, request, 0);
}

Test(serve_simple, whoever_asks_gets_it_at_any_path)
{
    static const char *const paths[] = { "/", "/firmware.bin", "/a/b/c?x=y", "/../../etc/passwd",
                                         "/%2e%2e/%2e%2e/etc/passwd" };
    struct served served = start();
    char request[256];

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        snprintf(request, sizeof request, "GET %s HTTP/1.0\r\n\r\n", paths[i]);
        struct answer answer = ask_bytes(served.port, request, 0);
        expect_image(&answer, &image.content);
    }
    serve_stop(&served);
}

Test(serve_simple, stock_clients_of_every_family_get_it)
{
    struct served served = start();

    for (int family = STOCK_ESP8266; family <= STOCK_PICO; family++) {
        struct answer answer =
            ask(&served, &(struct stock_updater){ .family = (enum stock_family)family });
        expect_image(&answer, &image.content);
    }
    serve_stop(&served);
}

Test(serve_simple, a_device_that_runs_it_is_not_sent_it_again)
{
    struct served served = start();
    struct md5_text md5 = e2e_md5(&image.content);
    struct answer answer =
        ask(&served, &(struct stock_updater){ .family = STOCK_ESP8266, .md5 = md5.text });

    expect_status(&answer, 304);
    serve_stop(&served);
}

Test(serve_simple, a_device_gets_it_as_often_as_it_asks)
{
    struct served served = start();

    for (int i = 0; i < 6; i++) {
        struct answer answer = ask(&served, &(struct stock_updater){ .family = STOCK_ESP8266 });
        expect_image(&answer, &image.content);
    }
    serve_stop(&served);
}

Test(serve_simple, a_head_has_the_headers_alone)
{
    struct served served = start();
    struct answer answer = ask_bytes(served.port, "HEAD / HTTP/1.0\r\n\r\n", 0);
    char length[24];

    snprintf(length, sizeof length, "%zu", image.content.size);
    expect_status(&answer, 200);
    cr_expect_str_eq(answer_header(&answer, "Content-Length"), length);
    cr_expect_eq(answer.body_len, 0u);
    serve_stop(&served);
}

Test(serve_simple, a_part_is_what_was_asked_for)
{
    struct served served = start();
    struct answer answer = get(&served, "Range: bytes=1000-1999\r\n");
    char range[64];

    expect_status(&answer, 206);
    snprintf(range, sizeof range, "bytes 1000-1999/%zu", image.content.size);
    cr_expect_str_eq(answer_header(&answer, "Content-Range"), range);
    cr_expect_str_eq(answer_header(&answer, "Content-Length"), "1000");
    cr_assert_eq(answer.body_len, 1000u);
    cr_expect_arr_eq(answer.body, image.content.bytes + 1000, 1000);
    answer = get(&served, "Range: bytes=-10\r\n");
    expect_status(&answer, 206);
    cr_expect_arr_eq(answer.body, image.content.bytes + image.content.size - 10, 10);
    serve_stop(&served);
}

Test(serve_simple, a_part_that_is_not_there_is_told_so)
{
    struct served served = start();
    struct answer answer = get(&served, "Range: bytes=99999999-\r\n");
    char range[64];

    expect_status(&answer, 416);
    snprintf(range, sizeof range, "bytes */%zu", image.content.size);
    cr_expect_str_eq(answer_header(&answer, "Content-Range"), range);
    serve_stop(&served);
}

Test(serve_simple, who_has_the_same_gets_304_and_a_part_of_another_is_not_given)
{
    struct served served = start();
    struct answer answer = get(&served, "");
    const char *etag = answer_header(&answer, "ETag");
    char headers[256];

    cr_assert_not_null(etag);
    snprintf(headers, sizeof headers, "If-None-Match: %s\r\n", etag);
    answer = get(&served, headers);
    expect_status(&answer, 304);
    cr_expect_eq(answer.body_len, 0u);
    snprintf(headers, sizeof headers, "Range: bytes=5-\r\nIf-Range: %s\r\n", etag);
    answer = get(&served, headers);
    expect_status(&answer, 206);
    answer = get(&served, "Range: bytes=5-\r\nIf-Range: \"another\"\r\n");
    expect_image(&answer, &image.content);
    serve_stop(&served);
}

Test(serve_simple, a_connection_is_kept_for_the_next_request)
{
    struct served served = start();
    struct answer answer = ask_bytes(served.port,
                                     "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
                                     "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
                                     "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
                                     "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                                     0);
    unsigned count = 0;

    cr_assert(answer.closed);
    for (const char *at = answer.bytes; (at = strstr(at, " 200 OK\r\n")); at++)
        count++;
    cr_assert_eq(count, 4u, "%s", answer.bytes);
    serve_stop(&served);
}

Test(serve_simple, curl_gets_it)
{
    struct served served = start();
    struct temp_path copy = temp_path(&e2e_folder, "copy.bin");
    size_t len;

    curl(ARGS("-o", copy.text, served.url));
    char *bytes = file_read(copy.text, &len);
    cr_assert_not_null(bytes);
    cr_assert_eq(len, image.content.size);
    cr_assert_arr_eq(bytes, image.content.bytes, len);
    free(bytes);
    serve_stop(&served);
}

Test(serve_simple, a_new_build_takes_its_place)
{
    struct served served = start();
    struct built_image next = build_esp8266(310000, 99);
    struct md5_text md5 = e2e_md5(&next);
    struct answer answer;

    cr_assert(file_write(image.path.text, next.bytes, next.size));
    cr_assert(process_expect(served.process, &served.process->err, md5.text, E2E_PATIENCE_MS), "%s",
              served.process->err.text);
    answer = get(&served, "");
    expect_image(&answer, &next);
    built_image_free(&next);
    serve_stop(&served);
}

Test(serve_simple, a_file_that_is_gone_or_damaged_is_not_served_and_the_old_one_is)
{
    struct served served = start();
    struct answer answer;

    cr_assert_eq(truncate(image.path.text, 1000), 0);
    cr_assert(process_expect(served.process, &served.process->err,
                             "what was served before still is", E2E_PATIENCE_MS),
              "%s", served.process->err.text);
    answer = get(&served, "");
    expect_image(&answer, &image.content);
    cr_assert_eq(unlink(image.path.text), 0);
    cr_assert(process_expect(served.process, &served.process->err, "No such file", E2E_PATIENCE_MS),
              "%s", served.process->err.text);
    answer = get(&served, "");
    expect_image(&answer, &image.content);
    serve_stop(&served);
}

Test(serve_simple, without_an_image_it_does_not_start)
{
    struct process *process = program_run(
        E2E_UPLOADER, ARGS("serve", "--listen", "127.0.0.1:0", "--image", "nothing.bin"));

    expect_exit(process, 1);
    expect_err(process, "nothing.bin: No such file");
}

Test(serve_simple, an_address_that_is_taken_is_named)
{
    struct served served = start();
    char address[32];

    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)served.port);
    struct process *process =
        program_run(E2E_UPLOADER, ARGS("serve", "--listen", address, "--image", image.path.text));
    expect_exit(process, 1);
    expect_err(process, address);
    expect_err(process, "Address already in use");
    serve_stop(&served);
}
