/*
 * What devices are answered: the stock clients' requests, byte for byte and as proxies hand them
 * on, against every row of the decision table.
 */
#include "serve_world.h"

#include <stdio.h>
#include <string.h>

SERVE_SUITE(serve_decision);

#define DOOR   "18:FE:AA:AA:AA:AA"
#define LAMP   "24:0A:C4:00:00:01"
#define CLOCK  "28:CD:C1:00:00:02"
#define FILES  "18:FE:AA:AA:AA:0F"
#define LATER  "18:FE:AA:AA:AA:1A"
#define NOBODY "00:11:22:33:44:55"

static struct e2e_image door;
static struct e2e_image lamp;
static struct e2e_image pico;
static struct e2e_image files;

/* A catalogue with a release for each family. */
static struct served start(void)
{
    door = e2e_image("door.bin", build_esp8266(40000, 1));
    lamp = e2e_image("lamp.bin", build_esp32(50000, 2, 0));
    pico = e2e_image("clock.bin", build_pico(30000, 3));
    files = e2e_image("files.bin", build_littlefs(65536, 4));
    serve_file("catalog.ini", "[release DOOR-7]\n"
                              "sketch = door.bin\n"
                              "[release LAMP 2.0]\n"
                              "sketch = lamp.bin\n"
                              "family = esp32\n"
                              "[release CLOCK-1]\n"
                              "sketch = clock.bin\n"
                              "[release FILES-3]\n"
                              "filesystem = files.bin\n"
                              "[release LATER]\n"
                              "sketch = door.bin\n"
                              "after = 2126-12-01T08:00Z\n"
                              "[device " DOOR "]\n"
                              "release = DOOR-7\n"
                              "[device 24:0a:c4:*]\n"
                              "release = LAMP 2.0\n"
                              "[device " CLOCK "]\n"
                              "release = CLOCK-1\n"
                              "[device " FILES "]\n"
                              "release = FILES-3\n"
                              "[device " LATER "]\n"
                              "release = LATER\n");
    return serve_start(ARGS("--catalog", "catalog.ini"));
}

static const enum stock_case cases[] = { STOCK_AS_SENT, STOCK_LOWER, STOCK_UPPER };

#define CASES (sizeof cases / sizeof *cases)

/* One request in each case of its names. */
static void expect_in_every_case(const struct served *served, struct stock_updater updater,
                                 unsigned status)
{
    for (size_t i = 0; i < CASES; i++) {
        updater.names = cases[i];
        struct answer answer = ask(served, &updater);
        expect_status(&answer, status);
        cr_assert(answer.closed);
        if (status == 304) {
            cr_assert_eq(answer.body_len, 0u);
            cr_assert_eq(answer_header_count(&answer, "Transfer-Encoding"), 0u);
        }
    }
}

Test(serve_decision, each_family_gets_its_release)
{
    const struct {
        struct stock_updater updater;
        const struct e2e_image *image;
        const char *release;
    } rows[] = {
        { { .family = STOCK_ESP8266, .mac = DOOR }, &door, "DOOR-7" },
        { { .family = STOCK_ESP8266, .mac = DOOR, .version = "DOOR-6" }, &door, "DOOR-7" },
        { { .family = STOCK_ESP32, .mac = LAMP }, &lamp, "LAMP 2.0" },
        { { .family = STOCK_ESP32, .mac = LAMP, .version = "LAMP 1" }, &lamp, "LAMP 2.0" },
        { { .family = STOCK_PICO, .mac = CLOCK }, &pico, "CLOCK-1" },
        { { .family = STOCK_PICO, .mac = CLOCK, .version = "0" }, &pico, "CLOCK-1" },
        { { .family = STOCK_ESP8266, .mac = FILES, .mode = "spiffs" }, &files, "FILES-3" },
    };
    struct served served = start();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stock_updater updater = rows[i].updater;
        /* Three each: a fourth time it would be held back. */
        updater.names = cases[i % CASES];
        struct answer answer = ask(&served, &updater);
        expect_image(&answer, &rows[i].image->content);
        cr_expect_str_eq(answer_header(&answer, "x-version"), rows[i].release);
        cr_expect(answer.closed);
    }
    serve_stop(&served);
}

