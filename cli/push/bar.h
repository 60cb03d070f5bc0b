/*
 * The progress bar as text.
 */
#ifndef CLI_BAR_H
#define CLI_BAR_H

#include <stddef.h>
#include <stdint.h>

/* Characters, with NUL, of the longest bar. */
#define BAR_TEXT_MAX 256

/* Likewise of one without figures. */
#define BAR_ONLY_MAX 48

/*
 * Write the bar for `done` of `total` bytes (total > 0) after `ms` milliseconds, in at most
 * `columns` - 1 characters, so that it never wraps: percentage, bar, rate and time left. Where
 * there is no room the bar is left out, and then all but the percentage. Returns its length.
 */
size_t bar_format(char out[BAR_TEXT_MAX], size_t columns, uint64_t done, uint64_t total,
                  uint64_t ms);

/* `done` of `total` (> 0) in percent. */
unsigned bar_percent(uint64_t done, uint64_t total);

/* " [===>      ]", `width` characters (at most 40) between the brackets; nothing for 0. */
void bar_only(char out[BAR_ONLY_MAX], size_t width, unsigned percent);

/* "85.3 KiB/s": `done` bytes in `ms` milliseconds; empty where either is 0. */
void bar_rate_text(char out[32], uint64_t done, uint64_t ms);

/* Seconds that `left` bytes take if `done` (> 0) took `ms` (> 0) milliseconds. */
unsigned bar_seconds_left(uint64_t done, uint64_t left, uint64_t ms);

/* `bytes` in the unit that suits them: "512 B", "12.3 KiB", "1.5 MiB". Returns `out`. */
char *bar_size_text(uint64_t bytes, char out[32]);

#endif
