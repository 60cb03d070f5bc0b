/*
 * espota-device killed at any moment: to its flash that is a power cut. Whenever it comes, the next
 * start runs the old image or the new one, whole. Cuts at every operation of flash, and inside
 * them, are tested where flash is simulated; here the whole device is at work.
 */
#include "e2e_boot.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

E2E_SUITE(power_cut);

/* Several pieces of an exchange, so that there is something in between. */
#define SKETCH_SIZE 200000u

/* When to cut: the device has said the word so many times. */
struct moment {
    const char *word;
    int times;
};

static void await_word(const struct board *board, const struct moment *moment)
{
    char rest[BOARD_LINE_MAX];

    for (int i = 0; i < moment->times; i++)
        board_says(board, moment->word, rest);
}

/* Wait until flash no longer holds this image's bytes from `at` on, where they were. */
static void await_change(const struct board *board, uint32_t offset, const struct e2e_image *image,
                         uint32_t at)
{
    bool same = true;

    while (same) {
        size_t size = 0;
        uint8_t *flash = board_flash(board, &size);
        same = memcmp(flash + offset + at, image->content.bytes + at, 64) == 0;
        free(flash);
        cr_assert(!same || !process_ended(board->process, 5), "it has ended before");
    }
}

/* Flash as slow as real flash, so that something is going on whenever the cut comes. */
static struct process *upload_slowly(struct board *board, const char *boot,
                                     const struct e2e_image *image, const char *const *args)
{
    board_start_again(board, ARGS(boot, "--flash-timing", "typical"));
    return upload_start(board, image, args, NULL);
}

static void cut(const struct board *board, struct process *uploader)
{
    process_signal(board->process, SIGKILL);
    program_finish(board->process);
    expect_exit(board->process, 128 + SIGKILL);
    process_signal(uploader, SIGKILL);
    program_finish(uploader);
}

static bool runs(const struct board *board, const struct e2e_image *sketch)
{
    char md5[BOARD_VALUE_MAX];

    board_value(md5, board->boot, "md5");
    return strcmp(md5, e2e_md5(&sketch->content).text) == 0;
}

/* It runs one of the two, finds no damage, and the new one can be had then. */
static void expect_old_or_new(struct board *board, const char *boot, const struct e2e_image *old,
                              const struct e2e_image *new)
{
    board_start_again(board, ARGS(boot));
    if (!runs(board, new)) {
        boot_expect_runs(board, old, "confirmed", "none");
        boot_update(board, new, NULL);
        boot_expect_confirmed(board, new);
    }
    board_stop(board);
    cr_assert_null(strstr(board->process->out.text, "fault="), "%s", board->process->out.text);
    board_start_again(board, ARGS(boot));
    boot_expect_runs(board, new, "confirmed", "none");
    board_stop(board);
}

static void expect_whole_sketch_after_cuts(const char *boot)
{
    static const struct moment moments[] = {
        { "invited", 1 },  { "connected", 1 }, { "progress", 1 },
        { "progress", 5 }, { "progress", 9 },  { "updated", 1 },
    };
    /* Three of them: the one to come is then never in flash already. */
    const struct e2e_image sketches[] = {
        e2e_image("0.bin", build_esp8266(SKETCH_SIZE, 1)),
        e2e_image("1.bin", build_esp8266(SKETCH_SIZE, 2)),
        e2e_image("2.bin", build_esp8266(SKETCH_SIZE, 3)),
    };
    struct board board = boot_board_with(&sketches[0], boot);

    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        const struct e2e_image *old = &sketches[i % 3];
        const struct e2e_image *new = &sketches[(i + 1) % 3];
        struct process *uploader = upload_slowly(&board, boot, new, NULL);
        await_word(&board, &moments[i]);
        cut(&board, uploader);
        expect_old_or_new(&board, boot, old, new);
    }
}

Test(power_cut, leaves_a_whole_sketch_during_an_update_with_select)
{
    expect_whole_sketch_after_cuts("--boot=select");
}

Test(power_cut, leaves_a_whole_sketch_during_an_update_with_exchange)
{
    expect_whole_sketch_after_cuts("--boot=exchange");
}

/* Slot 0 is between two sketches then, and neither of the two would run. */
Test(power_cut, leaves_a_whole_sketch_in_the_middle_of_an_exchange)
{
    const struct e2e_image sketches[] = {
        e2e_image("0.bin", build_esp8266(SKETCH_SIZE, 1)),
        e2e_image("1.bin", build_esp8266(SKETCH_SIZE, 2)),
        e2e_image("2.bin", build_esp8266(SKETCH_SIZE, 3)),
    };
    struct board board = boot_board_with(&sketches[0], "--boot=exchange");

    for (uint32_t i = 0; i < 3; i++) {
        const struct e2e_image *old = &sketches[i];
        const struct e2e_image *new = &sketches[(i + 1) % 3];
        struct process *uploader = upload_slowly(&board, "--boot=exchange", new, NULL);
        await_change(&board, SLOT_0, old, i * SPARE_SIZE);
        cut(&board, uploader);
        expect_old_or_new(&board, "--boot=exchange", old, new);
    }
}

