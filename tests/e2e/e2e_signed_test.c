/*
 * FILE.signed beside FILE: who gets it, and what is said.
 */
#include "e2e_board.h"

#include <sys/stat.h>

E2E_SUITE(signed_image);

/* What an upload to nobody says: the image is chosen before anybody is asked. */
static struct process *upload_to_nobody(const struct e2e_image *image, const char *option)
{
    return uploader_run(ARGS("-i", "127.0.0.1", "-p", "9", "-f", image->path.text, "-q", option));
}

Test(signed_image, is_sent_instead)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image plain = e2e_sketch(50000);
    struct e2e_image with_signature =
        e2e_image("sketch.bin.signed", build_signed(build_esp8266(50000, E2E_SEED), E2E_SEED));
    struct process *uploader = upload_run(&board, &plain, NULL);
    struct board_image stored = board_updated(&board);

    expect_exit(uploader, 0);
    expect_err(uploader, "sketch.bin.signed (");
    expect_in_flash(&board, &stored, &with_signature);
    board_stop(&board);
}

Test(signed_image, is_sent_instead_to_an_rp2040_and_said_even_when_quiet)
{
    struct e2e_image plain = e2e_image("pico.bin", build_pico(50000, E2E_SEED));

    e2e_image("pico.bin.signed", build_signed(build_pico(50000, E2E_SEED), E2E_SEED));
    expect_err(upload_to_nobody(&plain, NULL), "The signed image is sent: ");
}

Test(signed_image, is_nothing_to_an_esp32)
{
    struct board board = board_start("flash", ARGS("--chip", "esp32"));
    struct e2e_image plain = e2e_image("app.bin", build_esp32(50000, 1, 0));

    e2e_image("app.bin.signed", build_esp32(50000, 2, 0));
    struct process *uploader = upload_run(&board, &plain, NULL);
    struct board_image stored = board_updated(&board);
    expect_exit(uploader, 0);
    expect_no_err(uploader, "signed");
    expect_in_flash(&board, &stored, &plain);
    board_stop(&board);
}

Test(signed_image, is_nothing_to_a_file_system)
{
    struct e2e_image plain = e2e_image("fs.bin", build_littlefs(16384, E2E_SEED));

    e2e_image("fs.bin.signed", build_littlefs(16384, 7));
    expect_no_err(upload_to_nobody(&plain, "-s"), "signed");
}

/* The plain image in its place would be a silent change of what is sent. */
Test(signed_image, that_cannot_be_read_is_not_passed_over)
{
    struct e2e_image plain = e2e_sketch(50000);

    cr_assert_eq(mkdir(temp_path(&e2e_folder, "sketch.bin.signed").text, 0700), 0);
    struct process *uploader = upload_to_nobody(&plain, NULL);
    expect_exit(uploader, 1);
    expect_err(uploader, "sketch.bin.signed: not a regular file");
}
