/*
 * lwIP's view of the compiler: gcc, with a libc that has the integer types.
 */
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <stdint.h>

#define LWIP_NO_UNISTD_H   1
#define LWIP_NO_CTYPE_H    1
#define LWIP_NO_INTTYPES_H 1
#define X8_F               "02x"
#define U16_F              "u"
#define S16_F              "d"
#define X16_F              "x"
#define U32_F              "lu"
#define S32_F              "ld"
#define X32_F              "lx"
#define SZT_F              "zu"
#define LWIP_PLATFORM_DIAG(x) \
    do {                      \
    } while (0)
#define LWIP_PLATFORM_ASSERT(x) \
    do {                        \
    } while (0)
#define LWIP_RAND() ((uint32_t)0)

#endif
