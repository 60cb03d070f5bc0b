#include "lwip_test_platform.h"

#include "tests/sim/sim_random.h"

#include <inttypes.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Four seconds before the count of milliseconds wraps. */
#define FIRST_MS 0xFFFFF000u

static struct {
    uint64_t seed;
    struct sim_random numbers; /* for lwIP */
    struct sim_random chances; /* of allocations that fail */
    uint32_t failing;          /* of a thousand allocations */
    long pieces;
    uint64_t faults;
    uint64_t elapsed_ms;
} platform;

void lwip_test_platform_init(uint64_t seed)
{
    struct sim_random random = { seed };

    platform.seed = seed;
    platform.numbers = sim_random_fork(&random);
    platform.chances = sim_random_fork(&random);
    platform.failing = 0;
    platform.pieces = 0;
    platform.faults = 0;
    platform.elapsed_ms = 0;
}

void lwip_test_require(bool ok, const char *what)
{
    if (ok)
        return;
    printf("seed %" PRIu64 ", at %" PRIu64 " ms: %s\n", platform.seed, platform.elapsed_ms, what);
    (void)fflush(stdout);
    _exit(1);
}

/* lwIP's timers do not survive the lack of memory for one: it must be configured not to happen. */
static bool allocation_fails(size_t size)
{
    if (size == sizeof(struct sys_timeo) || !sim_random_chance(&platform.chances, platform.failing))
        return false;
    lwip_test_count_fault();
    return true;
}

void *lwip_test_malloc(size_t size)
{
    void *memory = allocation_fails(size) ? NULL : malloc(size);

    platform.pieces += memory != NULL;
    return memory;
}

void *lwip_test_calloc(size_t count, size_t size)
{
    void *memory = allocation_fails(count * size) ? NULL : calloc(count, size);

    platform.pieces += memory != NULL;
    return memory;
}

void lwip_test_free(void *memory)
{
    platform.pieces -= memory != NULL;
    free(memory);
}

void lwip_test_memory_fails(uint32_t permille)
{
    platform.failing = permille;
}

long lwip_test_memory_pieces(void)
{
    return platform.pieces;
}

void lwip_test_count_fault(void)
{
    platform.faults++;
}

uint64_t lwip_test_faults(void)
{
    return platform.faults;
}

uint32_t lwip_test_random(void)
{
    return sim_random_below(&platform.numbers, UINT32_MAX);
}

uint32_t lwip_test_now(void)
{
    return FIRST_MS + (uint32_t)platform.elapsed_ms;
}

uint64_t lwip_test_elapsed(void)
{
    return platform.elapsed_ms;
}

void lwip_test_pass(uint32_t ms)
{
    platform.elapsed_ms += ms;
}

u32_t sys_now(void)
{
    return lwip_test_now();
}
