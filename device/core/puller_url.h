/*
 * Where an image is: web addresses, as given by the user and by servers that redirect.
 */
#ifndef OTA_PULLER_URL_H
#define OTA_PULLER_URL_H

#include "common/text.h"
#include "ota/puller.h"

/*
 * Read "http[s]://host[:port][/path][?query][#fragment]", host being a name, an IPv4 address or an
 * IPv6 address in brackets. False, with `url` untouched, when it is anything else (user
 * information among it), or too long. The fragment is dropped.
 */
bool ota_puller_url_parse(struct ota_pull_url *url, struct text_cursor text);

/*
 * Go where a Location points to: an address, or a reference relative to where `url` is (RFC 3986,
 * section 5). False when that is nowhere, or no place to go to: from https it leads to https alone.
 * `url` is in no particular state then.
 */
bool ota_puller_url_follow(struct ota_pull_url *url, struct text_cursor reference);

/* True when both are the same server: scheme, host and port. */
bool ota_puller_url_same_server(const struct ota_pull_url *a, const struct ota_pull_url *b);

/* The port of the scheme, which goes without saying. */
uint16_t ota_puller_url_standard_port(bool tls);

#endif
