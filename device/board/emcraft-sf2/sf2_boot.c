/*
 * The bootloader: it runs after every reset, has ota_boot() choose, loads what that chose into DDR
 * memory, and jumps there.
 */
#include "sf2_clock.h"
#include "sf2_layout.h"
#include "sf2_memory.h"
#include "sf2_nor.h"
#include "sf2_sketch.h"
#include "sf2_start.h"
#include "sf2_uart.h"

#include "ota/boot.h"

/* For moving file systems. */
static uint8_t buffer[4096];

_Noreturn static void halt(const char *why)
{
    sf2_uart_text("halt ");
    sf2_uart_text(why);
    sf2_uart_text("\n");
    sf2_stop();
}

_Noreturn void sf2_on_fault(void)
{
    halt("the bootloader has run into a fault of the processor");
}

static const char *event_name(enum ota_boot_event event)
{
    static const char *const names[] = { "none",     "adopted",     "trying", "trying-more",
                                         "given-up", "rolled-back", "moved",  "dropped" };

    return names[event];
}

static const char *fault_name(enum ota_boot_fault fault)
{
    static const char *const names[] = { "none",  "layout", "read",    "record",
                                         "flash", "image",  "no-image" };

    return names[fault];
}

static void tell(const struct ota_boot *boot, const char *version)
{
    sf2_uart_text("boot slot=");
    sf2_uart_number(boot->slot);
    sf2_uart_text(" version=");
    sf2_uart_quoted(version, SF2_VERSION_MAX);
    sf2_uart_text(" event=");
    sf2_uart_text(event_name(boot->event));
    sf2_uart_text(" fault=");
    sf2_uart_text(fault_name(boot->fault));
    sf2_uart_text(" md5=");
    sf2_uart_hex(boot->image.md5, sizeof boot->image.md5);
    sf2_uart_text(boot->trial ? " trial=yes\n" : " trial=no\n");
}

/* One region, and the processor's own map elsewhere: DDR memory holds code (ARMv7-M, B3.5). */
static void make_executable(void)
{
    enum {
        CONTROL = 0,
        REGION = 4,
        BASE = 8,
        ATTRIBUTES = 12
    };

    *sf2_word(SF2_MPU + REGION) = 0;
    *sf2_word(SF2_MPU + BASE) = SF2_DDR;
    *sf2_word(SF2_MPU + ATTRIBUTES) =
        3u << 24 | 3u << 16 | 25u << 1 | 1u; /* 2^26 bytes, all access */
    /* Enabled, also for handlers of faults, with the default map behind it. */
    *sf2_word(SF2_MPU + CONTROL) = 7;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

/* As a reset does it: the stack and the first instruction are in the table. */
_Noreturn static void jump(uint32_t table)
{
    uint32_t stack = *sf2_word(table);
    uint32_t reset = *sf2_word(table + 4);

    __asm__ volatile("cpsid i");
    sf2_clock_stop();
    *sf2_word(SF2_VTOR) = table;
    __asm__ volatile("dsb\n\tisb\n\tmsr msp, %0\n\tbx %1" ::"r"(stack), "r"(reset) : "memory");
    __builtin_unreachable();
}

/*
 * What ota_boot() chose cannot run. On trial, the start was counted: after some more of them the
 * sketch before it runs. A confirmed one is gone back from, as long as there is something to go
 * back to; each rollback takes that away, so there is an end to it.
 */
static void try_another(const struct ota_flash *flash, const struct ota_boot *boot)
{
    struct ota_boot_info info;

    ota_boot_state(flash, &sf2_layout, &info);
    if (!info.has_previous)
        return;
    if (boot->trial || ota_boot_rollback(flash, &sf2_layout) == OTA_OK)
        sf2_reset();
}

/* Read it again if need be: what fails once may be right the next time. */
static bool read_sketch(struct sf2_sketch *out, const struct ota_flash *flash,
                        const struct ota_boot *boot)
{
    uint8_t *memory = (uint8_t *)(uintptr_t)SF2_STAGING;
    uint32_t max = sf2_layout.slot[boot->slot].size;
    bool read = false;

    for (unsigned tries = 0; tries < 2 && !read; tries++)
        read = sf2_sketch_read(out, flash, boot->offset, &boot->image, max, memory);
    return read && sf2_sketch_is_loadable(out);
}

int main(void)
{
    static struct ota_flash flash;
    static struct ota_boot boot;
    static struct sf2_sketch sketch;
    struct ota_boot_config config = {
        .flash = &flash,
        .layout = &sf2_layout,
        .buffer = buffer,
        .buffer_size = sizeof buffer,
        .image_size = sf2_sketch_size,
    };

    if (!sf2_nor_open(&flash))
        halt("the flash does not answer, is of another kind, or stays protected");
    if (!ota_boot(&config, &boot))
        halt(ota_boot_fault_text(boot.fault));
    bool good = read_sketch(&sketch, &flash, &boot);
    tell(&boot, good ? sf2_sketch_version(&sketch) : "?");
    if (good) {
        make_executable();
        jump(sf2_sketch_load(&sketch));
    }
    sf2_uart_text("bad the sketch is not what the boot record says, or cannot be loaded\n");
    try_another(&flash, &boot);
    halt("there is no other sketch");
}
