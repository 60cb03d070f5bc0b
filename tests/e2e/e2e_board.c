#include "e2e_board.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What it says until it listens, and where that is. */
static void hear_start(struct board *board)
{
    struct process *process = board->process;
    char line[BOARD_LINE_MAX];

    do {
        bool said = process_read_line(process, &process->out, line, sizeof line, E2E_PATIENCE_MS);
        cr_assert(said, "the device does not listen; stdout:\n%s\nstderr:\n%s", process->out.text,
                  process->err.text);
        if (strncmp(line, "boot ", 5) == 0)
            snprintf(board->boot, sizeof board->boot, "%s", line + 5);
    } while (strncmp(line, "listening ", 10) != 0);
    board_value(board->address, line, "address");
    board->port = port_text(board_number(line, "port"));
}

struct board board_start(const char *flash, const char *const *args)
{
    struct board board = { .flash = temp_path(&e2e_folder, flash) };

    board_start_again(&board, args);
    return board;
}

void board_start_again(struct board *board, const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(
        argv, ARGS("--no-mdns", "--bind", "127.0.0.1", "--port", "0", "--flash", board->flash.text),
        args);
    board->process = program_start(E2E_DEVICE, argv, NULL);
    board->boot[0] = '\0';
    hear_start(board);
}

void board_says(const struct board *board, const char *word, char rest[BOARD_LINE_MAX])
{
    struct process *process = board->process;
    char line[BOARD_LINE_MAX];
    size_t len = strlen(word);

    do {
        bool said = process_read_line(process, &process->out, line, sizeof line, E2E_PATIENCE_MS);
        cr_assert(said, "the device never says \"%s\"; stdout:\n%s\nstderr:\n%s", word,
                  process->out.text, process->err.text);
    } while (strncmp(line, word, len) != 0 || (line[len] != ' ' && line[len] != '\0'));
    len += line[len] == ' ' ? 1 : 0;
    memcpy(rest, line + len, strlen(line + len) + 1);
}

void board_value(char out[BOARD_VALUE_MAX], const char *rest, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = rest; *at != '\0'; at += strspn(at, " ")) {
        const char *value = at + strcspn(at, "= ");
        bool found = (size_t)(value - at) == len && strncmp(at, name, len) == 0 && *value == '=';
        bool quoted = value[0] == '=' && value[1] == '"';
        value += (*value == '=') + quoted;
        size_t size = strcspn(value, quoted ? "\"" : " ");
        if (found) {
            cr_assert_lt(size, BOARD_VALUE_MAX, "%s in: %s", name, rest);
            snprintf(out, BOARD_VALUE_MAX, "%.*s", (int)size, value);
            return;
        }
        at = value + size + (value[size] == '"');
    }
    cr_assert_fail("no %s in: %s", name, rest);
}

uint32_t board_number(const char *rest, const char *name)
{
    char text[BOARD_VALUE_MAX];
    char *end;

    board_value(text, rest, name);
    unsigned long number = strtoul(text, &end, 0);
    cr_assert(end != text && *end == '\0' && number <= UINT32_MAX, "%s in: %s", name, rest);
    return (uint32_t)number;
}

struct board_image board_updated(const struct board *board)
{
    struct board_image stored;
    char rest[BOARD_LINE_MAX];

    board_says(board, "updated", rest);
    board_value(stored.target, rest, "target");
    board_value(stored.md5, rest, "md5");
    stored.offset = board_number(rest, "offset");
    stored.size = board_number(rest, "size");
    return stored;
}

void board_failed(const struct board *board, unsigned error)
{
    char rest[BOARD_LINE_MAX];

    board_says(board, "failed", rest);
    cr_assert_eq(board_number(rest, "error"), error, "%s", rest);
}

void board_stop(const struct board *board)
{
    process_signal(board->process, SIGTERM);
    program_finish(board->process);
    expect_exit(board->process, 0);
    expect_silent(board->process->err);
}

struct process *upload_start(const struct board *board, const struct e2e_image *image,
                             const char *const *args, const struct program_options *options)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, ARGS("-i", board->address, "-p", board->port.text, "-f", image->path.text),
                   args);
    return program_start(E2E_UPLOADER, argv, options);
}

struct process *upload_run(const struct board *board, const struct e2e_image *image,
                           const char *const *args)
{
    struct process *uploader = upload_start(board, image, args, NULL);

    program_finish(uploader);
    return uploader;
}

struct board_image upload_succeeds(const struct board *board, const struct e2e_image *image,
                                   const char *const *args)
{
    struct process *uploader = upload_run(board, image, args);

    expect_exit(uploader, 0);
    struct board_image stored = board_updated(board);
    expect_in_flash(board, &stored, image);
    return stored;
}

uint8_t *board_flash(const struct board *board, size_t *size)
{
    char *flash = file_read(board->flash.text, size);

    cr_assert(flash, "%s cannot be read", board->flash.text);
    return (uint8_t *)flash;
}

void expect_in_flash(const struct board *board, const struct board_image *stored,
                     const struct e2e_image *image)
{
    size_t flash_size = 0;
    uint8_t *flash = board_flash(board, &flash_size);

    cr_assert_eq(stored->size, image->content.size);
    cr_assert_str_eq(stored->md5, e2e_md5(&image->content).text);
    cr_assert_leq((size_t)stored->offset + stored->size, flash_size);
    cr_assert_eq(memcmp(flash + stored->offset, image->content.bytes, stored->size), 0,
                 "flash holds something else at 0x%" PRIx32, stored->offset);
    free(flash);
}
