#include "posix_clock.h"

#include <time.h>

uint32_t posix_clock_now_ms(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

static uint32_t now_ms(void *ctx)
{
    (void)ctx;
    return posix_clock_now_ms();
}

static void wait(void *ctx)
{
    (void)ctx;
    nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

struct ota_clock posix_clock(void)
{
    return (struct ota_clock){ .now_ms = now_ms, .wait = wait };
}
