/*
 * What people see: the progress bar on a terminal, plain lines without one, and never a byte of a
 * device's that a terminal would obey.
 */
#include "e2e.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

E2E_SUITE(terminal);

#define CONNECTS        DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT
#define TAKES_THE_IMAGE CONNECTS, DEVICE_READ_ALL
#define IS_UPDATED      DEVICE_WRITE("OK"), DEVICE_END
#define PIECE           DEVICE_READ(60000), DEVICE_SLEEP(150)

/* A device that takes its time, so that the bar is drawn several times. */
static const struct device_step slow[] = { CONNECTS, PIECE, PIECE,           PIECE,     PIECE,
                                           PIECE,    PIECE, DEVICE_READ_ALL, IS_UPDATED };
static const struct device_options slow_reader = { .receive_buffer = 4096 };

static void run_on_terminal(struct act *act, const struct device_step *script,
                            const char *const *args, unsigned short columns)
{
    act_run_with(act, script, args,
                 &(struct act_options){ .image_size = 512u * 1024,
                                        .device = &slow_reader,
                                        .uploader = { .columns = columns } });
}

/* ---- what a terminal shows ---- */

#define LINES_MAX  32
#define COLUMN_MAX 512

/* The lines that are left standing, without spaces at their ends. */
struct screen {
    char line[LINES_MAX][COLUMN_MAX];
    size_t lines;
};

static void end_line(struct screen *screen)
{
    char *line = screen->line[screen->lines];
    size_t len = strlen(line);

    while (len > 0 && line[len - 1] == ' ')
        line[--len] = '\0';
    cr_assert_lt(screen->lines, LINES_MAX - 1);
    screen->lines++;
}

static struct screen show(const struct process_stream *stream)
{
    struct screen screen = { .lines = 0 };
    size_t column = 0;

    for (size_t i = 0; i < stream->len; i++) {
        char c = stream->text[i];
        if (c == '\n')
            end_line(&screen);
        else if (c != '\r')
            screen.line[screen.lines][column++] = c;
        if (c == '\r' || c == '\n')
            column = 0;
        cr_assert_lt(column, COLUMN_MAX);
    }
    return screen;
}

static bool is_bar(const char *text)
{
    while (*text == ' ')
        text++;
    while (isdigit((unsigned char)*text))
        text++;
    return *text == '%';
}

/* Every drawing of the bar, and every blanking of it, stays within the width. */
static void expect_bars_within(const struct process_stream *stream, size_t columns, size_t drawings)
{
    size_t count = 0;

    for (const char *at = strchr(stream->text, '\r'); at; at = strchr(at + 1, '\r')) {
        size_t len = strcspn(at + 1, "\r\n");
        if (!is_bar(at + 1) && strspn(at + 1, " ") != len)
            continue;
        count++;
        cr_assert_lt(len, columns, "it does not fit: %.*s", (int)len, at + 1);
    }
    cr_assert_geq(count, drawings, "drawn %zu times", count);
}

