#include "common/secret.h"

bool secret_equal(const void *a, const void *b, size_t len)
{
    const volatile unsigned char *x = a;
    const volatile unsigned char *y = b;
    unsigned char difference = 0;

    for (size_t i = 0; i < len; i++)
        difference = (unsigned char)(difference | (x[i] ^ y[i]));
    return difference == 0;
}

void secret_wipe(void *secret, size_t len)
{
    volatile unsigned char *p = secret;

    while (len-- > 0)
        *p++ = 0;
}
