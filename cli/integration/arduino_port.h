/*
 * A device as the Arduino tools see it: a port of their pluggable discovery protocol.
 */
#ifndef CLI_ARDUINO_PORT_H
#define CLI_ARDUINO_PORT_H

#include "cli/discover/device.h"

#include <jansson.h>

/*
 * What of a device's TXT record becomes properties: strings within its first bytes, and not more of
 * them than this. A device that announces itself as the cores do takes a tenth of it.
 */
#define ARDUINO_PORT_TXT_MAX   2048
#define ARDUINO_PORT_PAIRS_MAX 64

/*
 * The PORT object: address, label, protocol and properties, all texts made printable. Among the
 * properties are the device's "hostname" and "port", whatever its TXT record says under these keys,
 * and its board a second time under ".". Of keys that differ in case alone the first one holds (RFC
 * 6763, section 6.4).
 *
 * A new reference, or NULL when there is no memory.
 */
json_t *arduino_port(const struct device *device);

#endif
