#include "e2e_boot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void boot_expect(const char *rest, const char *name, const char *expected)
{
    char value[BOARD_VALUE_MAX];

    board_value(value, rest, name);
    cr_assert_str_eq(value, expected, "%s is not %s in: %s", name, expected, rest);
}

void boot_expect_at(const struct board *board, uint32_t offset, const struct e2e_image *image)
{
    struct board_image stored = { .offset = offset, .size = (uint32_t)image->content.size };

    snprintf(stored.md5, sizeof stored.md5, "%s", e2e_md5(&image->content).text);
    expect_in_flash(board, &stored, image);
}

void boot_expect_runs(const struct board *board, const struct e2e_image *sketch, const char *state,
                      const char *event)
{
    boot_expect(board->boot, "md5", e2e_md5(&sketch->content).text);
    cr_assert_eq(board_number(board->boot, "size"), sketch->content.size, "%s", board->boot);
    boot_expect_at(board, board_number(board->boot, "offset"), sketch);
    boot_expect(board->boot, "state", state);
    boot_expect(board->boot, "event", event);
}

struct board_image boot_update(struct board *board, const struct e2e_image *image,
                               const char *const *args)
{
    struct process *uploader = upload_run(board, image, args);
    char rest[BOARD_LINE_MAX];

    expect_exit(uploader, 0);
    struct board_image staged = board_updated(board);
    board_says(board, "boot", board->boot);
    board_says(board, "listening", rest);
    return staged;
}

void boot_expect_same_records(const struct board *board)
{
    size_t size = 0;
    uint8_t *flash = board_flash(board, &size);
    bool same = memcmp(flash, flash + RECORD_SIZE, RECORD_SIZE) == 0;

    free(flash);
    cr_assert(same, "the copies of the record differ");
}

void boot_expect_confirmed(const struct board *board, const struct e2e_image *sketch)
{
    char rest[BOARD_LINE_MAX];

    board_says(board, "confirmed", rest);
    boot_expect(rest, "md5", e2e_md5(&sketch->content).text);
}

struct board boot_board_with(const struct e2e_image *sketch, const char *boot)
{
    struct board board = board_start("flash", ARGS(boot));

    boot_update(&board, sketch, NULL);
    boot_expect_confirmed(&board, sketch);
    board_stop(&board);
    return board;
}

void boot_damage(const struct board *board, uint32_t offset, uint32_t len)
{
    size_t size = 0;
    uint8_t *flash = board_flash(board, &size);
    struct built_image noise = build_noise(len, 5);

    cr_assert_leq(offset + len, size);
    memcpy(flash + offset, noise.bytes, len);
    cr_assert(file_write(board->flash.text, flash, size));
    built_image_free(&noise);
    free(flash);
}
