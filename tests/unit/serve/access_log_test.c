#include "cli/serve/access_log.h"

#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct access_entry usual = {
    .address = "192.168.1.40",
    .when = 1795375596,
    .method = "GET",
    .target = "/",
    .protocol = "HTTP/1.0",
    .status = 304,
    .user_agent = "ESP8266-http-Update",
    .device = "18:FE:AA:AA:AA:AA",
    .decision = "same-version",
};

#define USUAL                                                                       \
    "192.168.1.40 - - [22/Nov/2026:19:26:36 +0000] \"GET / HTTP/1.0\" 304 0 \"-\" " \
    "\"ESP8266-http-Update\" 18:FE:AA:AA:AA:AA same-version\n"

static const char *format(const struct access_entry *entry)
{
    static char line[ACCESS_LINE_SIZE + 1];

    line[access_entry_format(entry, line, ACCESS_LINE_SIZE)] = '\0';
    return line;
}

Test(access_log, who_was_let_in_is_named_in_its_place)
{
    struct access_entry entry = usual;

    entry.user = "lamp";
    cr_expect_not_null(strstr(format(&entry), "192.168.1.40 - lamp [22/Nov/2026:"));
    entry.user = "a b\n[\"";
    const char *line = format(&entry);
    cr_expect_not_null(strstr(line, "192.168.1.40 - a\\x20b\\x0A[\\x22 [22/"), "%s", line);
}

Test(access_log, line_is_the_combined_format_and_the_decision)
{
    struct access_entry entry = usual;

    cr_assert_str_eq(format(&entry), USUAL);
    entry.bytes = UINT64_MAX;
    entry.when = 0;
    entry.referer = "http://example/";
    cr_assert_str_eq(format(&entry),
                     "192.168.1.40 - - [01/Jan/1970:00:00:00 +0000] \"GET / HTTP/1.0\" 304 "
                     "18446744073709551615 \"http://example/\" \"ESP8266-http-Update\" "
                     "18:FE:AA:AA:AA:AA same-version\n");
    cr_assert_str_eq(format(&(struct access_entry){ .status = 400 }),
                     "- - - [01/Jan/1970:00:00:00 +0000] \"-\" 400 0 \"-\" \"-\" - -\n");
    cr_assert_not_null(strstr(format(&(struct access_entry){ .when = INT64_MAX }), "/1970:"));
}

Test(access_log, hostile_texts_stay_in_their_place)
{
    struct access_entry entry = usual;

    entry.target = "/a b\"c\\d\r\n\x1b[2J\x7f\xff\xc3\xa4";
    entry.user_agent = "x\" 200 0 \"y\nfake";
    entry.device = "a b";
    entry.decision = "\t";
    cr_assert_str_eq(format(&entry),
                     "192.168.1.40 - - [22/Nov/2026:19:26:36 +0000] \"GET "
                     "/a\\x20b\\x22c\\x5Cd\\x0D\\x0A\\x1B[2J\\x7F\\xFF\\xC3\\xA4 HTTP/1.0\" 304 0 "
                     "\"-\" \"x\\x22 200 0 \\x22y\\x0Afake\" a\\x20b \\x09\n");
}

Test(access_log, long_texts_are_cut_and_crowd_nothing_out)
{
    static char text[5000];
    struct access_entry entry = usual;

    for (unsigned byte = 1; byte < 256; byte += 60) {
        memset(text, (int)byte, sizeof text - 1);
        entry.address = entry.user = entry.method = entry.target = entry.protocol = text;
        entry.referer = entry.user_agent = entry.device = text;
        const char *line = format(&entry);
        size_t len = strlen(line);
        cr_expect_lt(len, ACCESS_LINE_SIZE);
        cr_expect_str_eq(line + len - 14, " same-version\n");
        cr_expect_eq(strchr(line, '\n'), line + len - 1);
        unsigned quotes = 0;
        for (const char *at = line; *at; at++)
            quotes += *at == '"';
        cr_expect_eq(quotes, 6);
    }
}

