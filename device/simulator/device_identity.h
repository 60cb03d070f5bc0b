/*
 * What espota-device tells a server about itself.
 */
#ifndef DEVICE_IDENTITY_H
#define DEVICE_IDENTITY_H

#include "device_boot.h"
#include "device_pull_options.h"
#include "ota/puller.h"

/*
 * A MAC address for a flash file: always the same for the same path, and one that nobody was given
 * (it is locally administered, 02:...). A path that cannot be resolved is taken as it is.
 */
void device_identity_make_mac(uint8_t out[DEVICE_MAC_SIZE], const char *flash_path);

/*
 * Everything but the version, as `boot` has found it at the last start; `mac` is the station's, and
 * the access point's is made from it. Texts are constant.
 */
void device_identity_fill(struct ota_identity *out, const struct device_boot *boot,
                          const uint8_t mac[DEVICE_MAC_SIZE]);

#endif
