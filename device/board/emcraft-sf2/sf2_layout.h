/*
 * Where things are in the board's flash; bootloader and application are built with the same. The
 * bootloader itself lies in other memory (eNVM).
 */
#ifndef SF2_LAYOUT_H
#define SF2_LAYOUT_H

#include "ota/layout.h"

/* Sketches for this board are images in the ESP32's format with this chip id, which no chip has. */
#define SF2_CHIP_ID 0x05F2

/* The settings: one sector behind the areas (sf2_settings.h). */
#define SF2_SETTINGS_AT 0x320000u

extern const struct ota_layout sf2_layout;

#endif
