/*
 * Build systems and tools that run espota-c: make, CMake, PlatformIO, and those that insist on
 * espota.py.
 */
#include "installed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3"

INSTALLED_SUITE(build_systems);

static struct board protected_device(void)
{
    return board_start("flash", ARGS("--password", "secret"));
}

/* ---- make ---- */

Test(build_systems, make_sends_what_it_makes)
{
    struct board board = protected_device();
    struct e2e_image sketch = e2e_sketch(8192);
    char makefile[2048];

    write_file("password", "secret\n");
    snprintf(makefile, sizeof makefile,
             "ESPOTA_HOST = 127.0.0.1\n"
             "ESPOTA_PORT = %s\n"
             "ESPOTA_AUTH_FILE = password\n"
             "ESPOTA_IMAGE = built.bin\n"
             "include %s\n"
             "built.bin: sketch.bin\n\tcp $< $@\n",
             board.port.text, installed("share/espota-c/espota.mk").text);
    write_file("Makefile", makefile);
    expect_update(program_run("make", ARGS("upload")), &board, &sketch);
}

Test(build_systems, make_sends_a_file_system)
{
    struct board board = protected_device();
    struct e2e_image files = e2e_image("littlefs.bin", build_littlefs(16384, E2E_SEED));
    char port[32];

    snprintf(port, sizeof port, "ESPOTA_PORT=%s", board.port.text);
    setenv("ESPOTA_AUTH", "secret", 1);
    struct process *make =
        program_run("make", ARGS("-f", installed("share/espota-c/espota.mk").text, "upload-fs",
                                 port, "ESPOTA_HOST=127.0.0.1", "ESPOTA_FS_IMAGE=littlefs.bin"));
    expect_update(make, &board, &files);
}

/* Whether the Makefile's own targets are before it or behind. */
Test(build_systems, make_alone_updates_nothing)
{
    static const char own[] = "all:\n\ttouch all\n";
    struct temp_path all = temp_path(&e2e_folder, "all");
    char makefile[2048];

    write_file("sketch.bin", "");
    for (int behind = 0; behind < 2; behind++) {
        snprintf(makefile, sizeof makefile, "%sinclude %s\n%s", behind ? "" : own,
                 installed("share/espota-c/espota.mk").text, behind ? own : "");
        write_file("Makefile", makefile);
        struct process *make = program_run(
            "make", ARGS("ESPOTA_C=false", "ESPOTA_HOST=127.0.0.1", "ESPOTA_IMAGE=sketch.bin"));
        expect_exit(make, 0);
        cr_assert_eq(unlink(all.text), 0, "the Makefile's own target is not made");
    }
}

/* ---- CMake ---- */

/* Folders that a shell takes apart, unless it is kept from it. */
#define PROJECT "the device's project"
#define BUILD   "built & sent"

/* Configure a project of these lines, with the package from where it is installed. */
static void configure(const char *lines)
{
    char project[4096];
    char prefix[TEMP_PATH_MAX + 32];

    snprintf(project, sizeof project,
             "cmake_minimum_required(VERSION 3.25)\nproject(blink LANGUAGES NONE)\n"
             "find_package(espota-c 0.1 REQUIRED)\n%s",
             lines);
    make_folders(PROJECT);
    write_file(PROJECT "/CMakeLists.txt", project);
    snprintf(prefix, sizeof prefix, "-DCMAKE_PREFIX_PATH=%s", installed("").text);
    struct process *cmake =
        program_run(CMAKE_PROGRAM, ARGS("-S", PROJECT, "-B", BUILD, "-G", "Ninja", prefix));
    expect_exit(cmake, 0);
    expect_no_err(cmake, "Warning");
}

static struct process *build(const char *target)
{
    return program_run(CMAKE_PROGRAM, ARGS("--build", BUILD, "--target", target));
}

Test(build_systems, cmake_sends_what_a_target_makes)
{
    struct board board = protected_device();
    struct e2e_image sketch = e2e_sketch(8192);
    char lines[2048];

    snprintf(
        lines, sizeof lines,
        "add_custom_target(blink COMMAND ${CMAKE_COMMAND} -E copy \"%s\" blink.bin)\n"
        "espota_upload(blink HOST 127.0.0.1 PORT %s FILE blink.bin AUTH_FILE \"../my password\"\n"
        "    OPTIONS --retries 0)\n",
        sketch.path.text, board.port.text);
    write_file("my password", "secret\n");
    configure(lines);
    expect_update(build("blink-upload"), &board, &sketch);
}

Test(build_systems, cmake_sends_a_file_system)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image files = e2e_image("littlefs.bin", build_littlefs(16384, E2E_SEED));
    char lines[2048];

    snprintf(lines, sizeof lines,
             "espota_upload(files HOST 127.0.0.1 PORT %s FILE \"%s\" FILESYSTEM)\n",
             board.port.text, files.path.text);
    configure(lines);
    expect_update(build("files-upload"), &board, &files);
}

/* A target is the image when none is named. */
Test(build_systems, cmake_sends_the_target_itself_to_several_devices)
{
    struct board first = board_start("flash1", ARGS("--bind", "127.0.0.61"));
    struct board second =
        board_start("flash2", ARGS("--bind", "127.0.0.62", "--port", first.port.text));
    struct e2e_image sketch = e2e_sketch(8192);
    char lines[2048];

    snprintf(lines, sizeof lines,
             "add_executable(blink IMPORTED)\n"
             "set_target_properties(blink PROPERTIES IMPORTED_LOCATION \"%s\")\n"
             "espota_upload(blink HOST 127.0.0.61 127.0.0.62 PORT %s)\n",
             sketch.path.text, first.port.text);
    configure(lines);
    struct process *cmake = build("blink-upload");
    expect_update(cmake, &first, &sketch);
    expect_update(cmake, &second, &sketch);
}

