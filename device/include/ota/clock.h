/*
 * Time. Everything in libota counts milliseconds in 32 bits, as microcontrollers do: the count may
 * start anywhere and wraps after 49 days; no time span that is asked for reaches 2^31 (24 days).
 */
#ifndef OTA_CLOCK_H
#define OTA_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The clock that blocking functions need; owned by the caller. */
struct ota_clock {
    void *ctx; /* handed to the functions unchanged */

    /* Milliseconds since an arbitrary instant; never goes back. */
    uint32_t (*now_ms)(void *ctx);

    /* Called when there is nothing to do: sleep a little, or feed a watchdog. May be NULL. */
    void (*wait)(void *ctx);
};

#ifdef __cplusplus
}
#endif

#endif
