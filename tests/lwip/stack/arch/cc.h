/*
 * What lwIP asks of a compiler and a machine: a POSIX host.
 */
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include "tests/lwip/lwip_test_platform.h"

#include <endian.h>

#define LWIP_RAND()                lwip_test_random()
#define LWIP_PLATFORM_ASSERT(what) lwip_test_require(false, what)
#define LWIP_PLATFORM_DIAG(text)   ((void)0)

#endif
