/*
 * What ends a connection that would not end, and what happens when there are too many.
 */
#include "http_rig.h"

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

Test(http_limits, a_head_that_trickles_in_ends_a_connection)
{
    rig.options = (struct http_server_options){ .idle_seconds = 60, .head_seconds = 1 };
    rig_start(&rig);
    int fd = rig_connect(&rig);
    cr_expect(trickle(fd));
    close(fd);

    /* Of a second request as well. */
    struct answer answer = { 0 };
    fd = rig_connect(&rig);
    rig_send(fd, "GET /unchanged HTTP/1.1\r\nHost: x\r\n\r\n", 36);
    while (answer_head_length(&answer) == 0 && !answer.in_time)
        rig_receive(&answer, fd, answer.len + 1);
    cr_expect_eq(answer_status(&answer), 304);
    cr_expect(trickle(fd));
    close(fd);
    free(answer.bytes);
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

static double cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
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
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    double cpu = cpu_seconds();
    cr_assert_eq(connect(other, &rig.at.sa.any, rig.at.len), 0);
    rig_send(other, ask_text, strlen(ask_text));
    char byte;
    sleep(2);
    cpu = cpu_seconds() - cpu;
    cr_expect_lt(cpu, 1.0, "%g s of processor time for nothing", cpu);
    cr_expect_eq(recv(other, &byte, 1, MSG_DONTWAIT), -1, "there was a descriptor for it");
    setrlimit(RLIMIT_NOFILE, &before);

    answer = (struct answer){ 0 };
    rig_receive(&answer, other, 0);
    cr_expect(answer_body_is(&answer, RIG_TEXT, strlen(RIG_TEXT)));
    free(answer.bytes);
    close(other);
    close(fd);
    rig_stop(&rig);
}
