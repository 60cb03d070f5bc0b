/*
 * espota-device tells web servers who it is: after an update, who it has become.
 */
#include "pull_scene.h"
#include "web_server.h"

#include <stdio.h>
#include <string.h>

E2E_SUITE(pull_identity);

Test(pull_identity, says_who_it_is_and_after_the_update_who_it_has_become)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(70000, 2));
    char head[PULL_HEAD_SIZE];
    struct web_answer answers[] = { pull_offer(head, &new, "X-Version: door 2.0\r\n"),
                                    pull_nothing_new };
    struct board board = pull_board_with(&old);
    struct scripted_web *web = scripted_web_start(answers, 2);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];

    board_start_again(&board,
                      ARGS("--pull", url.text, "--version", "1.0", "--mac", "18:FE:34:0A:0B:FF"));
    struct board_image stored = board_updated(&board);
    expect_in_flash(&board, &stored, &new);
    board_says(&board, "restarted", rest);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    cr_assert_eq(scripted_web_stop(web, requests), 2);
    pull_expect_header(requests[0], "User-Agent", "ESP8266-http-Update");
    pull_expect_header(requests[0], "x-ESP8266-Chip-ID", "658431");
    pull_expect_header(requests[0], "x-ESP8266-STA-MAC", "18:FE:34:0A:0B:FF");
    pull_expect_header(requests[0], "x-ESP8266-AP-MAC", "1A:FE:34:0A:0B:FF");
    pull_expect_header(requests[0], "x-ESP8266-chip-size", "4194304");
    pull_expect_header(requests[0], "x-ESP8266-sketch-size", "60000");
    pull_expect_header(requests[0], "x-ESP8266-sketch-md5", e2e_md5(&old.content).text);
    pull_expect_header(requests[0], "x-ESP8266-version", "1.0");
    pull_expect_header(requests[1], "x-ESP8266-sketch-size", "70000");
    pull_expect_header(requests[1], "x-ESP8266-sketch-md5", e2e_md5(&new.content).text);
    pull_expect_header(requests[1], "x-ESP8266-version", "door 2.0");
}

Test(pull_identity, says_no_version_of_a_sketch_that_nobody_has_named)
{
    struct e2e_image sketch = e2e_sketch(50000);
    char head[PULL_HEAD_SIZE];
    struct web_answer answers[] = { pull_offer(head, &sketch, ""), pull_nothing_new };
    struct scripted_web *web = scripted_web_start(answers, 2);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    struct board board = board_start("flash", ARGS("--pull", url.text, "--version", "1.0"));
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];

    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    scripted_web_stop(web, requests);
    pull_expect_header(requests[0], "x-ESP8266-version", "1.0");
    cr_assert_null(strstr(requests[1], "x-ESP8266-version"), "%s", requests[1]);
}

/* As after the bootloader has gone back to it. */
Test(pull_identity, says_the_version_of_a_sketch_that_it_ran_before)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(70000, 2));
    char head[PULL_HEAD_SIZE];
    struct web_answer answers[] = { pull_offer(head, &new, "x-version: 2.0\r\n"),
                                    pull_nothing_new };
    struct board board = pull_board_with(&old);
    struct scripted_web *web = scripted_web_start(answers, 2);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];

    board_start_again(&board, ARGS("--pull", url.text, "--version", "1.0"));
    board_says(&board, "up-to-date", rest);
    upload_succeeds(&board, &old, NULL);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    cr_assert_eq(scripted_web_stop(web, requests), 3);
    pull_expect_header(requests[1], "x-ESP8266-version", "2.0");
    pull_expect_header(requests[2], "x-ESP8266-version", "1.0");
}

Test(pull_identity, tells_the_digest_of_an_esp32_sketch_as_the_chip_does)
{
    struct e2e_image sketch = e2e_image("32.bin", build_esp32(60000, 1, 0));
    struct scripted_web *web = scripted_web_start(&pull_nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    struct board board = board_start("flash", ARGS("--chip", "esp32"));
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];
    char sha256[HEX_SIZE(DIGEST_SHA256_SIZE)] = "";

    upload_succeeds(&board, &sketch, NULL);
    board_says(&board, "restarted", rest);
    board_stop(&board);
    board_start_again(&board, ARGS("--chip", "esp32", "--pull", url.text));
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    scripted_web_stop(web, requests);
    for (size_t i = 0; i < DIGEST_SHA256_SIZE; i++)
        snprintf(sha256 + 2 * i, 3, "%02X",
                 sketch.content.bytes[sketch.content.size - DIGEST_SHA256_SIZE + i]);
    pull_expect_header(requests[0], "User-Agent", "ESP32-http-Update");
    pull_expect_header(requests[0], "x-ESP32-sketch-sha256", sha256);
    cr_assert_null(strstr(requests[0], "Chip-ID"));
}

/* The MAC that a device with this flash file tells. */
static void mac_of(const char *flash, char out[18])
{
    struct scripted_web *web = scripted_web_start(&pull_nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    struct board board = board_start(flash, ARGS("--pull", url.text));
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];

    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    scripted_web_stop(web, requests);
    const char *mac = strstr(requests[0], "STA-MAC: ");
    cr_assert_not_null(mac, "%s", requests[0]);
    snprintf(out, 18, "%s", mac + 9);
}

Test(pull_identity, has_an_address_of_its_own_for_each_flash)
{
    char first[18];
    char again[18];
    char other[18];

    mac_of("flash", first);
    mac_of("flash", again);
    mac_of("other", other);
    cr_assert_eq(strncmp(first, "02:", 3), 0, "%s", first);
    cr_assert_str_eq(first, again);
    cr_assert_str_neq(first, other);
}
