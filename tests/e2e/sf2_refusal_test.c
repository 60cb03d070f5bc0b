/*
 * What a device does not take: the board and espota-device say the same, word for word, and are
 * well afterwards.
 */
#include "sf2_board.h"
#include "stock_client.h"

#include <string.h>

SF2_SUITE(sf2_refusal);

#define SECRET        "secret"
#define SECRET_SHA256 "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

/* An MD5 of nothing that is ever sent here. */
#define FORGED_MD5 "00112233445566778899aabbccddeeff"

/* More than either has room for. */
#define TOO_LARGE (2u << 20)

#define CHIP_ESP32    0
#define CHIP_ESP32_C3 5

static struct sf2_board board;

/* ---- images ---- */

/* What both kinds of device take, if it is for their chip. */
static struct built_image good(uint16_t chip_id)
{
    return build_esp32(50000, 1, chip_id);
}

static struct built_image too_large(uint16_t chip_id)
{
    return build_esp32(TOO_LARGE, 1, chip_id);
}

static struct built_image for_another_chip(uint16_t chip_id)
{
    (void)chip_id;
    return build_esp32(50000, 1, CHIP_ESP32_C3);
}

static struct built_image for_another_family(uint16_t chip_id)
{
    (void)chip_id;
    return build_esp8266(50000, 1);
}

static struct built_image wrong_magic(uint16_t chip_id)
{
    (void)chip_id;
    return build_noise(50000, 1);
}

static struct built_image compressed(uint16_t chip_id)
{
    struct built_image content = good(chip_id);
    struct built_image image = build_gzip(&content);

    built_image_free(&content);
    return image;
}

static struct built_image cut_short(uint16_t chip_id)
{
    struct built_image image = good(chip_id);

    image.size -= image.size / 3;
    return image;
}

static struct built_image shorter_than_its_header(uint16_t chip_id)
{
    struct built_image image = good(chip_id);

    image.size = 20;
    return image;
}

static struct built_image large_files(uint16_t chip_id)
{
    (void)chip_id;
    return build_littlefs(TOO_LARGE, 1);
}

/* ---- words ---- */

static const struct refusal {
    struct built_image (*make)(uint16_t chip_id);
    const char *args[8]; /* up to NULL */
    int exit_code;
    const char *text; /* on stderr */
} refusals[] = {
    { wrong_magic, { "-a", SECRET, "--force" }, 8, "ERROR[10]: Magic byte is not 0xE9" },
    { for_another_chip, { "-a", SECRET }, 8, "ERROR[10]: Image is for another chip" },
    { for_another_family, { "-a", SECRET }, 8, "ERROR[10]: Image is for another chip" },
    { compressed, { "-a", SECRET, "--force" }, 8, "ERROR[10]: Compressed image" },
    { cut_short, { "-a", SECRET, "--force" }, 8, "ERROR[10]: Image is cut short" },
    { shorter_than_its_header, { "-a", SECRET, "--force" }, 8, "ERROR[10]" },
    { too_large, { "-a", SECRET }, 8, "ERROR[4]: Not Enough Space" },
    { large_files, { "-a", SECRET, "-s" }, 8, "ERROR[4]: Not Enough Space" },
    { good, { "-a", "wrong" }, 6, "the device rejected the password" },
    { good, { NULL }, 6, "the device asks for a password" },
};

/* What the uploader says about the device, as it is on stderr: not what it says of the file. */
static const char *verdict_of(const struct process *uploader)
{
    const char *verdict = strstr(uploader->err.text, "espota-c: 127.0.0.1:");

    cr_assert(verdict, "%s", uploader->err.text);
    return verdict;
}

static struct process *refuse(const struct board *device, const struct refusal *refusal,
                              const char *name, uint16_t chip_id)
{
    struct e2e_image image = e2e_image(name, refusal->make(chip_id));
    struct process *uploader = upload_run(device, &image, refusal->args);

    expect_exit(uploader, refusal->exit_code);
    expect_err(uploader, refusal->text);
    return uploader;
}

static struct board start_device(void)
{
    return board_start("device-flash",
                       ARGS("--chip", "esp32", "--password", SECRET, "--auth", "sha256"));
}

static void start_board(void)
{
    sf2_make(&board, "flash.bin", "seed=nobody else knows\npassword-sha256=" SECRET_SHA256 "\n");
    sf2_start(&board, NULL);
    sf2_expect_version(&board, 1);
}

static void expect_well(void)
{
    sf2_update(&board, 2, ARGS("-a", SECRET));
    sf2_pull_plug(&board);
}

