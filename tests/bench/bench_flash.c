/*
 * bench-flash: how long flash is busy with updates, in virtual time: the library's responder and
 * updater on NOR flash in memory, which takes what data sheets call typical. Figures repeat
 * exactly.
 */
#define RIG_FLASH_SIZE (4u << 20)
#define RIG_IMAGE_SIZE (1u << 20)

#include "tests/unit/device/responder_rig.h"

#include <stdlib.h>

static struct responder_rig rig;

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "bench-flash: %s\n", what);
    exit(1);
}

/* --- The table -------------------------------------------------------------------------------- */

static void count_from_here(void)
{
    rig.nor.counts = (struct nor_counts){ 0 };
    rig.nor.busy_us = 0;
}

static void print_head(void)
{
    printf("%-52s %9s %7s %8s %9s\n", "1 MiB", "flash s", "blocks", "sectors", "programs");
}

static void print_row(const char *what)
{
    const struct nor_counts *counts = &rig.nor.counts;

    printf("%-52s %9.3f %7u %8u %9u\n", what, (double)rig.nor.busy_us / 1e6,
           (unsigned)counts->blocks, (unsigned)(counts->erases - counts->blocks),
           (unsigned)counts->programs);
}

/* --- What is measured ------------------------------------------------------------------------- */

/* A device whose slots hold `content` everywhere. */
static void begin(uint8_t content)
{
    rig_init(&rig);
    memset(rig.cells + rig.layout.slot[0].offset, content,
           rig.layout.slot[0].size + rig.layout.slot[1].size);
}

static void push(void)
{
    rig.sent = 0;
    rig.room = sizeof rig.stream - 1;
    count_from_here();
    rig_update(&rig);
    require(rig_ends_with(&rig, "OK"), "an update failed");
}

static void restart(void)
{
    require(rig_restart(&rig), "the device did not start");
}

/* Sector by sector, as the stock classes do: erased, then programmed. */
static void measure_stock(void)
{
    const struct ota_flash *flash = &rig.nor.flash;
    uint32_t start = rig.layout.slot[1].offset;

    begin(0);
    count_from_here();
    for (uint32_t at = 0; at < RIG_IMAGE_SIZE; at += flash->erase_size) {
        require(flash->erase(flash->ctx, start + at, flash->erase_size) &&
                    flash->write(flash->ctx, start + at, rig.image + at, flash->erase_size),
                "flash failed");
    }
    print_row("a sector erased, a sector programmed, and so on");
}

static void measure_first(void)
{
    begin(0);
    push();
    print_row("to flash that was used before");
    restart();
    push();
    print_row("the running image again");
}

static void measure_blank(void)
{
    struct ota_record record;

    begin(0xFF);
    record = rig_record(&rig);
    record.clean[1] = rig.layout.slot[1].size;
    require(ota_record_write(&record) == OTA_OK, "flash failed");
    push();
    print_row("to flash that is blank");
}

static void measure_previous(void)
{
    begin(0);
    push();
    restart();
    rig.image[100] ^= 1;
    push();
    restart();
    rig.image[100] ^= 1;
    push();
    print_row("the image that the other slot still holds");
}

static void measure_broken_off(void)
{
    begin(0);
    rig_invite(&rig, rig_peer(1, 5000));
    rig_connected(&rig);
    count_from_here();
    rig_stream(&rig, 0, RIG_IMAGE_SIZE / 10 * 9);
    ota_responder_on_closed(&rig.responder);
    print_row("broken off after nine tenths");
    push();
    print_row("and once more, whole");
}

int main(void)
{
    print_head();
    measure_stock();
    measure_first();
    measure_blank();
    measure_previous();
    measure_broken_off();
    return 0;
}
