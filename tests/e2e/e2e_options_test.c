/*
 * The command line: what IDEs and build systems run, and what people mistype.
 */
#include "e2e_board.h"

#include <stdio.h>

E2E_SUITE(options);

/* The script that a recipe runs, and that espota-c stands in for. */
#define ESPOTA_PY "/home/me/.arduino15/packages/esp8266/hardware/esp8266/3.1.2/tools/espota.py"

/* A command line as an IDE or a build system runs it updates the device. */
static void expect_works(const struct board *board, const char *const *args)
{
    struct process *uploader = uploader_run(args);

    expect_exit(uploader, 0);
    expect_silent(uploader->out);
    board_updated(board);
    board_stop(board);
}

/* ---- Arduino's recipes ---- */

Test(options, of_the_esp8266_recipe_with_a_password)
{
    struct board board = board_start("flash", ARGS("--password", "secret"));
    struct e2e_image sketch = e2e_sketch(8192);

    expect_works(&board, ARGS("-I", ESPOTA_PY, "-i", "127.0.0.1", "-p", board.port.text,
                              "--auth=secret", "-f", sketch.path.text));
}

Test(options, of_the_rp2040_recipe_without_a_password)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(8192);

    expect_works(&board, ARGS("-I", "C:\\packages\\rp2040\\tools\\espota.py", "-i", "127.0.0.1",
                              "-p", board.port.text, "--auth=", "-f", sketch.path.text));
}

Test(options, of_the_esp32_recipe)
{
    struct board board = board_start("flash", ARGS("--chip", "esp32", "--password", "secret"));
    struct e2e_image sketch = e2e_image("app.bin", build_esp32(8192, E2E_SEED, 0));

    expect_works(&board, ARGS("-r", "-i", "127.0.0.1", "-p", board.port.text, "--auth=secret", "-f",
                              sketch.path.text));
}

Test(options, of_a_recipe_whose_variables_stay_unfilled)
{
    struct e2e_image sketch = e2e_sketch(8192);
    struct process *uploader = uploader_run(ARGS("-I", ESPOTA_PY, "-i", "127.0.0.77", "-p",
                                                 "{upload.port.properties.port}", "--auth=", "-t",
                                                 "0.3", "-f", sketch.path.text));

    expect_exit(uploader, 5);
    expect_err(uploader, "8266");
}

/* ---- PlatformIO ---- */

Test(options, of_platformio)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(8192);

    expect_works(&board, ARGS("--debug", "--progress", "-i", "127.0.0.1", "-p", board.port.text,
                              "-f", sketch.path.text));
}

Test(options, of_platformio_with_upload_flags)
{
    struct board board = board_start("flash", ARGS("--password", "secret"));
    struct e2e_image sketch = e2e_sketch(8192);
    char port_option[32];

    snprintf(port_option, sizeof port_option, "--port=%s", board.port.text);
    expect_works(&board, ARGS("--debug", "--progress", "-i", "127.0.0.1", port_option,
                              "--auth=secret", "--host_port=0", "-f", sketch.path.text));
}

Test(options, of_platformios_file_system_upload)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image files = e2e_image("littlefs.bin", build_littlefs(16384, E2E_SEED));

    expect_works(&board, ARGS("--debug", "--progress", "-i", "127.0.0.1", "-p", board.port.text,
                              "--spiffs", "-f", files.path.text));
}

/* ---- spellings ---- */

Test(options, after_the_commands_name)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(8192);

    expect_works(&board,
                 ARGS("upload", "-i", "127.0.0.1", "-p", board.port.text, "-f", sketch.path.text));
}

Test(options, in_their_long_forms)
{
    struct board board = board_start("flash", ARGS("--password", "secret"));
    struct e2e_image sketch = e2e_sketch(8192);

    expect_works(&board, ARGS("--ip", "127.0.0.1", "--host_ip=127.0.0.1", "--port", board.port.text,
                              "--host_port", "0", "--auth", "secret", "--file", sketch.path.text,
                              "--timeout", "20", "--md5-target", "--retries=1"));
}

Test(options, abbreviated_as_far_as_they_stay_clear)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(8192);

    expect_works(&board, ARGS("--i", "127.0.0.1", "--po", board.port.text, "--file",
                              sketch.path.text, "--tim=20", "--deb"));
}

/* ---- mistakes: exit code 2, and a message that names what is wrong ---- */

static void expect_bad(const char *const *args, const char *named)
{
    struct process *uploader = uploader_run(args);

    expect_exit(uploader, 2);
    expect_silent(uploader->out);
    expect_err(uploader, named);
}

