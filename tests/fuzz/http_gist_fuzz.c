/*
 * The head of a refused request, which is anything: whatever is made out of it stood there.
 */
#include "cli/serve/http_gist.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_from(const char *text, size_t limit, const uint8_t *data, size_t size)
{
    size_t len = strnlen(text, limit);

    if (len == limit || (len > 0 && !memmem(data, size, text, len)) || strpbrk(text, "\n"))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_gist gist;

    http_gist_read(&gist, (const char *)data, size);
    require_from(gist.method, sizeof gist.method, data, size);
    require_from(gist.target, sizeof gist.target, data, size);
    require_from(gist.protocol, sizeof gist.protocol, data, size);
    require_from(gist.user_agent, sizeof gist.user_agent, data, size);
    require_from(gist.referer, sizeof gist.referer, data, size);
    return 0;
}
