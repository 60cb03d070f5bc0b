/*
 * How much memory a process has, as its kernel says.
 */
#ifndef TESTS_SUPPORT_MEMORY_H
#define TESTS_SUPPORT_MEMORY_H

#include <sys/types.h>

/* In KiB: just now, and the most there ever was; 0 once it is gone. */
long memory_now(pid_t pid);
long memory_peak(pid_t pid);

#endif
