/*
 * What lwIP asks of the system it runs on, in a test: memory that sometimes runs out, numbers that
 * follow from a seed, time that passes when it is told to. One of each per process, as lwIP itself.
 */
#ifndef LWIP_TEST_PLATFORM_H
#define LWIP_TEST_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Forget everything: time and numbers begin anew, no memory is in use. Before lwip_init(). */
void lwip_test_platform_init(uint64_t seed);

/* End the process with 1 and say why, naming seed and time, unless `ok`. */
void lwip_test_require(bool ok, const char *what);

/* --- Memory ----------------------------------------------------------------------------------- */

/* As malloc(), calloc(), free() of C; NULL in some cases. */
void *lwip_test_malloc(size_t size);
void *lwip_test_calloc(size_t count, size_t size);
void lwip_test_free(void *memory);

/* Let `permille` of a thousand allocations fail from now on. */
void lwip_test_memory_fails(uint32_t permille);

/* Pieces of memory that lwIP holds. */
long lwip_test_memory_pieces(void);

/* --- Faults ----------------------------------------------------------------------------------- */

/* Something went wrong that the test has made go wrong: an allocation, a frame. */
void lwip_test_count_fault(void);

/* How often that was so: as long as the number stays the same, nothing but the code is to blame. */
uint64_t lwip_test_faults(void);

/* --- Numbers and time ------------------------------------------------------------------------- */

/* For lwIP: port numbers. */
uint32_t lwip_test_random(void);

/* Milliseconds; begins shortly before the count wraps. lwIP's sys_now() returns the same. */
uint32_t lwip_test_now(void);

/* The same, since the beginning, without wrapping. */
uint64_t lwip_test_elapsed(void);

void lwip_test_pass(uint32_t ms);

#endif
