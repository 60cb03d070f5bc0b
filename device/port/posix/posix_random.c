#include "posix_random.h"

#include <errno.h>
#include <sys/random.h>

static bool fill(void *ctx, void *out, size_t len)
{
    unsigned char *at = out;

    (void)ctx;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return true;
}

struct ota_random posix_random(void)
{
    return (struct ota_random){ .fill = fill };
}