Test(serve_decision, who_has_the_release_is_told_that_there_is_nothing_new)
{
    struct served served = start();

    expect_in_every_case(
        &served,
        (struct stock_updater){ .family = STOCK_ESP8266, .mac = DOOR, .version = "DOOR-7" }, 304);
    expect_in_every_case(
        &served,
        (struct stock_updater){ .family = STOCK_ESP32, .mac = LAMP, .version = "LAMP 2.0" }, 304);
    expect_in_every_case(
        &served, (struct stock_updater){ .family = STOCK_PICO, .mac = CLOCK, .version = "CLOCK-1" },
        304);
    expect_logged(&served, DOOR " same-version");
    serve_stop(&served);
}

Test(serve_decision, a_sketch_is_known_by_its_digest_whatever_flash_mode_it_was_given)
{
    struct served served = start();
    struct built_image stored = build_esp8266(40000, 1);

    for (uint8_t mode = 0; mode < 4; mode++) {
        stored.bytes[2] = mode;
        struct md5_text md5 = e2e_md5(&stored);
        expect_in_every_case(
            &served,
            (struct stock_updater){ .family = STOCK_ESP8266, .mac = DOOR, .md5 = md5.text }, 304);
    }
    stored.bytes[3] ^= 1;
    struct md5_text other = e2e_md5(&stored);
    struct answer answer =
        ask(&served,
            &(struct stock_updater){ .family = STOCK_ESP8266, .mac = DOOR, .md5 = other.text });
    expect_status(&answer, 200);
    built_image_free(&stored);
    expect_logged(&served, DOOR " same-digest");
    serve_stop(&served);
}

Test(serve_decision, an_esp32s_sketch_is_known_by_its_sha256)
{
    struct served served = start();
    char sha256[HEX_SIZE(DIGEST_SHA256_SIZE)];

    /* What the bootloader knows of an application: the digest at its end. */
    hex_encode(sha256, lamp.content.bytes + lamp.content.size - DIGEST_SHA256_SIZE,
               DIGEST_SHA256_SIZE);
    expect_in_every_case(
        &served, (struct stock_updater){ .family = STOCK_ESP32, .mac = LAMP, .sha256 = sha256 },
        304);
    serve_stop(&served);
}

Test(serve_decision, a_device_is_never_sent_what_it_cannot_take)
{
    struct served served = start();

    expect_in_every_case(&served, (struct stock_updater){ .family = STOCK_ESP32, .mac = DOOR },
                         304);
    expect_logged(&served, DOOR " other-family");
    expect_in_every_case(
        &served,
        (struct stock_updater){ .family = STOCK_ESP8266, .mac = DOOR, .free_space = 39999 }, 304);
    expect_logged(&served, DOOR " no-space");
    expect_in_every_case(
        &served,
        (struct stock_updater){ .family = STOCK_ESP8266, .mac = DOOR, .chip_size = 256 * 1024 },
        304);
    expect_logged(&served, DOOR " larger-flash");
    expect_in_every_case(
        &served, (struct stock_updater){ .family = STOCK_ESP8266, .mac = DOOR, .mode = "spiffs" },
        304);
    expect_logged(&served, DOOR " no-image");
    serve_stop(&served);
}

Test(serve_decision, before_its_time_a_release_is_offered_to_nobody)
{
    struct served served = start();

    expect_in_every_case(&served, (struct stock_updater){ .family = STOCK_ESP8266, .mac = LATER },
                         304);
    expect_logged(&served, LATER " too-early");
    serve_stop(&served);
}

