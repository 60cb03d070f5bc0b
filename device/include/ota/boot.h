/*
 * Starting: what the bootloader runs, and what the application tells it.
 *
 * The bootloader calls ota_boot() after every reset. It finishes what a power cut interrupted,
 * carries out what the record asks for, and says which image to jump to:
 *
 *     struct ota_boot boot;
 *     if (ota_boot(&config, &boot))
 *         jump_to(boot.offset);
 *     else
 *         stay_here(ota_boot_fault_text(boot.fault));    never a reset: that would go on for ever
 *
 * A staged sketch is examined, and handed over in one of two ways (ota/layout.h): with OTA_SELECT
 * its slot is picked; with OTA_EXCHANGE slots 0 and 1 exchange their content first, piece by piece.
 * Then it is on trial: the application must call ota_boot_confirm() once it knows that it works.
 * After `trial_boots` boots without that, the bootloader goes back to the sketch before it. A
 * staged file system is moved to its area. Whatever is cut short is taken up at the next boot.
 */
#ifndef OTA_BOOT_H
#define OTA_BOOT_H

#include "ota/boot_state.h"
#include "ota/flash.h"
#include "ota/layout.h"
#include "ota/record.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_TRIAL_BOOTS 3

struct ota_boot_config {
    const struct ota_flash *flash;
    const struct ota_layout *layout;
    /*
     * Working memory for moving images: a multiple of write_size. The larger, the fewer programs;
     * an erase unit is enough. Without any (NULL and 0) OTA_SELECT works, but for file systems;
     * what would have to be moved is dropped.
     */
    uint8_t *buffer;
    uint32_t buffer_size;
    uint8_t trial_boots; /* 1 to OTA_TRIAL_BOOTS_MAX; 0 stands for OTA_TRIAL_BOOTS */

    /*
     * Bytes of the image that begins at `area->offset`, 0 when there is none, told from its own
     * header. Asked when no record tells: after the device was flashed by wire, or when both
     * copies are damaged. More than the area's size counts as none. NULL: everything that does not
     * begin with four erased bytes is taken for an image as large as its slot.
     */
    uint32_t (*image_size)(void *ctx, const struct ota_flash *flash, const struct ota_area *area);

    /* Called now and then during long work, to feed a watchdog or blink. May be NULL. */
    void (*tick)(void *ctx);
    void *ctx; /* handed to both unchanged */
};

/* What a boot did beside choosing an image, and could record. */
enum ota_boot_event {
    OTA_BOOT_NOTHING,
    OTA_BOOT_ADOPTED,     /* there was no record: the sketch in slot 0 is on record now */
    OTA_BOOT_TRYING,      /* a staged sketch runs for the first time */
    OTA_BOOT_TRYING_MORE, /* a sketch on trial runs another time */
    OTA_BOOT_GIVEN_UP,    /* the sketch on trial did not confirm itself: the one before it runs */
    OTA_BOOT_ROLLED_BACK, /* as asked for: the sketch before runs */
    OTA_BOOT_MOVED,       /* a staged file system is in its area */
    OTA_BOOT_DROPPED,     /* what was staged, or was to be gone back to, is not what the record
                             says, or flash did not take it: it is not there any more */
};

/* What is wrong; a sketch may run all the same. */
enum ota_boot_fault {
    OTA_BOOT_SOUND,
    OTA_BOOT_LAYOUT,   /* the layout does not fit the flash, or the configuration is unusable */
    OTA_BOOT_READ,     /* flash failed to read */
    OTA_BOOT_RECORD,   /* both copies of the record are damaged: updates are refused (error 8) */
    OTA_BOOT_FLASH,    /* flash failed to erase or to program: worn out */
    OTA_BOOT_IMAGE,    /* an image that was to be used is not what the record says */
    OTA_BOOT_NO_IMAGE, /* there is nothing that could run */
};

struct ota_boot {
    unsigned slot;             /* the sketch to run lies in this slot, */
    uint32_t offset;           /* and begins here, in bytes from the start of flash */
    struct ota_image image;    /* that sketch; size 0: it is not on record */
    bool trial;                /* it must confirm itself */
    uint8_t boots_left;        /* trial: boots after this one before it is given up; means nothing
                                  where there is no sketch to go back to */
    enum ota_boot_event event; /* what happened; of several, the last */
    enum ota_boot_fault fault; /* of several, the last; when nothing runs, why */
};

/*
 * Do what a start has to do; `out` is always filled in. True when there is an image to run. Blocks
 * while flash works: an exchange takes as long as erasing and programming both images. May be cut
 * at any instant, and be called again.
 * False: OTA_BOOT_LAYOUT, _READ, _NO_IMAGE, or OTA_BOOT_FLASH when slot 0 is between two images
 * and cannot be written. Trying again later does no harm.
 */
bool ota_boot(const struct ota_boot_config *config, struct ota_boot *out);

/* A clause for people: "both copies of the boot record are damaged". The string is constant. */
const char *ota_boot_fault_text(enum ota_boot_fault fault);

#ifdef __cplusplus
}
#endif

#endif