/* Who presses Ctrl-C does not wait until everything is moved: the signal has come before that. */
Test(power_cut, by_a_signal_while_images_are_moved_comes_at_once)
{
    static const char script[] = "kill -TERM $$; exec \"$0\" \"$@\"";
    struct e2e_image old = e2e_image("0.bin", build_esp8266(SKETCH_SIZE, 1));
    struct e2e_image new = e2e_image("1.bin", build_esp8266(SKETCH_SIZE, 2));
    struct board board = boot_board_with(&old, "--boot=exchange");

    board_start_again(&board, ARGS("--boot=exchange", "--confirm", "never"));
    boot_update(&board, &new, NULL);
    board_stop(&board);
    for (int i = 0; i < 2; i++) {
        board_start_again(&board, ARGS("--boot=exchange", "--confirm", "never"));
        board_stop(&board);
    }
    boot_expect(board.boot, "boots-left", "0");
    struct process *ended =
        program_run("/usr/bin/env", ARGS("--block-signal=TERM", "/bin/sh", "-c", script, E2E_DEVICE,
                                         "--flash", board.flash.text, "--bind", "127.0.0.1",
                                         "--port", "0", "--no-mdns", "--boot=exchange"));
    expect_exit(ended, 0);
    expect_silent(ended->out);
    expect_silent(ended->err);
    board_start_again(&board, ARGS("--boot=exchange"));
    boot_expect_runs(&board, &old, "confirmed", "given-up");
    board_stop(&board);
}

/* ---- file systems ---- */

static uint32_t filesystem_offset(const struct board *board)
{
    static const char before[] = "filesystem=0x";
    const char *at = strstr(board->process->out.text, before);

    cr_assert(at, "%s", board->process->out.text);
    return (uint32_t)strtoul(at + sizeof before - 1, NULL, 16);
}

/* After a start: this file system is in its area, and on record. */
static void expect_filesystem(struct board *board, const char *boot, const struct e2e_image *sketch,
                              const struct e2e_image *files)
{
    char line[BOARD_LINE_MAX];

    board_start_again(board, ARGS(boot));
    uint32_t offset = filesystem_offset(board);
    snprintf(line, sizeof line, "filesystem=0x%x,%zu,%s\n", (unsigned)offset, files->content.size,
             e2e_md5(&files->content).text);
    expect_out(board->process, line);
    boot_expect_at(board, offset, files);
    boot_expect(board->boot, "md5", e2e_md5(&sketch->content).text);
    boot_expect_at(board, board_number(board->boot, "offset"), sketch);
    board_stop(board);
}

static void expect_whole_filesystem_after_cuts(const char *boot)
{
    static const struct moment receiving = { "progress", 5 };
    struct e2e_image sketch = e2e_sketch(100000);
    struct e2e_image old = e2e_image("0.fs", build_littlefs(SKETCH_SIZE, 1));
    struct e2e_image new = e2e_image("1.fs", build_littlefs(SKETCH_SIZE, 2));
    struct board board = boot_board_with(&sketch, boot);

    board_start_again(&board, ARGS(boot));
    boot_update(&board, &old, ARGS("-s"));
    board_stop(&board);
    expect_filesystem(&board, boot, &sketch, &old);
    uint32_t offset = filesystem_offset(&board);

    struct process *uploader = upload_slowly(&board, boot, &new, ARGS("-s"));
    await_word(&board, &receiving);
    cut(&board, uploader);
    boot_expect_at(&board, offset, &old);
    expect_filesystem(&board, boot, &sketch, &old);

    for (uint32_t at = 0; at < SKETCH_SIZE; at += 100000) {
        const struct e2e_image *before = at == 0 ? &old : &new;
        const struct e2e_image *behind = at == 0 ? &new : &old;
        uploader = upload_slowly(&board, boot, behind, ARGS("-s"));
        await_change(&board, offset, before, at);
        cut(&board, uploader);
        expect_filesystem(&board, boot, &sketch, behind);
    }
}

Test(power_cut, leaves_a_whole_file_system_with_select)
{
    expect_whole_filesystem_after_cuts("--boot=select");
}

Test(power_cut, leaves_a_whole_file_system_with_exchange)
{
    expect_whole_filesystem_after_cuts("--boot=exchange");
}
