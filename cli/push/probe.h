/*
 * Is a device's responder there? Asked by an invitation that no device takes, because the image it
 * offers has no bytes: stock ESP8266 and libota devices answer with an error, those with a password
 * with a challenge, and an ESP32 with an "OK" that it does not follow up. None of them erases
 * anything or connects.
 */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "cli/address.h"

#include <event2/event.h>

/* It has answered. Called once, from the loop; the probe may be freed in it. */
typedef void probe_fn(void *ctx);

struct probe;

/*
 * Ask `device` (an address with its UDP port) now and every second, from `bind_to` unless that has
 * no address, until it answers or is freed. What cannot be sent is tried again. NULL when out of
 * memory.
 */
struct probe *probe_start(struct event_base *base, const struct address *device,
                          const struct address *bind_to, probe_fn *fn, void *ctx);

/* Stop. NULL does nothing. */
void probe_free(struct probe *probe);

#endif
