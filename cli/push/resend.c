#include "cli/push/resend.h"

#define FIRST_MAX_MS       1000u
#define FIRST_MIN_MS       10u
#define FIRSTS_PER_TIMEOUT 7u

void resend_start(struct resend *resend, uint32_t timeout_ms, uint32_t least_ms, uint64_t now)
{
    uint32_t interval = timeout_ms / FIRSTS_PER_TIMEOUT;

    if (interval > FIRST_MAX_MS)
        interval = FIRST_MAX_MS;
    if (interval < FIRST_MIN_MS)
        interval = FIRST_MIN_MS;
    if (interval < least_ms)
        interval = least_ms;
    resend->interval = interval;
    resend->at = now + interval;
}

void resend_again(struct resend *resend, uint64_t now)
{
    resend->interval += resend->interval / 2;
    resend->at = now + resend->interval;
}
