#include "cli/discover/mdns_limit.h"

#include <errno.h>
#include <sys/socket.h>

/* Where the socket is comes with the timer, so that no variable needs to be shared. */
static void time_is_over(int signal, siginfo_t *info, void *context)
{
    int error = errno;

    (void)signal;
    (void)context;
    if (info->si_code == SI_TIMER) {
        const volatile int *fd = info->si_value.sival_ptr;
        if (*fd >= 0)
            shutdown(*fd, SHUT_RDWR);
    }
    errno = error;
}

void mdns_limit_begin(struct mdns_limit *limit, int *fd, unsigned ms)
{
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
                              .sigev_signo = SIGALRM,
                              .sigev_value.sival_ptr = fd };
    struct sigaction action = { .sa_sigaction = time_is_over, .sa_flags = SA_SIGINFO | SA_RESTART };
    const struct itimerspec time = { .it_value = { .tv_sec = ms / 1000,
                                                   .tv_nsec = (long)(ms % 1000) * 1000000 } };
    sigset_t alarm;

    limit->set = timer_create(CLOCK_MONOTONIC, &event, &limit->timer) == 0;
    if (!limit->set)
        return;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, &limit->action);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm, &limit->mask);
    timer_settime(limit->timer, 0, &time, NULL);
}

void mdns_limit_end(const struct mdns_limit *limit)
{
    if (!limit->set)
        return;
    timer_delete(limit->timer);
    sigprocmask(SIG_SETMASK, &limit->mask, NULL);
    sigaction(SIGALRM, &limit->action, NULL);
}
