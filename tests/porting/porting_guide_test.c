/*
 * device/PORTING.md: its C compiles, its checks pass on good flash and say what is wrong with bad
 * flash, and its programs take a sketch through an update and a trial.
 */
#include "porting_board.h"
#include "porting_guide.h"
#include "tests/support/image_builder.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>

#define IMAGE_SIZE 40000

/* For serve(). */
static const struct password_digest *device_password;

static void serve_with_password(void)
{
    restart = false;
    serve(device_password);
}

/* Runs a function of the guide that does not return. */
static enum porting_end end_of(void (*function)(void))
{
    porting_board.end = PORTING_RUNS;
    if (setjmp(porting_board.way_out) == 0)
        function();
    return porting_board.end;
}

Test(porting_guide, digests)
{
    cr_assert_null(digest_test());
}

/* ---- the flash's test ---- */

enum fault {
    FAULT_NONE,
    FAULT_ERASE_FAILS,
    FAULT_ERASE_NOTHING,
    FAULT_ERASE_HALF,
    FAULT_ERASE_DOUBLE,
    FAULT_WRITE_NOTHING,
    FAULT_WRITE_WRAPS,
    FAULT_WRITE_ALIGNED,
    FAULT_WRITE_ONCE,
    FAULT_READ_ALIGNED,
};

static enum fault fault;

static bool bad_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    (void)ctx;
    return board_flash_read(fault == FAULT_READ_ALIGNED ? offset & ~3u : offset, out, len);
}

static bool bad_write(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    const uint8_t *from = bytes;

    if (fault == FAULT_WRITE_NOTHING)
        return true;
    if (fault == FAULT_WRITE_ONCE && porting_board.cells[offset] != 0xFF)
        return false;
    if (fault == FAULT_WRITE_ALIGNED)
        from -= (uintptr_t)from & 3u;
    if (fault != FAULT_WRITE_WRAPS)
        return flash_write(ctx, offset, from, len);
    for (uint32_t i = 0; i < len; i++)
        porting_board.cells[offset / PAGE * PAGE + (offset + i) % PAGE] &= from[i];
    return true;
}

static bool bad_erase(void *ctx, uint32_t offset, uint32_t len)
{
    if (fault == FAULT_ERASE_FAILS)
        return false;
    if (fault == FAULT_ERASE_NOTHING)
        return true;
    if (fault == FAULT_ERASE_HALF) {
        memset(porting_board.cells + offset, 0xFF, len / 2);
        return true;
    }
    if (fault == FAULT_ERASE_DOUBLE)
        memset(porting_board.cells + offset, 0xFF, (size_t)2 * len);
    return flash_erase(ctx, offset, len);
}

static const char *test_bad_flash(enum fault with)
{
    struct ota_flash bad = flash;

    fault = with;
    bad.read = bad_read;
    bad.write = bad_write;
    bad.erase = bad_erase;
    bad.write_size = with == FAULT_READ_ALIGNED ? 4 : 1;
    porting_board_init();
    if (with == FAULT_ERASE_NOTHING)
        memset(porting_board.cells, 0, sizeof porting_board.cells);
    return flash_test(&bad, BLOCK);
}

Test(porting_guide, good_flash_passes_its_test)
{
    cr_assert_null(test_bad_flash(FAULT_NONE));
    cr_assert_null(flash_test(&flash, 0));
    cr_assert_eq(porting_board.nor.broken, NOR_RULES_KEPT);
}

