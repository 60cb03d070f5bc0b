#include "tests/support/deadline.h"

#include <limits.h>
#include <time.h>

#define NS_PER_MS 1000000

int64_t deadline_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t deadline_after(int ms)
{
    return deadline_now() + (int64_t)ms * NS_PER_MS;
}

int deadline_left(int64_t deadline)
{
    int64_t left = deadline - deadline_now();

    if (left <= 0)
        return 0;
    left = (left + NS_PER_MS - 1) / NS_PER_MS;
    return left > INT_MAX ? INT_MAX : (int)left;
}
