/*
 * What kind of value an option takes: told by what help calls it, as in --file=IMAGE.
 */
#ifndef CLI_VALUE_KIND_H
#define CLI_VALUE_KIND_H

#include <stdbool.h>

enum value_kind {
    VALUE_UNKNOWN,   /* a text that nobody can guess: numbers, passwords, patterns */
    VALUE_FILE,      /* a file's path */
    VALUE_DEVICE,    /* a device of the network */
    VALUE_ADDRESS,   /* an address of this machine */
    VALUE_INTERFACE, /* a network interface of this machine */
    VALUE_WORD,      /* one of a few words */
};

struct value {
    enum value_kind kind;
    const char *const *words; /* of VALUE_WORD; ends with NULL */
};

/* False when help has no such argument as `argument`: then it is to be added to the table. */
bool value_of(struct value *out, const char *argument);

/* The kind as completions name it: "file", "device" and so on; "unknown". */
const char *value_kind_name(enum value_kind kind);

#endif
