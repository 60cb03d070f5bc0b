/*
 * The progress bar as text.
 */
#ifndef CLI_BAR_H
#define CLI_BAR_H

#include <stddef.h>
#include <stdint.h>

/* Characters, with NUL, of the longest bar. */
#define BAR_TEXT_MAX 256

/*
 * Write the bar for `done` of `total` bytes (total > 0) after `ms` milliseconds, in at most
 * `columns` - 1 characters, so that it never wraps: percentage, bar, rate and time left. Where
 * there is no room the bar is left out, and then all but the percentage. Returns its length.
 */
size_t bar_format(char out[BAR_TEXT_MAX], size_t columns, uint64_t done, uint64_t total,
                  uint64_t ms);

/* `bytes` in the unit that suits them: "512 B", "12.3 KiB", "1.5 MiB". Returns `out`. */
char *bar_size_text(uint64_t bytes, char out[32]);

#endif