Test(porting_guide, bad_flash_does_not)
{
    cr_expect_str_eq(test_bad_flash(FAULT_ERASE_FAILS), "an erase reports failure");
    cr_expect_str_eq(test_bad_flash(FAULT_ERASE_NOTHING), "erased bytes are not 0xFF");
    cr_expect_str_eq(test_bad_flash(FAULT_ERASE_HALF), "an erase leaves something");
    cr_expect_str_eq(test_bad_flash(FAULT_ERASE_DOUBLE), "an erase takes too much");
    cr_expect_str_eq(test_bad_flash(FAULT_WRITE_NOTHING), "a program does not arrive");
    cr_expect_str_eq(test_bad_flash(FAULT_WRITE_WRAPS), "a program does not arrive");
    cr_expect_str_eq(test_bad_flash(FAULT_WRITE_ALIGNED), "a program does not arrive");
    cr_expect_str_eq(test_bad_flash(FAULT_WRITE_ONCE), "zeros do not go over zeros");
    cr_expect_str_eq(test_bad_flash(FAULT_READ_ALIGNED), "a read at an odd place is wrong");
    struct ota_flash odd = flash;
    odd.erase_size = 48;
    cr_expect_str_eq(flash_test(&odd, 0), "the numbers contradict themselves");
}

Test(porting_guide, the_layout_is_sound)
{
    cr_assert_eq(ota_layout_check(&layout, &flash), OTA_LAYOUT_SOUND);
}

/* ---- starts, as the guide's table has them ---- */

static void flash_by_wire(const struct built_image *image)
{
    memcpy(porting_board.cells + layout.slot[0].offset, image->bytes, image->size);
}

static enum ota_boot_status status(void)
{
    struct ota_boot_info info;

    ota_boot_state(&flash, &layout, &info);
    return info.status;
}

Test(porting_guide, starts)
{
    struct built_image image = build_esp32(IMAGE_SIZE, 1, CHIP_ID);

    porting_board_init();
    cr_assert_eq(end_of(boot_main), PORTING_STAYS);
    cr_expect_str_eq(porting_board.text, "there is nothing that could run");
    flash_by_wire(&image);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
        cr_expect_eq(porting_board.offset, layout.slot[0].offset);
        cr_expect_eq(status(), OTA_BOOT_CONFIRMED);
    }
    uint8_t *records[2] = { porting_board.cells + layout.record[0].offset,
                            porting_board.cells + layout.record[1].offset };
    memset(records[0], 0xFF, layout.record[0].size);
    cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
    cr_expect_arr_eq(records[0], records[1], layout.record[0].size);
    memset(records[0], 0, layout.record[0].size);
    memset(records[1], 0, layout.record[1].size);
    cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
    cr_expect_eq(porting_board.offset, layout.slot[0].offset);
    cr_expect_eq(status(), OTA_BOOT_UNKNOWN);
    built_image_free(&image);
}

/* ---- an update ---- */

/* Version 1 by wire, version 2 over the network; leaves the board where it restarts. */
static void update(const char *password)
{
    static struct built_image one, two;
    struct password_digest digest;

    one = build_esp32(IMAGE_SIZE, 1, CHIP_ID);
    two = build_esp32(IMAGE_SIZE + 5000, 2, CHIP_ID);
    porting_board_init();
    flash_by_wire(&one);
    cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
    if (password)
        password_digest_make(&digest, DIGEST_MD5, password, strlen(password));
    device_password = password ? &digest : NULL;
    porting_board_upload(two.bytes, two.size, password);
    cr_assert_eq(end_of(serve_with_password), PORTING_RESTARTED, "%s",
                 porting_board.text ? porting_board.text : "");
    cr_expect(strstr(porting_board.verdict, "OK"));
    cr_expect_eq(status(), OTA_BOOT_STAGED);
    built_image_free(&one);
    built_image_free(&two);
}

Test(porting_guide, an_update_that_confirms_itself_stays)
{
    update(NULL);
    cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
    cr_expect_eq(porting_board.offset, layout.slot[1].offset);
    cr_expect_eq(status(), OTA_BOOT_ON_TRIAL);
    confirm();
    cr_expect_eq(status(), OTA_BOOT_CONFIRMED);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
    cr_expect_eq(porting_board.offset, layout.slot[1].offset);
    cr_expect_null(porting_board.text);
}

Test(porting_guide, one_that_does_not_is_given_up_at_the_fourth_start)
{
    update("secret");
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
        cr_expect_eq(porting_board.offset, layout.slot[1].offset);
    }
    cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
    cr_expect_eq(porting_board.offset, layout.slot[0].offset);
    cr_expect_eq(status(), OTA_BOOT_CONFIRMED);
}

