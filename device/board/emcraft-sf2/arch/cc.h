/*
 * What lwIP asks of a compiler and a processor: GCC, Cortex-M3, newlib.
 */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#include "sf2_hooks.h"

#define BYTE_ORDER LITTLE_ENDIAN

#define PACK_STRUCT_BEGIN
#define PACK_STRUCT_END
#define PACK_STRUCT_STRUCT   __attribute__((packed))
#define PACK_STRUCT_FIELD(x) x

#define LWIP_RAND()                sf2_entropy_word()
#define LWIP_PLATFORM_ASSERT(what) sf2_net_broken(what)

/* Debugging texts are compiled in nowhere. */
#define LWIP_PLATFORM_DIAG(text) ((void)0)

#endif