Test(build_systems, cmake_tells_what_is_missing)
{
    static const char project[] = "cmake_minimum_required(VERSION 3.25)\n"
                                  "project(blink LANGUAGES NONE)\n"
                                  "find_package(espota-c REQUIRED)\n"
                                  "espota_upload(blink FILE blink.bin)\n";
    char prefix[TEMP_PATH_MAX + 32];

    make_folders("project");
    write_file("project/CMakeLists.txt", project);
    snprintf(prefix, sizeof prefix, "-DCMAKE_PREFIX_PATH=%s", installed("").text);
    struct process *cmake = program_run(CMAKE_PROGRAM, ARGS("-S", "project", "-B", "out", prefix));
    expect_exit(cmake, 1);
    expect_err(cmake, "HOST must be there");
}

/* ---- espota.py ---- */

/* With the flags of a tool, in its order. */
static void expect_script(const char *program, const char *const *first)
{
    struct board board = protected_device();
    struct e2e_image sketch = e2e_sketch(8192);
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, first,
                   ARGS("--debug", "--progress", "-i", "127.0.0.1", "-p", board.port.text,
                        "--auth=secret", "-f", sketch.path.text));
    expect_update(program_run(program, argv), &board, &sketch);
}

Test(build_systems, espota_py_runs_as_a_program)
{
    expect_script(installed("share/espota-c/espota.py").text, ARGS(NULL));
}

Test(build_systems, espota_py_runs_by_python)
{
    expect_script(PYTHON, ARGS(installed("share/espota-c/espota.py").text));
    expect_script(PYTHON, ARGS("-I", installed("share/espota-c/espota.py").text));
}

Test(build_systems, espota_py_keeps_the_exit_code)
{
    struct process *script = program_run(
        PYTHON, ARGS(installed("share/espota-c/espota.py").text, "-i", "127.0.0.1", "-p", "x"));

    expect_exit(script, 2);
    expect_err(script, "-p takes");
}

Test(build_systems, espota_py_says_that_there_is_no_espota_c)
{
    setenv("PATH", "/nowhere", 1);
    struct process *script =
        program_run(PYTHON, ARGS(installed("share/espota-c/espota.py").text, "-h"));

    expect_exit(script, 1);
    expect_err(script, "it has to be installed, and in PATH\n");
    expect_no_err(script, "Traceback");
}

/* ---- PlatformIO ---- */

/* Put a text in place of another, wherever it is. */
static void replace(char *text, size_t size, const char *old, const char *value)
{
    char out[4096] = "";
    size_t len = 0;
    char *at = text;

    cr_assert_not_null(strstr(text, old), "no %s in %s", old, text);
    for (char *found; (found = strstr(at, old)); at = found + strlen(old)) {
        snprintf(out + len, sizeof out - len, "%.*s%s", (int)(found - at), at, value);
        len = strlen(out);
    }
    snprintf(out + len, sizeof out - len, "%s", at);
    snprintf(text, size, "%s", out);
}

/* An environment of the shipped platformio.ini, with blanks wherever there can be some. */
static void expect_platformio(const char *environment, const char *target,
                              struct built_image content)
{
    struct board board = protected_device();
    char *shipped = read_text(installed("share/espota-c/platformio/platformio.ini").text);
    char ini[4096];
    char name[64];
    char port[32];

    make_folders("my build");
    struct e2e_image image = e2e_image("my build/b c.bin", content);
    write_file("my devices.txt", "127.0.0.1\n");
    write_file("my password.txt", "secret\n");
    snprintf(port, sizeof port, "--port=%s", board.port.text);
    snprintf(ini, sizeof ini, "%s", shipped);
    free(shipped);
    replace(ini, sizeof ini, "192.168.1.40", "@my devices.txt");
    replace(ini, sizeof ini, "ota-password.txt", "my password.txt");
    replace(ini, sizeof ini, "--port=8266", port);
    replace(ini, sizeof ini, "/usr/share", installed("share").text);
    write_file("platformio.ini", ini);
    snprintf(name, sizeof name, "ENVIRONMENT=%s", environment);
    struct process *scons =
        program_run("scons", ARGS("-f", PLATFORMIO, name, "IMAGE=my build/b c.bin", target));
    expect_update(scons, &board, &image);
}

Test(build_systems, platformios_upload_command)
{
    expect_platformio("espota", "upload", build_esp8266(8192, E2E_SEED));
}

Test(build_systems, platformios_extra_script_sends_a_sketch)
{
    expect_platformio("espota_script", "upload", build_esp8266(8192, E2E_SEED));
}

Test(build_systems, platformios_extra_script_sends_a_file_system)
{
    expect_platformio("espota_script", "uploadfs", build_littlefs(16384, E2E_SEED));
}

/* What the documentation shows is what is shipped, and tested above. */
Test(build_systems, platformio_ini_is_that_of_the_documentation)
{
    static const char *const files[] = { README, INTEGRATION_README };
    char *ini = read_text(installed("share/espota-c/platformio/platformio.ini").text);
    char *lines = strstr(ini, "upload_protocol");
    char *end = strstr(lines, "\n\n");

    cr_assert_not_null(end);
    end[1] = '\0';
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *text = read_text(files[i]);
        cr_assert_not_null(strstr(text, lines), "%s does not have\n%s", files[i], lines);
        free(text);
    }
    free(ini);
}
