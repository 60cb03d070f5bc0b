/*
 * The time limit of calls that cannot be told one.
 */
#include "cli/discover/mdns_limit.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];

static void enter(void)
{
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

static void leave(void)
{
    close(ends[0]);
    close(ends[1]);
}

TestSuite(mdns_limit, .init = enter, .fini = leave, .timeout = 30);

/* As libdbus does: whatever interrupts it, it goes on waiting. */
static void wait_for(int fd)
{
    struct pollfd now = { .fd = fd, .events = POLLIN };

    while (poll(&now, 1, -1) != 1)
        continue;
}

Test(mdns_limit, ends_a_wait)
{
    struct mdns_limit limit;
    char byte;

    mdns_limit_begin(&limit, &ends[0], 20);
    wait_for(ends[0]);
    mdns_limit_end(&limit);
    cr_expect_eq(read(ends[0], &byte, 1), 0, "it looks as if the other end were gone");
}

Test(mdns_limit, ends_a_wait_though_sigalrm_is_blocked)
{
    struct mdns_limit limit;
    sigset_t mask;
    sigset_t after;

    sigemptyset(&mask);
    sigaddset(&mask, SIGALRM);
    cr_assert_eq(sigprocmask(SIG_BLOCK, &mask, NULL), 0);
    mdns_limit_begin(&limit, &ends[0], 20);
    wait_for(ends[0]);
    mdns_limit_end(&limit);
    sigprocmask(SIG_BLOCK, NULL, &after);
    cr_expect(sigismember(&after, SIGALRM));
}

static void on_alarm(int signal)
{
    (void)signal;
}

Test(mdns_limit, leaves_everything_as_it_was)
{
    struct sigaction action = { .sa_handler = on_alarm };
    struct sigaction after;
    struct mdns_limit limit;

    sigemptyset(&action.sa_mask);
    cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
    mdns_limit_begin(&limit, &ends[0], 20);
    mdns_limit_end(&limit);
    cr_assert_eq(sigaction(SIGALRM, NULL, &after), 0);
    cr_expect_eq(after.sa_handler, on_alarm);
    poll(NULL, 0, 100);
    cr_expect_eq(write(ends[1], "x", 1), 1);
    wait_for(ends[0]);
    char byte = 0;
    cr_expect_eq(read(ends[0], &byte, 1), 1);
    cr_expect_eq(byte, 'x');
}

/* The socket may be made, and closed, by the call itself. */
Test(mdns_limit, takes_the_socket_as_it_is_then)
{
    struct mdns_limit limit;
    int fd = -1;

    mdns_limit_begin(&limit, &fd, 50);
    fd = ends[0];
    wait_for(ends[0]);
    mdns_limit_end(&limit);
    fd = -1;
    mdns_limit_begin(&limit, &fd, 20);
    poll(NULL, 0, 100);
    mdns_limit_end(&limit);
}