Test(serve_decision, a_device_that_nobody_knows_is_told_404)
{
    struct served served = start();

    expect_in_every_case(&served, (struct stock_updater){ .family = STOCK_ESP8266, .mac = NOBODY },
                         404);
    expect_in_every_case(&served, (struct stock_updater){ .family = STOCK_PICO, .mac = NOBODY },
                         404);
    expect_logged(&served, NOBODY " not-known");
    serve_stop(&served);
}

Test(serve_decision, a_question_for_the_version_is_answered_with_it)
{
    struct served served = start();
    struct stock_updater updater = { .family = STOCK_ESP8266, .mac = DOOR, .mode = "version" };

    for (size_t i = 0; i < CASES; i++) {
        updater.names = cases[i];
        struct answer answer = ask(&served, &updater);
        expect_status(&answer, 200);
        cr_assert_str_eq(answer_header(&answer, "x-version"), "DOOR-7");
        cr_assert_eq(answer.body_len, 0u);
    }
    serve_stop(&served);
}

Test(serve_decision, who_is_no_updater_is_told_403_and_why)
{
    struct served served = start();
    struct answer answer = ask_bytes(served.port,
                                     "GET /firmware.bin HTTP/1.0\r\nUser-Agent: Mozilla/5.0\r\n"
                                     "x-ESP8266-STA-MAC: " DOOR "\r\n\r\n",
                                     0);

    expect_status(&answer, 403);
    cr_assert_gt(answer.body_len, 0u, "it is not said why");
    answer = ask_bytes(served.port, "GET / HTTP/1.0\r\n\r\n", 0);
    expect_status(&answer, 403);
    serve_stop(&served);
}

Test(serve_decision, every_header_that_a_client_always_sends_is_wanted)
{
    static const struct {
        enum stock_family family;
        const char *mac;
        const char *names[12];
    } rows[] = {
        { STOCK_ESP8266,
          DOOR,
          { "x-ESP8266-Chip-ID", "x-ESP8266-STA-MAC", "x-ESP8266-AP-MAC", "x-ESP8266-free-space",
            "x-ESP8266-sketch-size", "x-ESP8266-sketch-md5", "x-ESP8266-chip-size",
            "x-ESP8266-sdk-version", "x-ESP8266-mode" } },
        { STOCK_ESP32,
          LAMP,
          { "x-ESP32-STA-MAC", "x-ESP32-AP-MAC", "x-ESP32-free-space", "x-ESP32-sketch-size",
            "x-ESP32-chip-size", "x-ESP32-sdk-version", "x-ESP32-mode" } },
        { STOCK_PICO,
          CLOCK,
          { "x-Pico-Chip-ID", "x-Pico-STA-MAC", "x-Pico-AP-MAC", "x-Pico-Mode" } },
    };
    struct served served = start();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t k = 0; rows[i].names[k]; k++) {
            struct answer answer =
                ask(&served, &(struct stock_updater){ .family = rows[i].family,
                                                      .mac = rows[i].mac,
                                                      .without = rows[i].names[k] });
            expect_status(&answer, 403);
            cr_expect(strcasestr(answer.body, rows[i].names[k]), "%s: %s", rows[i].names[k],
                      answer.body);
        }
    }
    serve_stop(&served);
}

Test(serve_decision, a_head_request_is_decided_and_not_counted)
{
    struct served served = start();
    struct stock_updater head = { .family = STOCK_ESP8266, .mac = DOOR, .method = "HEAD" };
    struct stock_updater get = { .family = STOCK_ESP8266, .mac = DOOR };
    char length[24];

    snprintf(length, sizeof length, "%zu", door.content.size);
    for (int i = 0; i < 5; i++) {
        struct answer answer = ask(&served, &head);
        expect_status(&answer, 200);
        cr_assert_str_eq(answer_header(&answer, "Content-Length"), length);
        cr_assert_eq(answer.body_len, 0u);
    }
    struct answer answer = ask(&served, &get);
    expect_image(&answer, &door.content);
    serve_stop(&served);
}
