/*
 * What the port holds for the responder, and what the peer may still send, are one window.
 */
#ifndef LWIP_TEST_WINDOW_H
#define LWIP_TEST_WINDOW_H

#include "device/port/lwip/lwip_net.h"

#include <stdint.h>

/*
 * End the process when the port has told lwIP of more bytes, or fewer, than were taken, or holds
 * too many buffers. Returns the bytes that are held, 0 without a connection.
 */
uint32_t lwip_test_window_check(const struct lwip_net *net);

#endif