static void expect_same_words(size_t first, size_t end)
{
    struct board device = start_device();

    start_board();
    for (size_t i = first; i < end; i++) {
        struct process *expected = refuse(&device, &refusals[i], "image.bin", CHIP_ESP32);
        struct process *seen = refuse(&board.board, &refusals[i], "image.bin", SF2_CHIP_ID);
        cr_assert_str_eq(verdict_of(seen), verdict_of(expected));
    }
    board_stop(&device);
    expect_well();
}

/* In parts, since a test can have no more than a few images. */
Test(sf2_refusal, is_worded_the_same_for_what_is_no_image)
{
    expect_same_words(0, 3);
}

Test(sf2_refusal, is_worded_the_same_for_what_is_not_whole)
{
    expect_same_words(3, 6);
}

Test(sf2_refusal, is_worded_the_same_for_what_does_not_fit)
{
    expect_same_words(6, 8);
}

Test(sf2_refusal, is_worded_the_same_without_the_password)
{
    expect_same_words(8, sizeof refusals / sizeof *refusals);
}

/* ---- content ---- */

/* What the device says at the end of an upload that announces an MD5 of something else. */
static struct stock_client send_forged(const struct board *device, const struct e2e_image *image,
                                       const char *md5)
{
    struct stock_client client = stock_open(device);

    stock_invite(&client, 0, image->content.size, md5);
    stock_hears(&client, "OK");
    stock_accept(&client);
    stock_send(&client, image->content.bytes, image->content.size);
    stock_verdict(&client);
    stock_close(&client);
    return client;
}

/* The uploader of these does not log in, so that there is no password. */
Test(sf2_refusal, is_worded_the_same_for_another_md5)
{
    struct e2e_image for_device = e2e_image("device.bin", good(CHIP_ESP32));
    struct e2e_image for_board = e2e_image("board.bin", good(SF2_CHIP_ID));
    struct board device = board_start("device-flash", ARGS("--chip", "esp32"));
    static const char calculated[] = "calculated: ";

    sf2_make(&board, "flash.bin", NULL);
    sf2_start(&board, NULL);
    sf2_expect_version(&board, 1);
    struct stock_client expected = send_forged(&device, &for_device, FORGED_MD5);
    struct stock_client seen = send_forged(&board.board, &for_board, FORGED_MD5);
    const char *error = strstr(seen.text, "ERROR[7]: MD5 verification failed");
    const char *expected_error = strstr(expected.text, "ERROR[7]");
    cr_assert(error && expected_error, "%s / %s", seen.text, expected.text);
    const char *md5 = strstr(error, calculated);
    const char *expected_md5 = strstr(expected_error, calculated);
    cr_assert(md5 && expected_md5, "%s", error);
    cr_assert_eq(md5 - error, expected_md5 - expected_error);
    cr_assert_eq(strncmp(error, expected_error, (size_t)(md5 - error)), 0, "%s", error);
    md5 += sizeof calculated - 1;
    cr_assert_eq(strncmp(md5, e2e_md5(&for_board.content).text, 32), 0, "%s", error);
    board_stop(&device);
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
}

/* A bit that was lost on the way: the uploader's MD5 is that of the file. */
Test(sf2_refusal, comes_for_a_byte_that_was_changed_on_the_way)
{
    sf2_make(&board, "flash.bin", NULL);
    sf2_start(&board, NULL);
    sf2_expect_version(&board, 1);
    struct e2e_image image = sf2_firmware(2);
    struct md5_text md5 = e2e_md5(&image.content);
    image.content.bytes[image.content.size / 2] ^= 0x10;
    struct stock_client client = send_forged(&board.board, &image, md5.text);
    image.content.bytes[image.content.size / 2] ^= 0x10;
    cr_assert(strstr(client.text, "ERROR[7]"), "%s", client.text);
    sf2_says(&board, "failed", NULL);
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
}

/* The uploader sees that the file is damaged, and sends nothing. */
Test(sf2_refusal, is_the_uploaders_for_a_damaged_file)
{
    sf2_make(&board, "flash.bin", NULL);
    sf2_start(&board, NULL);
    sf2_expect_version(&board, 1);
    struct e2e_image image = sf2_firmware(2);
    image.content.bytes[image.content.size / 2] ^= 0x10;
    cr_assert(file_write(image.path.text, image.content.bytes, image.content.size));
    expect_exit(upload_run(&board.board, &image, NULL), 3);
    sf2_says(&board, "version", NULL);
    cr_assert_null(strstr(board.qemu.out.text, "invited"), "%s", board.qemu.out.text);
    image.content.bytes[image.content.size / 2] ^= 0x10;
    cr_assert(file_write(image.path.text, image.content.bytes, image.content.size));
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
}
