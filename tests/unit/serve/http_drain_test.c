/*
 * How the server ends: drained, or at once.
 */
#include "http_rig.h"

#define CLOSE "Connection: close\r\n\r\n"
#define H     " HTTP/1.1\r\nHost: x\r\n"

static struct rig rig;

static void begin(void)
{
    rig_start(&rig);
}

static void end(void)
{
    rig_stop(&rig);
}

TestSuite(http_drain, .init = begin, .fini = end, .timeout = 60);

Test(http_drain, ends_well_when_it_is_drained)
{
    static const char text[] = "GET /image" H "\r\n";
    struct answer idle_answer = { 0 };
    struct answer answer = { 0 };
    int idle = rig_connect(&rig);
    int fd = loopback_connect(&rig.at, NULL, 4096, RIG_WAIT_MS);

    cr_assert(fd >= 0);
    rig_send(fd, text, strlen(text));
    rig_receive(&answer, fd, 1000);
    rig_command(&rig, RIG_DRAIN);
    rig_receive(&idle_answer, idle, 0);
    cr_expect(idle_answer.in_time && idle_answer.len == 0, "an idle connection stays");
    cr_expect_eq(loopback_connect(&rig.at, NULL, 0, 1000), -1, "it still listens");
    rig_receive(&answer, fd, answer_head_length(&answer) + rig.built.size);
    cr_expect(answer_body_is(&answer, rig.built.bytes, rig.built.size));
    rig_wait_for_records(&rig, 1);
    cr_expect(rig.records[0].result.whole);
    close(fd);
    close(idle);
    free(idle_answer.bytes);
    free(answer.bytes);
}

static void wait_until_it_does_not_listen(void)
{
    int64_t deadline = deadline_after(RIG_WAIT_MS);
    int fd;

    while ((fd = loopback_connect(&rig.at, NULL, 0, 1000)) >= 0) {
        close(fd);
        cr_assert(deadline_left(deadline) > 0, "it still listens");
        poll(NULL, 0, 5);
    }
}

/* The request has begun before, and comes to its end after. */
Test(http_drain, closes_behind_what_it_answers_while_it_is_drained)
{
    struct answer answer = { 0 };
    int fd = rig_connect(&rig);

    rig_send(fd, "GET /text" H, strlen("GET /text" H));
    /* What came before is read before: the server has one thread. */
    struct answer other = rig_ask(&rig, "GET /text" H CLOSE);
    free(other.bytes);
    rig_command(&rig, RIG_DRAIN);
    wait_until_it_does_not_listen();
    rig_send(fd, "\r\n", 2);
    rig_receive(&answer, fd, 0);
    cr_expect(answer_body_is(&answer, RIG_TEXT, strlen(RIG_TEXT)));
    cr_expect(answer_has(&answer, "Connection: close"), "%s", answer.bytes);
    free(answer.bytes);
    close(fd);
}

Test(http_drain, tells_of_answers_under_way_when_it_is_freed)
{
    static const char text[] = "GET /image" H "\r\n";
    struct answer answer = { 0 };
    int fd = loopback_connect(&rig.at, NULL, 4096, RIG_WAIT_MS);
    int other = rig_connect(&rig);

    rig_send(other, "GET /", 5);
    rig_send(fd, text, strlen(text));
    rig_receive(&answer, fd, 1000);
    rig_stop(&rig);
    cr_expect_eq(rig.record_count, 1);
    cr_expect_not(rig.records[0].result.whole);
    close(fd);
    close(other);
    free(answer.bytes);
    rig = (struct rig){ 0 };
    rig_start(&rig);
}
