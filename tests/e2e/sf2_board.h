/*
 * The emulated microcontroller board in the hands of a test: QEMU with the real bootloader and
 * firmware, the lines on its UART, its flash file, its plug.
 *
 * The firmware comes from the folder SF2_FIRMWARE: sf2-boot.elf, and sf2-1.bin to sf2-5.bin.
 * Versions 1 and 2 are good; 3 never confirms itself, 4 hangs, 5 runs into a fault.
 * Every failure ends the test, and every wait is bounded; the emulator never outlives the test.
 */
#ifndef TESTS_E2E_SF2_BOARD_H
#define TESTS_E2E_SF2_BOARD_H

#include "e2e_board.h"

#include <stdint.h>

#define SF2_SUITE(name) TestSuite(name, .init = e2e_setup, .fini = sf2_teardown, .timeout = 500)

/* After a test, instead of e2e_teardown(). */
void sf2_teardown(void);

/* Milliseconds after which a board that should have said something hangs. */
#define SF2_PATIENCE_MS 60000

/* Its flash: bytes, and where things are. */
#define SF2_FLASH_SIZE 0x1000000u
#define SF2_UNIT       0x10000u
#define SF2_SLOT_0     0x20000u
#define SF2_SLOT_1     0x120000u
#define SF2_SLOT_SIZE  0x100000u
#define SF2_FILES      0x220000u
#define SF2_SETTINGS   0x320000u

/* The chip id that its images carry. */
#define SF2_CHIP_ID 0x05F2

/* Where it is with QEMU's own network, and where its host is then. */
#define SF2_ADDRESS      "10.0.2.15"
#define SF2_HOST_ADDRESS "10.0.2.2"

struct sf2_board {
    /* As e2e_board.h wants it, so that uploads to the board are uploads to any other. */
    struct board board;
    struct temp_path monitor; /* the socket of QEMU's monitor */
    struct process qemu;      /* its stdout is the board's UART */
    int qmp;                  /* -1 while it is off */
};

struct sf2_options {
    uint32_t cut_at;     /* the flash operation that it stops in for ever, from 1; 0: none */
    const char *network; /* for QEMU's -nic; NULL: its own, and a port that the system chooses */
};

/* The image of a version of the firmware, as a file in the test's folder. */
struct e2e_image sf2_firmware(unsigned version);

/*
 * Put a board together that was never on: version 1 in slot 0, blank records, and these settings
 * (lines, or NULL for none). Its flash is a file of that name in the test's folder. The board may
 * not be moved or copied from now on.
 */
void sf2_make(struct sf2_board *board, const char *flash, const char *settings);

/* Plug it in; `options` may be NULL. Nothing is waited for but QEMU. */
void sf2_start(struct sf2_board *board, const struct sf2_options *options);

/*
 * Wait for the next line on the UART that begins with `word`; the rest of it, after a space, goes
 * to `rest`, which may be NULL. A line "halt" fails, unless it is waited for.
 */
void sf2_says(struct sf2_board *board, const char *word, char rest[BOARD_LINE_MAX]);

/* The same for whichever of these words comes first; its index. `words` ends with NULL. */
size_t sf2_says_one_of(struct sf2_board *board, const char *const *words,
                       char rest[BOARD_LINE_MAX]);

/* Wait until the bootloader has started something: the rest of its line. */
void sf2_boots(struct sf2_board *board, char rest[BOARD_LINE_MAX]);

/* Wait until a version has started and is on the network. A version on trial confirms itself. */
unsigned sf2_runs(struct sf2_board *board);

/* Wait until this version has started and is on the network, and was confirmed if on trial. */
void sf2_expect_version(struct sf2_board *board, unsigned version);

/* Upload this version, `args` as for espota-c or NULL, and see it run, confirmed. */
void sf2_update(struct sf2_board *board, unsigned version, const char *const *args);

/* Flash operations since it was plugged in. */
uint32_t sf2_operations(const struct sf2_board *board);

/*
 * Pull the plug: what was written is in the flash file then, and nothing happens any more. Does
 * nothing when it is off.
 */
void sf2_pull_plug(struct sf2_board *board);

#endif
