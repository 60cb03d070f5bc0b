#include "cli/integration/line_writer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT ((size_t)1 << 20)

static struct event_base *base;
static struct line_writer *writer;
static int fds[2];
static unsigned drains, failures;
static int failure;

static void drained(void *ctx)
{
    cr_assert_eq(ctx, fds);
    cr_assert_eq(line_writer_pending(writer), 0u);
    drains++;
}

static void failed(void *ctx, int error)
{
    cr_assert_eq(ctx, fds);
    failures++;
    failure = error;
}

static void use(int fd)
{
    const struct line_writer_options options = { fd, LIMIT, drained, failed, fds };

    writer = line_writer_new(base, &options);
    cr_assert_not_null(writer);
}

static void enter(void)
{
    struct event_config *config = event_config_new();

    signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(pipe(fds), 0);
    cr_assert_eq(event_config_require_features(config, EV_FEATURE_FDS), 0);
    base = event_base_new_with_config(config);
    event_config_free(config);
    cr_assert_not_null(base);
    use(fds[1]);
}

static void leave(void)
{
    line_writer_free(writer);
    event_base_free(base);
}

TestSuite(line_writer, .init = enter, .fini = leave, .timeout = 60);

/* Run the loop until nothing can be done at once. */
static void spin(void)
{
    for (int i = 0; i < 1000; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
}

/* What the reader gets now, at most `size` bytes. */
static size_t take(char *out, size_t size)
{
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    ssize_t n = read(fds[0], out, size);

    return n > 0 ? (size_t)n : 0;
}

Test(line_writer, writes_lines_in_order)
{
    char text[64] = "";

    line_writer_put(writer, "one\n", 4);
    line_writer_put(writer, "two\n", 4);
    cr_assert_eq(line_writer_pending(writer), 8u);
    cr_assert_eq(event_base_dispatch(base), 1, "nothing is left to wait for");
    cr_assert_eq(take(text, sizeof text - 1), 8u);
    cr_assert_str_eq(text, "one\ntwo\n");
    cr_assert_eq(drains, 1u);
    cr_assert_eq(failures, 0u);
}

Test(line_writer, a_reader_that_does_not_read_blocks_nothing_and_loses_nothing)
{
    static char sent[LIMIT], got[LIMIT];
    size_t len = 0;

    for (size_t i = 0; i < LIMIT; i++)
        sent[i] = (char)(i % 251);
    line_writer_put(writer, sent, LIMIT / 2);
    line_writer_put(writer, sent + LIMIT / 2, LIMIT / 2);
    spin();
    cr_assert_gt(line_writer_pending(writer), LIMIT / 2);
    cr_assert_eq(drains, 0u);
    while (len < LIMIT) {
        size_t n = take(got + len, LIMIT - len);
        cr_assert(n > 0 || line_writer_pending(writer) > 0, "bytes are lost");
        len += n;
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
    spin();
    cr_assert_arr_eq(got, sent, LIMIT);
    cr_assert_eq(drains, 1u);
    cr_assert_eq(failures, 0u);
}

Test(line_writer, what_goes_beyond_the_limit_fails_once)
{
    static char bytes[LIMIT];

    line_writer_put(writer, bytes, LIMIT);
    cr_assert_eq(line_writer_pending(writer), LIMIT);
    line_writer_put(writer, "x", 1);
    cr_assert_eq(failures, 0u, "told from within");
    line_writer_put(writer, "x", 1);
    cr_assert_eq(line_writer_pending(writer), LIMIT);
    spin();
    cr_assert_eq(failures, 1u);
    cr_assert_eq(failure, ENOBUFS);
    cr_assert_eq(drains, 0u);
}

Test(line_writer, a_closed_pipe_fails_once)
{
    close(fds[0]);
    line_writer_put(writer, "x\n", 2);
    spin();
    line_writer_put(writer, "x\n", 2);
    spin();
    cr_assert_eq(failures, 1u);
    cr_assert_eq(failure, EPIPE);
    cr_assert_eq(drains, 0u);
}

Test(line_writer, writes_to_files)
{
    char path[] = "/tmp/line-writer-XXXXXX";
    int fd = mkstemp(path);
    char text[8] = "";

    cr_assert_geq(fd, 0);
    unlink(path);
    line_writer_free(writer);
    use(fd);
    line_writer_put(writer, "one\n", 4);
    cr_assert_eq(event_base_dispatch(base), 1);
    cr_assert_eq(pread(fd, text, sizeof text, 0), 4);
    cr_assert_str_eq(text, "one\n");
    cr_assert_eq(drains, 1u);
}

Test(line_writer, leaves_the_flags_of_its_descriptor_alone)
{
    line_writer_put(writer, "x\n", 2);
    spin();
    cr_assert_eq(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
}
