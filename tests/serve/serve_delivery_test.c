/*
 * What counts as delivered: transfers that break, and their rests.
 */
#include "serve_world.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

SERVE_SUITE(serve_delivery);

/* More than all buffers between the two ends hold. */
#define SIZE ((size_t)8 << 20)

static struct e2e_image image;

static struct served start(void)
{
    return serve_start(ARGS("--catalog", "catalog.ini", "--state", "record.sqlite"));
}

static struct served start_anew(void)
{
    image = e2e_image("one.bin", build_esp8266(SIZE, 1));
    serve_file("catalog.ini", "[release ONE]\nsketch = one.bin\n[default]\nrelease = ONE\n");
    return start();
}

/* A device with room for it asks; `range` is a header with its line end, or NULL. */
static char *request_of(const char *range, char out[STOCK_REQUEST_SIZE])
{
    return stock_request(&(struct stock_updater){ .family = STOCK_ESP8266,
                                                  .version = "ZERO",
                                                  .free_space = 2 * SIZE,
                                                  .chip_size = 4 * SIZE,
                                                  .more = range },
                         out);
}

/* Ask, take a few bytes, and reset the connection: that the rest never came is certain then. */
static void break_off(const struct served *served, const char *range, const char *status)
{
    const struct linger at_once = { .l_onoff = 1 };
    char request[STOCK_REQUEST_SIZE];
    struct loopback_address to;
    char begin[16] = "";

    request_of(range, request);
    cr_assert(loopback_parse(&to, "127.0.0.1", served->port));
    int fd = loopback_connect(&to, NULL, 4096, E2E_PATIENCE_MS);
    cr_assert_geq(fd, 0);
    cr_assert_eq(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    cr_assert(loopback_wait(fd, POLLIN, -1, deadline_after(E2E_PATIENCE_MS)));
    cr_assert_eq(recv(fd, begin, 12, MSG_WAITALL), 12);
    cr_assert_str_eq(begin + 9, status);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

static void expect_outcome(const char *outcome, int attempts)
{
    struct process *process =
        program_run(E2E_UPLOADER, ARGS("serve", "--report", "--json", "--state", "record.sqlite"));

    expect_exit(process, 0);
    json_t *device = json_loads(process->out.text, JSON_DISABLE_EOF_CHECK, NULL);
    cr_assert_not_null(device, "%s", process->out.text);
    const json_t *sketch = json_object_get(device, "sketch");
    cr_assert_str_eq(json_string_value(json_object_get(sketch, "outcome")), outcome, "%s",
                     process->out.text);
    cr_assert_eq(json_integer_value(json_object_get(sketch, "attempts")), attempts, "%s",
                 process->out.text);
    json_decref(device);
}

Test(serve_delivery, an_image_that_broke_on_its_way_is_not_delivered_and_no_attempt)
{
    struct served served = start_anew();

    break_off(&served, NULL, "200");
    expect_logged(&served, " offered\n");
    serve_stop(&served);
    expect_outcome("offered", 0);
}

Test(serve_delivery, it_is_once_the_rest_has_come)
{
    struct served served = start_anew();
    char request[STOCK_REQUEST_SIZE];
    char range[64];

    break_off(&served, NULL, "200");
    expect_logged_times(&served, " offered\n", 1);
    break_off(&served, "Range: bytes=1000-\r\n", "206");
    expect_logged_times(&served, " offered\n", 2);
    serve_stop(&served);
    expect_outcome("offered", 0);

    served = start();
    snprintf(range, sizeof range, "Range: bytes=%zu-\r\n", SIZE / 2);
    struct answer answer = ask_bytes(served.port, request_of(range, request), 0);
    expect_status(&answer, 206);
    cr_assert_eq(answer.body_len, SIZE - SIZE / 2);
    cr_assert_arr_eq(answer.body, image.content.bytes + SIZE / 2, SIZE - SIZE / 2);
    expect_logged(&served, " offered\n");
    serve_stop(&served);
    expect_outcome("delivered", 1);
}

/* A part that ends before the image does completes nothing. */
Test(serve_delivery, a_part_from_the_middle_is_not_the_rest)
{
    struct served served = start_anew();
    char request[STOCK_REQUEST_SIZE];

    break_off(&served, NULL, "200");
    expect_logged_times(&served, " offered\n", 1);
    struct answer answer =
        ask_bytes(served.port, request_of("Range: bytes=1000-1999\r\n", request), 0);
    expect_status(&answer, 206);
    cr_assert_eq(answer.body_len, 1000u);
    expect_logged_times(&served, " offered\n", 2);
    serve_stop(&served);
    expect_outcome("offered", 0);
}
