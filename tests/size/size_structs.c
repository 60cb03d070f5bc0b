/*
 * What the caller provides in RAM, as arrays as large as the structs: their sizes on the target are
 * the sizes of these symbols.
 */
#include "ota/boot.h"
#include "ota/puller.h"
#include "ota/responder.h"
#include "ota/updater.h"

#define SIZE_OF(type)             \
    extern char size_of_##type[]; \
    char size_of_##type[sizeof(struct type)] = { 0 }

SIZE_OF(ota_responder);
SIZE_OF(ota_updater);
SIZE_OF(ota_responder_config);
SIZE_OF(ota_updater_config);
SIZE_OF(ota_boot_config);
SIZE_OF(ota_layout);
SIZE_OF(ota_puller);
SIZE_OF(ota_puller_config);
