/*
 * Command line texts as typed values: completely, or not at all.
 */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/* Ports to try in order; both 0: one chosen by the system. */
struct port_range {
    uint16_t first;
    uint16_t last;
};

/* A decimal number up to `max`. */
bool parse_unsigned(unsigned *out, const char *text, unsigned max);

/* A port, 0 to 65535. */
bool parse_port(uint16_t *out, const char *text);

/* A port, or two with a hyphen, the first not larger than the second; 0 stands alone. */
bool parse_port_range(struct port_range *out, const char *text);

/*
 * Seconds, with up to three decimals, as milliseconds: "20", "0.5". More than 0, at most a week.
 */
bool parse_seconds(uint32_t *out_ms, const char *text);

#endif
