/*
 * espota-device with --boot in the hands of a test: its boot lines, and updates through a restart.
 */
#ifndef TESTS_E2E_BOOT_H
#define TESTS_E2E_BOOT_H

#include "e2e_board.h"

/* In a flash of 4 MiB: bytes of each copy of the record, which it begins with, and of the spare. */
#define RECORD_SIZE 4096u
#define SPARE_SIZE  0x10000u

/* In the same: where the first slot begins. */
#define SLOT_0 0x10000u

/* The value of NAME in a line is this. */
void boot_expect(const char *rest, const char *name, const char *expected);

/* The latest boot runs this sketch, all of it is where it should be, and that is how it stands. */
void boot_expect_runs(const struct board *board, const struct e2e_image *sketch, const char *state,
                      const char *event);

/* This image lies whole at this place in flash. */
void boot_expect_at(const struct board *board, uint32_t offset, const struct e2e_image *image);

/* Both copies of the record hold the same, or nobody would notice that one is lost. */
void boot_expect_same_records(const struct board *board);

/* The device says next that the sketch has confirmed itself. */
void boot_expect_confirmed(const struct board *board, const struct e2e_image *sketch);

/* Upload, and see it through the restart; returns what was staged. */
struct board_image boot_update(struct board *board, const struct e2e_image *image,
                               const char *const *args);

/* A device that runs this sketch, confirmed, and was stopped since; `boot` as in --boot. */
struct board boot_board_with(const struct e2e_image *sketch, const char *boot);

/* Write noise over a part of the flash file, while the device is off. */
void boot_damage(const struct board *board, uint32_t offset, uint32_t len);

#endif
