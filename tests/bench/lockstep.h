/*
 * An uploader that does what the stock one for the ESP8266 does: after each 1460 bytes it waits
 * for an acknowledgement, whatever it says, and in the end for "OK". For devices without password.
 */
#ifndef TESTS_BENCH_LOCKSTEP_H
#define TESTS_BENCH_LOCKSTEP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Upload a file to an address of this machine, UDP port `port`. False when the device did not say
 * "OK" in the end.
 */
bool lockstep_upload(const char *address, uint16_t port, const char *path);

#endif
