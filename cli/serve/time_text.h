/*
 * Moments as text, for people and for programs.
 */
#ifndef CLI_TIME_TEXT_H
#define CLI_TIME_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Room for any of the texts, with the final NUL. */
#define TIME_TEXT_SIZE 32

/*
 * "2026-11-22T19:26:36Z" (ISO 8601, UTC); "" for moments before the epoch or after the year 9999.
 * `when` is in seconds since the epoch. Returns `out`.
 */
char *time_text_iso(char out[static TIME_TEXT_SIZE], int64_t when);

/*
 * How long ago it was: "just now", "12 s ago", "3 min ago", "5 h ago", "12 days ago"; "-" for 0,
 * which is never, and the time in full for what is yet to come, as after a clock was set. Returns
 * `out`.
 */
char *time_text_ago(char out[static TIME_TEXT_SIZE], int64_t when, int64_t now);

#endif
