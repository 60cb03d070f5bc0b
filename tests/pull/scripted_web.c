#include "scripted_web.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Milliseconds that one connection may last. */
#define PATIENCE_MS 60000

struct scripted_web {
    pthread_t thread;
    int listener;
    int stop; /* readable when it is to end */
    const struct web_answer *answers;
    size_t count;
    atomic_uint answered;
    unsigned connections;
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
};

/* Read until an empty line, or the peer closes. */
static bool read_request(const struct scripted_web *web, int fd, char out[WEB_REQUEST_SIZE])
{
    int64_t deadline = deadline_after(PATIENCE_MS);
    size_t used = 0;

    while (used < WEB_REQUEST_SIZE - 1 && !strstr(out, "\r\n\r\n")) {
        if (loopback_wait(fd, POLLIN, web->stop, deadline) == 0)
            return false;
        ssize_t n = recv(fd, out + used, WEB_REQUEST_SIZE - 1 - used, MSG_DONTWAIT);
        if (n <= 0)
            return false;
        used += (size_t)n;
    }
    return true;
}

static bool write_all(const struct scripted_web *web, int fd, const void *bytes, size_t len)
{
    int64_t deadline = deadline_after(PATIENCE_MS);
    const char *at = bytes;

    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && loopback_wait(fd, POLLOUT, web->stop, deadline) != POLLOUT)
            return false;
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return true;
}

/* Wait for the peer to close. */
static void hold(const struct scripted_web *web, int fd)
{
    int64_t deadline = deadline_after(PATIENCE_MS);
    char bytes[512];

    while (loopback_wait(fd, POLLIN, web->stop, deadline) > 0) {
        if (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) <= 0)
            return;
    }
}

static void answer(struct scripted_web *web, int fd, const struct web_answer *answer, char *request)
{
    const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    if (!answer->at_once && !read_request(web, fd, request))
        return;
    if (answer->text && !write_all(web, fd, answer->text, strlen(answer->text)))
        return;
    if (answer->body && !write_all(web, fd, answer->body, answer->len))
        return;
    atomic_fetch_add(&web->answered, 1);
    while (answer->then == WEB_REPEAT && write_all(web, fd, answer->tail, strlen(answer->tail)))
        ;
    if (answer->then == WEB_RESET)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    if (answer->then == WEB_CLOSE)
        shutdown(fd, SHUT_WR);
    if (answer->then == WEB_CLOSE || answer->then == WEB_HOLD)
        hold(web, fd);
}

static void *run(void *arg)
{
    struct scripted_web *web = arg;
    char spare[WEB_REQUEST_SIZE];

    while (loopback_wait(web->listener, POLLIN, web->stop, deadline_after(PATIENCE_MS)) > 0) {
        int fd = accept4(web->listener, NULL, NULL, SOCK_CLOEXEC);
        unsigned number = web->connections++;
        size_t which = number < web->count ? number : web->count - 1;
        memset(spare, 0, sizeof spare);
        if (fd >= 0)
            answer(web, fd, &web->answers[which],
                   number < WEB_REQUESTS ? web->requests[number] : spare);
        loopback_close(&fd);
    }
    return NULL;
}

struct scripted_web *scripted_web_start(const struct web_answer *answers, size_t count)
{
    struct scripted_web *web = calloc(1, sizeof *web);

    cr_assert_not_null(web);
    web->answers = answers;
    web->count = count;
    web->listener = loopback_bind("127.0.0.1", 0, SOCK_STREAM);
    web->stop = eventfd(0, EFD_CLOEXEC);
    cr_assert(web->listener >= 0 && web->stop >= 0);
    cr_assert_eq(pthread_create(&web->thread, NULL, run, web), 0);
    return web;
}

uint16_t scripted_web_port(const struct scripted_web *web)
{
    return loopback_port(web->listener);
}

bool scripted_web_answered(const struct scripted_web *web, unsigned count, int timeout_ms)
{
    int64_t deadline = deadline_after(timeout_ms);

    while (atomic_load(&web->answered) < count && deadline_left(deadline) > 0)
        usleep(5000);
    return atomic_load(&web->answered) >= count;
}

unsigned scripted_web_stop(struct scripted_web *web, char requests[WEB_REQUESTS][WEB_REQUEST_SIZE])
{
    unsigned connections;

    eventfd_write(web->stop, 1);
    pthread_join(web->thread, NULL);
    loopback_close(&web->listener);
    loopback_close(&web->stop);
    connections = web->connections;
    if (requests)
        memcpy(requests, web->requests, sizeof web->requests);
    free(web);
    return connections;
}
