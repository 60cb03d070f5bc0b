/*
 * What ends a connection that would not end, and what happens when there are too many.
 */
#include "cli/serve/http_state.h"

#include "http_rig.h"

#include <fcntl.h>
#include <sys/resource.h>

static struct rig rig;

TestSuite(http_limits, .timeout = 120);

/* Wait until the server closes; it must have said nothing. */
static void expect_closed_silently(int fd)
{
    struct answer answer = { 0 };

    rig_receive(&answer, fd, 0);
    cr_expect(answer.in_time, "it stays open");
    cr_expect_eq(answer.len, 0, "%s", answer.bytes);
    free(answer.bytes);
    close(fd);
}

Test(http_limits, silence_ends_a_connection)
{
    rig.options = (struct http_server_options){ .idle_seconds = 1 };
    rig_start(&rig);
    expect_closed_silently(rig_connect(&rig));

    int fd = rig_connect(&rig);
    rig_send(fd, "GET / HT", 8);
    expect_closed_silently(fd);

    struct answer answer = { 0 };
    fd = rig_connect(&rig);
    rig_send(fd, "GET /unchanged HTTP/1.1\r\nHost: x\r\n\r\n", 36);
    rig_receive(&answer, fd, 0);
    cr_expect_eq(answer_status(&answer), 304);
    cr_expect(answer.in_time, "it stays open");
    free(answer.bytes);
    close(fd);
    rig_stop(&rig);
}

/* Send a byte of a head now and then, until the server closes. True when it did. */
static bool trickle(int fd)
{
    int64_t deadline = deadline_after(RIG_WAIT_MS);

    while (deadline_left(deadline) > 0) {
        if (loopback_wait(fd, POLLIN, -1, deadline_after(100)))
            return true;
        rig_send(fd, "G", 1);
    }
    return false;
}

Test(http_limits, who_never_begins_has_no_longer_than_for_a_head)
{
    rig.options = (struct http_server_options){ .idle_seconds = 600, .head_seconds = 1 };
    rig_start(&rig);
    expect_closed_silently(rig_connect(&rig));
    rig_stop(&rig);
}

/* Ask for what has no body, and wait for the answer's head. */
static void ask_and_stay(int fd)
{
    struct answer answer = { 0 };

    rig_send(fd, "GET /unchanged HTTP/1.1\r\nHost: x\r\n\r\n", 36);
    while (answer_head_length(&answer) == 0 && !answer.in_time)
        rig_receive(&answer, fd, answer.len + 1);
    cr_expect_eq(answer_status(&answer), 304);
    free(answer.bytes);
}

Test(http_limits, the_time_for_a_head_begins_with_each_head)
{
    struct answer answer = { 0 };

    rig.options = (struct http_server_options){ .idle_seconds = 600, .head_seconds = 6 };
    rig_start(&rig);
    int fd = rig_connect(&rig);
    ask_and_stay(fd);
    /* Longer than there is for one, and then, within a head, for a look at all connections. */
    poll(NULL, 0, 7000);
    rig_send(fd, "GET /text HTTP/1.0\r\n", 20);
    poll(NULL, 0, 1500);
    rig_send(fd, "\r\n", 2);
    rig_receive(&answer, fd, 0);
    cr_expect(answer_body_is(&answer, RIG_TEXT, strlen(RIG_TEXT)));
    free(answer.bytes);
    close(fd);
    rig_stop(&rig);
}

Test(http_limits, a_head_that_trickles_in_ends_a_connection)
{
    rig.options = (struct http_server_options){ .idle_seconds = 60, .head_seconds = 1 };
    rig_start(&rig);
    int fd = rig_connect(&rig);
    cr_expect(trickle(fd));
    close(fd);

    /* Of a second request as well. */
    fd = rig_connect(&rig);
    ask_and_stay(fd);
    cr_expect(trickle(fd));
    close(fd);
    rig_stop(&rig);
}