/* Nothing but printable ASCII and what moves the cursor by itself. */
static void expect_harmless(const struct process_stream *stream)
{
    for (size_t i = 0; i < stream->len; i++) {
        unsigned char c = (unsigned char)stream->text[i];
        cr_assert((c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r', "a byte 0x%02x in: %s", c,
                  stream->text);
    }
}

/* ---- the bar ---- */

static void expect_good_bar(unsigned short columns)
{
    struct act act;

    run_on_terminal(&act, slow, NULL, columns);
    expect_exit(act.uploader, 0);
    expect_silent(act.uploader->out);
    expect_bars_within(&act.uploader->err, columns, 4);
    expect_harmless(&act.uploader->err);
    struct screen screen = show(&act.uploader->err);
    cr_assert_eq(screen.lines, 3, "%s", act.uploader->err.text);
    cr_assert(strstr(screen.line[0], "Sending "), "%s", screen.line[0]);
    cr_assert_eq(strncmp(screen.line[1], "100%", 4), 0, "%s", screen.line[1]);
    cr_assert(strstr(screen.line[2], "127.0.0.1: updated: 524288 bytes in "), "%s", screen.line[2]);
}

Test(terminal, bar_fits_80_columns)
{
    expect_good_bar(80);
}

Test(terminal, bar_fits_40_columns)
{
    expect_good_bar(40);
}

Test(terminal, bar_fits_10_columns)
{
    expect_good_bar(10);
}

Test(terminal, bar_makes_way_for_a_message)
{
    static const struct device_step script[] = { CONNECTS,     PIECE,           PIECE,
                                                 DEVICE_RESET, TAKES_THE_IMAGE, IS_UPDATED };
    struct act act;

    run_on_terminal(&act, script, NULL, 100);
    expect_exit(act.uploader, 0);
    struct screen screen = show(&act.uploader->err);
    cr_assert_eq(screen.lines, 4, "%s", act.uploader->err.text);
    cr_assert(strstr(screen.line[1], "; trying again (1 of 2)"), "%s", screen.line[1]);
    cr_assert_not(strchr(screen.line[1], '%'), "the bar was not cleared: %s", screen.line[1]);
}

Test(terminal, bar_makes_way_for_an_error)
{
    static const struct device_step script[] = { CONNECTS, PIECE, PIECE,
                                                 DEVICE_WRITE("ERROR[1]: Flash Write Failed\n"),
                                                 DEVICE_END };
    struct act act;

    run_on_terminal(&act, script, NULL, 80);
    expect_exit(act.uploader, 8);
    struct screen screen = show(&act.uploader->err);
    cr_assert_str_eq(screen.line[1],
                     "espota-c: 127.0.0.1: the device reports: ERROR[1]: Flash Write Failed");
}

Test(terminal, has_no_bar_when_quiet)
{
    struct act act;

    run_on_terminal(&act, slow, ARGS("-q"), 80);
    expect_exit(act.uploader, 0);
    expect_silent(act.uploader->err);
}

Test(terminal, has_lines_for_several_devices)
{
    struct act act;

    run_on_terminal(&act, slow, ARGS("-i", "127.0.0.75"), 80);
    expect_exit(act.uploader, 5);
    expect_err(act.uploader, "127.0.0.1:  50%");
    expect_no_err(act.uploader, "\r");
}

/* ---- without a terminal ---- */

Test(terminal, is_not_needed)
{
    struct act act;

    run_on_terminal(&act, slow, NULL, 0);
    expect_exit(act.uploader, 0);
    expect_no_err(act.uploader, "\r");
    expect_err_times(act.uploader, "\n 25%", 1);
    expect_err_times(act.uploader, "\n 50%", 1);
    expect_err(act.uploader, "updated: 524288 bytes");
}

Test(terminal, is_not_needed_for_a_bar)
{
    struct act act;

    run_on_terminal(&act, slow, ARGS("-r"), 0);
    expect_exit(act.uploader, 0);
    expect_bars_within(&act.uploader->err, 80, 4);
    struct screen screen = show(&act.uploader->err);
    cr_assert_eq(screen.lines, 3, "%s", act.uploader->err.text);
}

/* ---- hostile text ---- */

#define HOSTILE                       \
    "\x1b]0;owned\x07\x1b[2J\xc2\x9b" \
    "31m\r\x08\xff\x00 end"

Test(terminal, obeys_no_error_text)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE,
                                                 DEVICE_WRITE("ERROR[99]: " HOSTILE "\n"),
                                                 DEVICE_END };
    struct act act;

    run_on_terminal(&act, script, NULL, 80);
    expect_exit(act.uploader, 8);
    expect_harmless(&act.uploader->err);
    expect_err(act.uploader, "\\x1b]0;owned\\x07\\x1b[2J");
}

Test(terminal, obeys_no_refusal)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER("ERR: " HOSTILE),
                                                 DEVICE_END };
    struct act act;

    run_on_terminal(&act, script, NULL, 80);
    expect_exit(act.uploader, 8);
    expect_harmless(&act.uploader->err);
    expect_err(act.uploader, "\\x1b[2J");
}

Test(terminal, obeys_no_ignored_datagram)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER(HOSTILE),
                                                 DEVICE_ANSWER("OK"),
                                                 DEVICE_ANSWER("ERR: " HOSTILE), DEVICE_END };
    struct act act;

    run_on_terminal(&act, script, ARGS("-d", "-t", "1"), 80);
    expect_exit(act.uploader, 7);
    expect_harmless(&act.uploader->err);
    expect_err(act.uploader, "ignored: \"\\x1b]0;owned");
    expect_err(act.uploader, "it said: \\x1b]0;owned");
}

Test(terminal, obeys_no_name)
{
    struct e2e_image noise = e2e_image("a\x1b[2Jb.bin", build_noise(5000, E2E_SEED));
    struct process *refused =
        program_start(E2E_UPLOADER, ARGS("-i", "127.0.0.1", "-f", noise.path.text),
                      &(struct program_options){ .columns = 80 });

    program_finish(refused);
    expect_exit(refused, 3);
    expect_harmless(&refused->err);
    struct e2e_image sketch = e2e_sketch(8192);
    struct process *lost =
        program_start(E2E_UPLOADER, ARGS("-i", "\x1b[2J..", "-t", "3", "-f", sketch.path.text),
                      &(struct program_options){ .columns = 80 });
    program_finish(lost);
    expect_exit(lost, 4);
    expect_harmless(&lost->err);
}
