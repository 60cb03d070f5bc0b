/*
 * What the end-to-end tests share: the two programs as a stranger runs them, images to send, and
 * expectations about exit code, stdout and stderr. Failures end the test and show all three.
 *
 * Every test runs in a folder of its own, which is there while it lives: name its suite with
 * E2E_SUITE. Nothing is taken from the environment, and every wait is bounded.
 */
#ifndef TESTS_E2E_H
#define TESTS_E2E_H

#include "tests/support/image_builder.h"
#include "tests/support/process.h"
#include "tests/support/scripted_device.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds after which a program that should have ended, or said something, hangs. */
#define E2E_PATIENCE_MS 30000

#define E2E_SUITE(name) TestSuite(name, .init = e2e_setup, .fini = e2e_teardown, .timeout = 90)

void e2e_setup(void);
void e2e_teardown(void);

/* The test's folder. */
extern struct temp e2e_folder;

/* A command line's arguments, without the program's name. */
#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Two of them, the second may be NULL, as one; its end included. */
#define ARGUMENTS_MAX 64
void join_arguments(const char *out[ARGUMENTS_MAX], const char *const *first,
                    const char *const *second);

/* ---- images ---- */

/* The seed of e2e_sketch()'s content. */
#define E2E_SEED 7u

/* A file in the folder, and what is in it. */
struct e2e_image {
    struct temp_path path;
    struct built_image content; /* released after the test */
};

/* Write an image to the folder. */
struct e2e_image e2e_image(const char *name, struct built_image content);

/* The MD5 of an image, as hexadecimal text. */
struct md5_text {
    char text[HEX_SIZE(DIGEST_MD5_SIZE)];
};

struct md5_text e2e_md5(const struct built_image *content);

/* An ESP8266 sketch of about `size` bytes, as sketch.bin. */
struct e2e_image e2e_sketch(size_t size);

/* ---- the programs ---- */

/* Programs are released after the test, and killed if they still run then. */

struct program_options {
    const char *const *environment; /* as in process.h, or NULL */
    unsigned short columns;         /* of a terminal for stderr; 0: none */
    bool terminal;                  /* stdin and stderr are a terminal, with a person before it */
    bool stdout_terminal;           /* stdout is one, of `columns`, and stderr none */
    unsigned short rows;            /* of the terminal; 0: 24 */
};

/* Start a program in the folder; `args` (or NULL) without its name; `options` may be NULL. */
struct process *program_start(const char *program, const char *const *args,
                              const struct program_options *options);

/* Wait for its end: it must come, and no sanitizer may have complained. */
void program_finish(struct process *program);

/* Start and finish. */
struct process *program_run(const char *program, const char *const *args);

/* espota-c */
#define uploader_run(args) program_run(E2E_UPLOADER, (args))

/* ---- a scripted device ---- */

/* A port as text, usable in an argument list. */
struct port_text {
    char text[8];
};

struct port_text port_text(unsigned port);

/* Begin a script; `options` may be NULL. */
struct scripted_device *device_play(const struct device_step *script,
                                    const struct device_options *options);

/* One upload to a scripted device, and what both ends saw. */
struct act {
    struct e2e_image image;
    struct process *uploader;
    struct scripted_device *device; /* NULL once it has ended */
    struct device_record seen;      /* once it has ended */
};

struct act_options {
    size_t image_size;                   /* 0: a small sketch */
    const struct device_options *device; /* or NULL */
    struct program_options uploader;
};

/*
 * Start `espota-c -i DEVICE -p PORT -f IMAGE` and `args` (or NULL) against a script. `options` may
 * be NULL.
 */
void act_start(struct act *act, const struct device_step *script, const char *const *args,
               const struct act_options *options);

/* Wait until so many steps of the script are done. */
void act_reaches(struct act *act, size_t steps);

/* Wait for the uploader's end, then for the device's. */
void act_finish(struct act *act);

/* Both. The script must be done to its end. */
void act_run(struct act *act, const struct device_step *script, const char *const *args);
void act_run_with(struct act *act, const struct device_step *script, const char *const *args,
                  const struct act_options *options);

/* ---- expectations ---- */

void expect_exit_at(const char *file, int line, const struct process *program, int code);
void expect_said_at(const char *file, int line, const struct process *program,
                    const struct process_stream *stream, const char *text, int times);

#define TIMES_ANY (-1)

/* The program ended with this exit code (128 + the signal it died by). */
#define expect_exit(program, code) expect_exit_at(__FILE__, __LINE__, (program), (code))

/* What people and programs were told: somewhere in the stream, nowhere, or so many times. */
#define expect_err(program, text) \
    expect_said_at(__FILE__, __LINE__, (program), &(program)->err, (text), TIMES_ANY)
#define expect_no_err(program, text) \
    expect_said_at(__FILE__, __LINE__, (program), &(program)->err, (text), 0)
#define expect_err_times(program, text, times) \
    expect_said_at(__FILE__, __LINE__, (program), &(program)->err, (text), (times))
#define expect_out(program, text) \
    expect_said_at(__FILE__, __LINE__, (program), &(program)->out, (text), TIMES_ANY)
#define expect_no_out(program, text) \
    expect_said_at(__FILE__, __LINE__, (program), &(program)->out, (text), 0)

/* The latest connection brought the image that was announced, and stayed open for the verdict. */
void expect_received(const struct act *act);

/* Nothing at all was written to the stream. */
#define expect_silent(stream) \
    cr_assert_eq((stream).len, 0, "this should not be said: %s", (stream).text)

#endif
