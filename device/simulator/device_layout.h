/*
 * Where espota-device puts things in its flash.
 */
#ifndef DEVICE_LAYOUT_H
#define DEVICE_LAYOUT_H

#include "ota/flash.h"
#include "ota/layout.h"

#include <stdbool.h>

/*
 * The usual order without a bootloader, which this program is itself: the records, then two slots
 * and a file system of about a third of the rest each. Everything lies at the same place with both
 * hand-overs. False when the flash is too small for that.
 */
bool device_layout_arrange(struct ota_layout *out, const struct ota_flash *flash,
                           enum ota_handover handover);

#endif