Test(options, that_are_wrong_are_named)
{
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "-p", "eighty"), "-p takes");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "-p", "--auth=secret"), "not an option\n");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "-p", "0"), "-p takes");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "-p", "65536"), "-p takes");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "-P", "5010-5000"), "-P takes");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "-I", "localhost"), "-I takes");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "-t", "0"), "-t takes");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "-t", "soon"), "-t takes");
}

Test(options, of_our_own_that_are_wrong_are_named)
{
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "--stall-timeout", "-1"), "--stall-timeout");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "--verdict-timeout="), "--verdict-timeout");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "--retries", "many"), "--retries");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "--retries", "1000"), "--retries");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "--no-such-option"), "--no-such-option");
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "x", "--aut", "y"), "ambiguous");
    expect_bad(ARGS("-i", "127.0.0.1", "-f"), "'f'");
}

Test(options, that_are_missing_are_named)
{
    expect_bad(ARGS("-f", "sketch.bin", "--mdns=off"), "-i");
    expect_bad(ARGS("-i", "127.0.0.1"), "-f");
    expect_bad(ARGS("-i", "", "-f", "sketch.bin"), "-i");
}

Test(options, do_not_stand_alone)
{
    expect_bad(ARGS("-i", "127.0.0.1", "-f", "sketch.bin", "127.0.0.2"), "'127.0.0.2'");
    expect_bad(ARGS("upload", "-i", "127.0.0.1", "sketch.bin"), "'sketch.bin'");
}

Test(options, of_an_unknown_command_list_the_commands)
{
    expect_bad(ARGS("uplaod", "-i", "127.0.0.1"), "there is no command \"uplaod\"");
    expect_bad(ARGS("sketch.bin"), "-f");
    expect_bad(NULL, "Usage:");
    expect_bad(NULL, "inspect");
}

/* ---- help ---- */

static void expect_good(const char *const *args, const char *said)
{
    struct process *uploader = uploader_run(args);

    expect_exit(uploader, 0);
    expect_silent(uploader->err);
    expect_out(uploader, said);
}

Test(options, ask_for_help)
{
    expect_good(ARGS("--help"), "--verdict-timeout");
    expect_good(ARGS("-h"), "--verdict-timeout");
    expect_good(ARGS("--help"), "inspect");
    expect_good(ARGS("upload", "--help"), "--host_port");
    expect_good(ARGS("inspect", "--help"), "--json");
}

Test(options, ask_for_the_version)
{
    expect_good(ARGS("--version"), "espota-c ");
    expect_good(ARGS("upload", "--version"), "espota-c ");
}

/* ---- images that are refused ---- */

/* Refused without -f being sent; with --force it is sent, and its fault told all the same. */
static void expect_forced(struct built_image content, bool filesystem, const char *fault)
{
    static const struct device_step script[] = { DEVICE_INVITED,     DEVICE_ANSWER("OK"),
                                                 DEVICE_CONNECT,     DEVICE_READ_ALL,
                                                 DEVICE_WRITE("OK"), DEVICE_END };
    struct e2e_image image = e2e_image("image.bin", content);
    const char *how = filesystem ? "-s" : "-d"; /* the latter just to be something */
    struct scripted_device *device = device_play(script, NULL);
    struct port_text port = port_text(scripted_device_port(device));
    struct device_record seen;

    struct process *refused =
        uploader_run(ARGS("-i", "127.0.0.1", "-p", port.text, how, "-f", image.path.text));
    expect_exit(refused, 3);
    expect_err(refused, fault);
    expect_err(refused, "--force");
    struct process *forced = uploader_run(
        ARGS("-i", "127.0.0.1", "-p", port.text, how, "--force", "-f", image.path.text));
    scripted_device_finish(device, &seen);
    expect_exit(forced, 0);
    expect_err(forced, fault);
    cr_assert(seen.completed, "%s", seen.problem);
    cr_assert_eq(seen.invitations, 1, "the refused image was announced");
    cr_assert_eq(seen.invitation.command, filesystem ? PUSH_FILESYSTEM : PUSH_SKETCH);
    cr_assert_eq(seen.connection[0].bytes, image.content.size);
}

Test(options, force_an_image_that_is_no_firmware)
{
    expect_forced(build_noise(5000, E2E_SEED), false, "it is not firmware");
}

Test(options, force_an_image_that_is_cut_short)
{
    struct built_image sketch = build_esp8266(50000, E2E_SEED);

    sketch.size -= 1000;
    expect_forced(sketch, false, "image.bin: it ");
}

Test(options, force_a_file_system_without_s)
{
    expect_forced(build_littlefs(16384, E2E_SEED), false, "it is a file system image");
}

Test(options, force_a_sketch_with_s)
{
    expect_forced(build_esp8266(8192, E2E_SEED), true, "it is a sketch");
}

Test(options, force_an_empty_image)
{
    expect_forced(build_noise(0, E2E_SEED), false, "empty");
}
