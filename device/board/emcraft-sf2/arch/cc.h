/*
 * What lwIP asks of a compiler and a processor: GCC, Cortex-M3, newlib.
 */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#include <stdint.h>

#define BYTE_ORDER LITTLE_ENDIAN

#define PACK_STRUCT_BEGIN
#define PACK_STRUCT_END
#define PACK_STRUCT_STRUCT   __attribute__((packed))
#define PACK_STRUCT_FIELD(x) x

/* In sf2_entropy.h. */
uint32_t sf2_entropy_word(void);
#define LWIP_RAND() sf2_entropy_word()

/* In sf2_net.h. */
_Noreturn void sf2_net_broken(const char *what);
#define LWIP_PLATFORM_ASSERT(what) sf2_net_broken(what)

/* Debugging texts are compiled in nowhere. */
#define LWIP_PLATFORM_DIAG(text) ((void)0)

#endif
