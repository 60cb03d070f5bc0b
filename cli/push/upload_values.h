/*
 * The values of upload's options, read completely or not at all: bad ones end the program by
 * argp_error(), with a sentence that names the option.
 */
#ifndef CLI_UPLOAD_VALUES_H
#define CLI_UPLOAD_VALUES_H

#include "cli/address.h"
#include "cli/push/endpoint.h"

#include <argp.h>
#include <stdint.h>

/* Seconds, more than 0, with up to three decimals; returns milliseconds. */
uint32_t upload_value_seconds(const struct argp_state *state, const char *option, const char *text);

/*
 * -p, -I and -P. A recipe's variable that was not filled in leaves `out` as it is; so do an empty
 * port, and a local address that is the script's path of a recipe's `python3 -I .../espota.py`.
 */
void upload_value_port(uint16_t *out, const struct argp_state *state, const char *text);
void upload_value_local(struct address *out, const struct argp_state *state, const char *text);
void upload_value_ports(struct port_range *out, const struct argp_state *state, const char *text);

/* A number from 1 to `max`. */
void upload_value_count(unsigned *out, const struct argp_state *state, const char *option,
                        const char *text, unsigned max);

/* Text that stands for something: not empty. It stays where it is. */
void upload_value_text(const char **out, const struct argp_state *state, const char *option,
                       const char *text);

#endif