Test(access_log, a_line_never_takes_more_room_than_there_is)
{
    struct access_entry entry = usual;

    entry.target = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
    for (size_t size = 0; size < 200; size++) {
        char *out = malloc(size ? size : 1);
        size_t len = access_entry_format(&entry, out, size);
        cr_expect_leq(len, size);
        cr_expect(size == 0 || out[len - 1] == '\n');
        free(out);
    }
}

static struct access_log *open_log(const char *path)
{
    struct failure failure = { 0 };
    struct access_log *log = access_log_open(path, &failure);

    cr_assert_not_null(log, "%s", failure.text);
    return log;
}

/* Lines of a file; each is checked to be whole. */
static unsigned lines_of(const char *path)
{
    unsigned lines = 0;
    char *text = file_read(path, NULL);

    cr_assert_not_null(text);
    for (const char *at = text; *at; at += strlen(USUAL)) {
        cr_assert_eq(strncmp(at, USUAL, strlen(USUAL)), 0, "%s", at);
        lines++;
    }
    free(text);
    return lines;
}

Test(access_log, lines_are_appended_and_flushed)
{
    struct temp temp;

    cr_assert(temp_create(&temp));
    struct temp_path path = temp_path(&temp, "access.log");
    for (unsigned round = 1; round <= 2; round++) {
        struct access_log *log = open_log(path.text);
        access_log_write(log, &usual);
        cr_assert_eq(lines_of(path.text), 3 * round - 3);
        cr_assert(access_log_flush(log));
        cr_assert_eq(lines_of(path.text), 3 * round - 2);
        access_log_write(log, &usual);
        access_log_write(log, &usual);
        access_log_close(log);
        cr_assert_eq(lines_of(path.text), 3 * round);
    }
    access_log_close(NULL);
    temp_remove(&temp);
}

Test(access_log, many_lines_do_not_wait_for_a_flush)
{
    struct temp temp;

    cr_assert(temp_create(&temp));
    struct temp_path path = temp_path(&temp, "access.log");
    struct access_log *log = open_log(path.text);
    for (unsigned i = 0; i < 10000; i++)
        access_log_write(log, &usual);
    cr_assert_gt(lines_of(path.text) + 700, 10000);
    access_log_close(log);
    cr_assert_eq(lines_of(path.text), 10000);
    temp_remove(&temp);
}

Test(access_log, after_rotation_lines_go_to_the_new_file)
{
    struct temp temp;
    struct failure failure = { 0 };

    cr_assert(temp_create(&temp));
    struct temp_path path = temp_path(&temp, "access.log");
    struct temp_path old = temp_path(&temp, "access.log.1");
    struct access_log *log = open_log(path.text);
    access_log_write(log, &usual);
    cr_assert_eq(rename(path.text, old.text), 0);
    access_log_write(log, &usual);
    cr_assert(access_log_reopen(log, &failure));
    access_log_write(log, &usual);
    cr_assert(access_log_flush(log));
    cr_assert_eq(lines_of(old.text), 2);
    cr_assert_eq(lines_of(path.text), 1);

    /* When it cannot be opened again, the old one goes on. */
    cr_assert_eq(unlink(path.text), 0);
    cr_assert_eq(mkdir(path.text, 0755), 0);
    cr_assert_not(access_log_reopen(log, &failure));
    cr_assert_not_null(strstr(failure.text, "Is a directory"), "%s", failure.text);
    access_log_write(log, &usual);
    cr_assert(access_log_flush(log));
    cr_assert_eq(access_log_lost(log), 0);
    access_log_close(log);
    temp_remove(&temp);
}

Test(access_log, a_full_disk_is_told_once_and_loses_only_what_there_is_no_room_for)
{
    struct access_log *log = open_log("/dev/full");

    access_log_write(log, &usual);
    errno = 0;
    cr_assert_not(access_log_flush(log));
    cr_assert_eq(errno, ENOSPC);
    cr_assert(access_log_flush(log), "it was told");
    cr_assert_eq(access_log_lost(log), 0);
    for (unsigned i = 0; i < 2000; i++)
        access_log_write(log, &usual);
    cr_assert(access_log_flush(log));
    cr_assert_gt(access_log_lost(log), 1000);
    access_log_close(log);
}

