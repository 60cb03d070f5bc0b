#include "device_identity.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof((struct ota_identity *)0)->station == DEVICE_MAC_SIZE, "a MAC is a MAC");

void device_identity_make_mac(uint8_t out[DEVICE_MAC_SIZE], const char *flash_path)
{
    char *resolved = realpath(flash_path, NULL);
    const char *path = resolved ? resolved : flash_path;
    uint8_t md5[DIGEST_MD5_SIZE];
    struct digest digest;

    digest_init(&digest, DIGEST_MD5);
    digest_update(&digest, path, strlen(path));
    digest_finish(&digest, md5);
    free(resolved);
    memcpy(out, md5, DEVICE_MAC_SIZE);
    out[0] = 0x02;
}

/* The chip's number is the end of its address, as on the ESP8266. */
static uint32_t chip_id(const uint8_t mac[DEVICE_MAC_SIZE])
{
    return (uint32_t)mac[3] << 16 | (uint32_t)mac[4] << 8 | mac[5];
}

/*
 * The access point's address, made from the station's as each family does it: the ESP8266 makes it
 * a locally administered one (where it is one already, another), the ESP32 counts on.
 */
static void make_access_point(uint8_t out[DEVICE_MAC_SIZE], enum image_kind family,
                              const uint8_t mac[DEVICE_MAC_SIZE])
{
    memcpy(out, mac, DEVICE_MAC_SIZE);
    if (family == IMAGE_ESP32)
        out[DEVICE_MAC_SIZE - 1]++;
    else
        out[0] ^= out[0] & 0x02 ? 0x04 : 0x02;
}

void device_identity_fill(struct ota_identity *out, const struct device_boot *boot,
                          const uint8_t mac[DEVICE_MAC_SIZE])
{
    unsigned free_slot = boot->runs && boot->found.slot == 0 ? 1 : 0;

    *out = (struct ota_identity){
        .family = boot->family,
        .chip_id = chip_id(mac),
        .free_space = ota_layout_sketch_max(&boot->layout, free_slot),
        .chip_size = boot->flash->size,
        .sdk_version = "libota " ESPOTA_VERSION,
        .given_up_md5 = boot->has_given_up ? boot->given_up : NULL,
    };
    memcpy(out->station, mac, DEVICE_MAC_SIZE);
    make_access_point(out->access_point, boot->family, mac);
    if (!boot->runs)
        return;
    out->sketch_size = boot->found.image.size;
    memcpy(out->sketch_md5, boot->found.image.md5, sizeof out->sketch_md5);
    memcpy(out->sketch_sha256, boot->sha256, sizeof out->sketch_sha256);
}