Test(http_limits, who_reads_nothing_of_an_answer_is_given_up)
{
    static const char text[] = "GET /image HTTP/1.1\r\nHost: x\r\n\r\n";

    rig.options = (struct http_server_options){ .idle_seconds = 1 };
    rig_start(&rig);
    int fd = loopback_connect(&rig.at, NULL, 2048, RIG_WAIT_MS);
    cr_assert(fd >= 0);
    rig_send(fd, text, strlen(text));
    rig_wait_for_records(&rig, 1);
    cr_expect_eq(rig.records[0].result.status, 200);
    cr_expect_not(rig.records[0].result.whole);
    cr_expect_lt(rig.records[0].result.body_sent, rig.built.size);
    close(fd);
    rig_stop(&rig);
}

/* Take a little now and then: it would last for a minute. */
static void dawdle(const char *text)
{
    int64_t deadline = deadline_after(RIG_WAIT_MS);
    struct answer answer = { 0 };

    rig.options = (struct http_server_options){ .idle_seconds = 600, .answer_seconds = 1 };
    rig_start(&rig);
    int fd = loopback_connect(&rig.at, NULL, 4096, RIG_WAIT_MS);
    cr_assert(fd >= 0);
    rig_send(fd, text, strlen(text));
    while (rig_records(&rig) == 0 && deadline_left(deadline) > 0) {
        rig_receive(&answer, fd, answer.len + 512);
        poll(NULL, 0, 100);
    }
    rig_wait_for_records(&rig, 1);
    cr_expect_eq(rig.records[0].result.status, 200);
    cr_expect_not(rig.records[0].result.whole);
    close(fd);
    free(answer.bytes);
    rig_stop(&rig);
}

/* More than the kernel takes to send; the others are all handed over, and not acknowledged. */
Test(http_limits, an_answer_may_not_be_sent_for_ever)
{
    rig.image_size = (size_t)16 << 20;
    dawdle("GET /image HTTP/1.1\r\nHost: x\r\n\r\n");
}

Test(http_limits, an_answer_may_not_take_for_ever)
{
    dawdle("GET /image HTTP/1.0\r\n\r\n");
}

Test(http_limits, an_answer_may_not_take_for_ever_when_the_connection_stays)
{
    dawdle("GET /image HTTP/1.1\r\nHost: x\r\n\r\n");
}

/* It takes longer than the limit in all, but something arrives all the time. */
static void read_slowly(const char *text)
{
    struct answer answer = { 0 };

    rig.options = (struct http_server_options){ .idle_seconds = 2 };
    rig_start(&rig);
    int fd = loopback_connect(&rig.at, NULL, 4096, RIG_WAIT_MS);
    cr_assert(fd >= 0);
    rig_send(fd, text, strlen(text));
    for (unsigned i = 0; i < 16; i++) {
        rig_receive(&answer, fd, answer.len + 10000);
        poll(NULL, 0, 250);
    }
    rig_receive(&answer, fd, answer_head_length(&answer) + rig.built.size);
    cr_expect(answer_body_is(&answer, rig.built.bytes, rig.built.size));
    rig_wait_for_records(&rig, 1);
    cr_expect(rig.records[0].result.whole);
    close(fd);
    free(answer.bytes);
    rig_stop(&rig);
}

Test(http_limits, who_reads_slowly_gets_all_of_it)
{
    read_slowly("GET /image HTTP/1.0\r\n\r\n");
}

Test(http_limits, who_reads_slowly_and_stays_gets_all_of_it)
{
    read_slowly("GET /image HTTP/1.1\r\nHost: x\r\n\r\n");
}

static const char ask_text[] = "GET /text HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

Test(http_limits, more_connections_than_there_may_be_wait)
{
    struct answer answer = { 0 };
    int fds[3];

    rig.options = (struct http_server_options){ .connections_max = 2 };
    rig_start(&rig);
    for (size_t i = 0; i < 3; i++)
        fds[i] = rig_connect(&rig);
    rig_send(fds[2], ask_text, strlen(ask_text));
    cr_expect_eq(loopback_wait(fds[2], POLLIN, -1, deadline_after(100)), 0);
    close(fds[0]);
    rig_receive(&answer, fds[2], 0);
    cr_expect(answer_body_is(&answer, RIG_TEXT, strlen(RIG_TEXT)));
    close(fds[1]);
    close(fds[2]);
    free(answer.bytes);
    rig_stop(&rig);
}