Test(access_log, a_pipe_that_nobody_reads_is_never_waited_for)
{
    struct temp temp;
    struct failure failure = { 0 };
    static char text[200000];
    size_t len = 0;
    ssize_t n;

    cr_assert(temp_create(&temp));
    struct temp_path path = temp_path(&temp, "fifo");
    cr_assert_eq(mkfifo(path.text, 0600), 0);
    cr_assert_null(access_log_open(path.text, &failure));
    cr_assert_not_null(strstr(failure.text, path.text));
    int reader = open(path.text, O_RDONLY | O_NONBLOCK);
    struct access_log *log = open_log(path.text);
    for (unsigned i = 0; i < 5000; i++)
        access_log_write(log, &usual);
    cr_assert_not(access_log_flush(log));
    cr_assert_eq(errno, EAGAIN);
    cr_assert(access_log_flush(log));
    cr_assert_gt(access_log_lost(log), 0);

    /* When it is read again, all that was kept comes, in whole lines. */
    while (len < sizeof text - 1) {
        n = read(reader, text + len, sizeof text - 1 - len);
        if (n <= 0 && errno == EAGAIN) {
            size_t before = len;
            access_log_flush(log);
            n = read(reader, text + len, sizeof text - 1 - len);
            if (n <= 0 && len == before)
                break;
        }
        len += (size_t)n;
    }
    cr_assert_eq(len, (5000 - access_log_lost(log)) * strlen(USUAL));
    cr_assert_str_eq(text + len - strlen(USUAL), USUAL);

    /* And when it is gone, no signal comes. */
    close(reader);
    access_log_write(log, &usual);
    cr_assert_not(access_log_flush(log));
    cr_assert_eq(errno, EPIPE);
    access_log_close(log);
    temp_remove(&temp);
}

/* Make `fd` the standard output for as long as a log is opened. */
static struct access_log *open_on_stdout(int fd)
{
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);

    cr_assert_eq(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    struct access_log *log = open_log("-");
    cr_assert_eq(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
    close(saved);
    return log;
}

Test(access_log, standard_output_is_not_waited_for_nor_changed)
{
    int pair[2];
    struct failure failure = { 0 };

    for (unsigned is_socket = 0; is_socket < 2; is_socket++) {
        if (is_socket)
            cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        else
            cr_assert_eq(pipe(pair), 0);
        int out = is_socket ? pair[0] : pair[1];
        int in = is_socket ? pair[1] : pair[0];
        struct access_log *log = open_on_stdout(out);
        cr_assert(access_log_reopen(log, &failure));
        cr_assert_eq(fcntl(out, F_GETFL) & O_NONBLOCK, 0);
        for (unsigned i = 0; i < 20000; i++)
            access_log_write(log, &usual);
        access_log_flush(log);
        cr_expect_gt(access_log_lost(log), 0, "socket %u", is_socket);
        char line[sizeof USUAL] = "";
        cr_expect_eq(read(in, line, sizeof line - 1), sizeof line - 1);
        cr_expect_str_eq(line, USUAL);
        close(in);
        cr_expect_not(access_log_flush(log));
        cr_expect_eq(errno, EPIPE);
        access_log_close(log);
        close(out);
    }
}

Test(access_log, standard_output_may_be_a_file_that_others_write_to)
{
    struct temp temp;

    cr_assert(temp_create(&temp));
    struct temp_path path = temp_path(&temp, "out");
    int fd = open(path.text, O_WRONLY | O_CREAT, 0600);
    struct access_log *log = open_on_stdout(fd);
    cr_assert_eq(write(fd, USUAL, strlen(USUAL)), strlen(USUAL));
    access_log_write(log, &usual);
    cr_assert(access_log_flush(log));
    cr_assert_eq(write(fd, USUAL, strlen(USUAL)), strlen(USUAL));
    access_log_write(log, &usual);
    access_log_close(log);
    close(fd);
    cr_assert_eq(lines_of(path.text), 4);
    temp_remove(&temp);
}