Test(porting_guide, without_randomness_nobody_logs_in)
{
    struct built_image image = build_esp32(IMAGE_SIZE, 1, CHIP_ID);
    struct password_digest digest;

    porting_board_init();
    flash_by_wire(&image);
    cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
    porting_board.generator_fails = true;
    password_digest_make(&digest, DIGEST_MD5, "secret", 6);
    device_password = &digest;
    porting_board_upload(image.bytes, image.size, "secret");
    cr_assert_eq(end_of(serve_with_password), PORTING_STAYS);
    cr_expect_str_eq(porting_board.text, "the device does not answer");
    built_image_free(&image);
}

/* ---- asking a web server ---- */

#define WEB "http://192.0.2.7:8080/sketch.bin"

/* The board runs this image by wire, recorded as large as it is. */
static void run(const struct built_image *image)
{
    porting_board_init();
    flash_by_wire(image);
    cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
    prepare_updater();
}

Test(porting_guide, what_a_web_server_offers_is_tried_out_and_then_known)
{
    struct built_image one = build_esp32(IMAGE_SIZE, 1, CHIP_ID);
    struct built_image two = build_esp32(IMAGE_SIZE + 5000, 2, CHIP_ID);
    char sha256[HEX_SIZE(DIGEST_SHA256_SIZE)];
    char header[100], line[120];

    snprintf(header, sizeof header, "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n", two.size);
    run(&one);
    porting_board_offer(header, two.bytes, two.size);
    cr_assert(ask(WEB, "DOOR-7"));
    cr_expect_null(porting_board.text);
    cr_expect(strstr(porting_board.request, "\r\nx-ESP32-STA-MAC: 02:00:00:00:00:07\r\n"));
    cr_expect(strstr(porting_board.request, "\r\nx-ESP32-version: DOOR-7\r\n"));
    cr_expect_eq(status(), OTA_BOOT_STAGED);
    cr_assert_eq(end_of(boot_main), PORTING_JUMPED);
    prepare_updater();
    porting_board.request[0] = '\0';
    cr_expect_not(ask(WEB, "DOOR-8"));
    cr_expect_str_eq(porting_board.text,
                     "Update error: ERROR[11]: The sketch is on trial: confirm it");
    cr_expect_str_eq(porting_board.request, "");
    confirm();
    porting_board.text = NULL;
    cr_expect_not(ask(WEB, "DOOR-8"));
    cr_expect_null(porting_board.text);
    digest_hex(DIGEST_SHA256, two.bytes, two.size, sha256);
    for (char *c = sha256; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    snprintf(line, sizeof line, "\r\nx-ESP32-sketch-sha256: %s\r\n", sha256);
    cr_expect(strstr(porting_board.request, line));
    cr_expect_eq(status(), OTA_BOOT_CONFIRMED);
    built_image_free(&one);
    built_image_free(&two);
}

Test(porting_guide, what_cannot_be_had_is_logged)
{
    static const struct {
        const char *url, *header, *line;
    } rows[] = {
        { WEB, "HTTP/1.0 404 N\r\n\r\n", "File Not Found (404)" },
        { WEB, "HTTP/1.0 200 OK\r\nContent-Length: 40000\r\n\r\n", "Verify Bin Header Failed" },
        { "http://192.0.2.7:8081/", "", "HTTP error: connection failed" },
        { "https://192.0.2.7:8080/", "", "HTTP error: connection failed" },
    };
    struct built_image image = build_esp32(IMAGE_SIZE, 1, CHIP_ID);
    struct built_image other = build_esp32(IMAGE_SIZE, 2, CHIP_ID + 1);

    run(&image);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        porting_board_offer(rows[i].header, other.bytes, other.size);
        cr_expect_not(ask(rows[i].url, "1"));
        cr_expect_str_eq(porting_board.text, rows[i].line);
    }
    built_image_free(&image);
    built_image_free(&other);
}