/* Descriptors that are open. */
static size_t list_descriptors(int out[static 256])
{
    size_t count = 0;

    for (int fd = 0; fd < 256; fd++) {
        if (fcntl(fd, F_GETFD) != -1)
            out[count++] = fd;
    }
    return count;
}

Test(http_limits, connections_leave_descriptors_for_files)
{
    int fds[256];
    rlim_t used = list_descriptors(fds);
    struct rlimit limit = { .rlim_cur = used + 100, .rlim_max = used + 100 };

    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    rig_start(&rig);
    cr_expect_geq(rig.server->options.connections_max, 20);
    cr_expect_leq(rig.server->options.connections_max, 50);
    rig_stop(&rig);
}

static int find_listener(void)
{
    int fds[256];
    size_t count = list_descriptors(fds);

    for (size_t i = 0; i < count; i++) {
        int listens = 0;
        socklen_t len = sizeof listens;
        if (getsockopt(fds[i], SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens)
            return fds[i];
    }
    return -1;
}

static bool is_waited_for(int waiting, int fd)
{
    char text[4096];
    char line[32];
    ssize_t len = pread(waiting, text, sizeof text - 1, 0);

    cr_assert_gt(len, 0);
    text[len] = '\0';
    snprintf(line, sizeof line, "tfd: %8d events:", fd);
    return strstr(text, line) != NULL;
}

/* What the kernel says of the epoll that waits for a descriptor, opened. */
static int open_waiting(int waited_for)
{
    char name[64];
    char target[64];
    int fds[256];
    size_t count = list_descriptors(fds);

    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "/proc/self/fd/%d", fds[i]);
        ssize_t len = readlink(name, target, sizeof target - 1);
        target[len > 0 ? len : 0] = '\0';
        if (strcmp(target, "anon_inode:[eventpoll]") != 0)
            continue;
        snprintf(name, sizeof name, "/proc/self/fdinfo/%d", fds[i]);
        int waiting = open(name, O_RDONLY | O_CLOEXEC);
        if (is_waited_for(waiting, waited_for))
            return waiting;
        close(waiting);
    }
    return -1;
}

/* Else the loop would try again without a pause. */
static void expect_listener_rests(int waiting, int listener)
{
    int64_t deadline = deadline_after(RIG_WAIT_MS);

    while (is_waited_for(waiting, listener) && deadline_left(deadline) > 0)
        poll(NULL, 0, 1);
    cr_expect_not(is_waited_for(waiting, listener), "it does not stop trying");
}

Test(http_limits, without_descriptors_it_waits_until_there_are_some)
{
    struct answer answer = { 0 };
    struct rlimit none;
    struct rlimit before;

    rig_start(&rig);
    int fd = rig_connect(&rig);
    rig_send(fd, "GET /unchanged HTTP/1.1\r\nHost: x\r\n\r\n", 36);
    rig_receive(&answer, fd, 1);
    free(answer.bytes);
    /* Ours is open; the server's end of it is to be the first that is one too many. */
    int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int listener = find_listener();
    int waiting = open_waiting(listener);
    cr_assert(waiting >= 0 && listener >= 0);
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    cr_assert_eq(connect(other, &rig.at.sa.any, rig.at.len), 0);
    rig_send(other, ask_text, strlen(ask_text));
    char byte;
    expect_listener_rests(waiting, listener);
    cr_expect_eq(recv(other, &byte, 1, MSG_DONTWAIT), -1, "there was a descriptor for it");
    setrlimit(RLIMIT_NOFILE, &before);

    answer = (struct answer){ 0 };
    rig_receive(&answer, other, 0);
    cr_expect(answer_body_is(&answer, RIG_TEXT, strlen(RIG_TEXT)));
    free(answer.bytes);
    close(other);
    close(fd);
    close(waiting);
    rig_stop(&rig);
}
