#include "e2e_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

char list_text[LIST_TEXT_MAX];
static struct temp_path list_path;
static char list_argument[sizeof list_path.text + 1];

void list_line(const char *format, ...)
{
    size_t len = strlen(list_text);
    va_list args;

    va_start(args, format);
    vsnprintf(list_text + len, sizeof list_text - len, format, args);
    va_end(args);
    len = strlen(list_text);
    cr_assert_lt(len + 2, sizeof list_text);
    memcpy(list_text + len, "\n", 2);
}

const char *list_written(void)
{
    list_path = temp_path(&e2e_folder, "fleet.txt");
    cr_assert(file_write(list_path.text, list_text, strlen(list_text)));
    snprintf(list_argument, sizeof list_argument, "@%s", list_path.text);
    return list_argument;
}

void list_file_write(const char *name, const char *text)
{
    cr_assert(file_write(temp_path(&e2e_folder, name).text, text, strlen(text)));
}

struct board listed(unsigned number, const char *password, const char *rest)
{
    char address[24];
    char flash[24];

    snprintf(address, sizeof address, "127.0.0.%u", number);
    snprintf(flash, sizeof flash, "flash-%u", number);
    struct board board =
        board_start(flash, password ? ARGS("--bind", address, "--password", password)
                                    : ARGS("--bind", address));
    list_line("%s port=%s %s", address, board.port.text, rest);
    return board;
}

const char *told(const struct process *uploader, const char *event, unsigned number)
{
    char text[96];

    snprintf(text, sizeof text, "{\"event\":\"%s\",\"device\":\"127.0.0.%u\"", event, number);
    const char *at = strstr(uploader->out.text, text);
    cr_assert(at, "no %s in: %s", text, uploader->out.text);
    return at;
}

void expect_result(const struct process *uploader, unsigned number, const char *status, int code)
{
    char text[128];

    snprintf(text, sizeof text, "\"device\":\"127.0.0.%u\",\"status\":\"%s\",\"code\":%d,", number,
             status, code);
    expect_out(uploader, text);
}

void expect_untouched(const struct board *board)
{
    board_stop(board);
    expect_no_out(board->process, "invited ");
}

struct process *run_list(const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    e2e_sketch(8192);
    join_arguments(argv, ARGS("-f", "sketch.bin", "-i", list_written()), args);
    return uploader_run(argv);
}
