/*
 * The values in a catalogue as typed values: completely, or not at all.
 */
#ifndef CLI_FLEET_VALUES_H
#define CLI_FLEET_VALUES_H

#include "cli/serve/fleet.h"

#include <stdbool.h>
#include <stdint.h>

/* A share: "10%", "0.5%", with up to four decimals, at most 100%; in millionths. */
bool fleet_share_parse(uint32_t *out, const char *text);

/*
 * A time: "2026-12-01T08:00Z", "2026-12-01T08:00:30+02:00"; seconds since the epoch. Never without
 * a zone; from 1970 to 9999, and a day that there is.
 */
bool fleet_time_parse(int64_t *out, const char *text);

/* A chip family by its name: "esp8266", "esp32", "pico" or "rp2040". */
bool fleet_family_parse(enum image_kind *out, const char *text);

/*
 * A release's name: 1 to 95 visible ASCII characters; spaces only between them, and '#' and ';' not
 * first nor behind a space.
 */
bool fleet_name_parse(char out[static UPDATE_VERSION_SIZE], const char *text);

/*
 * A MAC, or a pattern of MACs with '*', '?' and '[...]', of either case: rule->pattern and
 * rule->literals are filled in. False when it is neither, or cannot match any MAC by how it begins.
 */
bool fleet_pattern_parse(struct fleet_rule *rule, const char *text);

/* True when the rule's pattern has no wildcard: it is one device's. */
bool fleet_pattern_is_exact(const struct fleet_rule *rule);

#endif
