#include "pull_scene.h"

#include <stdio.h>
#include <string.h>

const struct web_answer pull_nothing_new = { .text = "HTTP/1.0 304 Not Modified\r\n\r\n" };

struct web_answer pull_offer(char head[PULL_HEAD_SIZE], const struct e2e_image *image,
                             const char *fields)
{
    snprintf(head, PULL_HEAD_SIZE, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nx-MD5: %s\r\n%s\r\n",
             image->content.size, e2e_md5(&image->content).text, fields);
    return (struct web_answer){ .text = head,
                                .body = image->content.bytes,
                                .len = image->content.size };
}

struct web_answer pull_half_an_offer(char head[PULL_HEAD_SIZE], const struct e2e_image *image)
{
    struct web_answer answer = pull_offer(head, image, "");

    answer.len /= 2;
    answer.then = WEB_HOLD;
    return answer;
}

struct board pull_board_with(const struct e2e_image *sketch)
{
    struct board board = board_start("flash", NULL);
    char rest[BOARD_LINE_MAX];

    upload_succeeds(&board, sketch, NULL);
    board_says(&board, "restarted", rest);
    board_stop(&board);
    return board;
}

void pull_expect_header(const char *request, const char *name, const char *value)
{
    char line[160];

    snprintf(line, sizeof line, "\r\n%s: %s\r\n", name, value);
    cr_assert_not_null(strstr(request, line), "no \"%s: %s\" in:\n%s", name, value, request);
}

unsigned pull_count_said(const struct board *board, const char *text)
{
    unsigned count = 0;

    for (const char *at = board->process->out.text; (at = strstr(at, text)); at++)
        count++;
    return count;
}
