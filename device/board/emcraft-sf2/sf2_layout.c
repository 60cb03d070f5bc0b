#include "sf2_layout.h"

const struct ota_layout sf2_layout = {
    .handover = OTA_SELECT,
    .record = { { 0x000000, 0x10000 }, { 0x010000, 0x10000 } },
    .slot = { { 0x020000, 0x100000 }, { 0x120000, 0x100000 } },
    .filesystem = { 0x220000, 0x100000 },
};
