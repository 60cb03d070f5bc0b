/*
 * The names that espota-device announces itself by: the instance's, which may be any text, and the
 * host's, which is made from it.
 */
#ifndef DEVICE_NAME_H
#define DEVICE_NAME_H

#include <stdbool.h>

/* Bytes of the longest name, as of a label in DNS; with NUL. */
#define DEVICE_NAME_BYTES      63
#define DEVICE_NAME_SIZE       (DEVICE_NAME_BYTES + 1)
#define DEVICE_HOST_LABEL_SIZE DEVICE_NAME_SIZE

/* The name when none is given; the host's also when nothing of the instance's can be in it. */
#define DEVICE_NAME_DEFAULT "espota-device"

/* Whether a text may be a name: 1 to 63 bytes of UTF-8 without control characters. */
bool device_name_is_valid(const char *text);

/*
 * The label of a host from a valid name: letters, digits and "-" stay, every other character
 * becomes "-", and those at either end are left out.
 */
void device_name_host_label(char out[static DEVICE_HOST_LABEL_SIZE], const char *name);

/*
 * The name to try when `name`, a valid one, is taken: "NAME-2" where `number` is 2. Whole
 * characters are cut from the end of `name` if there is no room.
 */
void device_name_alternative(char out[static DEVICE_NAME_SIZE], const char *name, unsigned number);

#endif
