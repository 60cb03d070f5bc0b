#include "device/port/posix/posix_flash.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct ota_flash geometry = {
    .size = 256u << 10, .erase_size = 4096, .block_size = 65536, .write_size = 4
};

static char folder[] = "/tmp/posix_flash_test.XXXXXX";
static char path[64];
static struct posix_flash flash;
static const struct ota_flash *const f = &flash.flash;

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/flash", folder);
}

static void remove_folder(void)
{
    unlink(path);
    rmdir(folder);
}

static void open_flash(void)
{
    cr_assert_eq(posix_flash_open(&flash, path, &geometry), POSIX_FLASH_OK);
}

TestSuite(posix_flash, .init = make_folder, .fini = remove_folder);

static void expect_created_erased(void)
{
    struct stat st;
    uint8_t bytes[4096];

    open_flash();
    for (uint32_t at = 0; at < f->size; at += sizeof bytes) {
        cr_assert(f->read(f->ctx, at, bytes, sizeof bytes));
        for (size_t i = 0; i < sizeof bytes; i++)
            cr_assert_eq(bytes[i], 0xFF);
    }
    posix_flash_close(&flash);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_size, 256 << 10);
}

Test(posix_flash, is_created_erased)
{
    expect_created_erased();
}

Test(posix_flash, keeps_what_was_written)
{
    char bytes[8];

    open_flash();
    cr_assert(f->write(f->ctx, 4096, "12345678", 8));
    posix_flash_close(&flash);
    open_flash();
    cr_assert(f->read(f->ctx, 4096, bytes, 8));
    cr_assert_arr_eq(bytes, "12345678", 8);
    posix_flash_close(&flash);
}

/* The rules are those of nor_flash_test.c, and hold for what an earlier process has left too. */
Test(posix_flash, breaks_no_rule_of_flash)
{
    uint8_t bytes[2];

    open_flash();
    cr_assert(f->write(f->ctx, 65532, "1234\0\0\0", 8));
    posix_flash_close(&flash);
    open_flash();
    cr_assert_not(f->write(f->ctx, 65532, "\0\0\0", 4), "it is programmed");
    cr_assert_eq(flash.nor.broken, NOR_RULE_TWICE);
    cr_assert(f->write(f->ctx, 65536, "\0\0\0", 4), "zeros over zeros");
    cr_assert_not(f->write(f->ctx, 2, "1234", 4));
    cr_assert_not(f->read(f->ctx, f->size, bytes, 1));
    cr_assert_not(f->erase(f->ctx, 4, 4096));
    cr_assert_not(f->erase(f->ctx, f->size, 4096));
    cr_assert(f->erase(f->ctx, 65536, 65536));
    cr_assert(f->read(f->ctx, 65535, bytes, 2));
    cr_assert_eq(bytes[0], '4');
    cr_assert_eq(bytes[1], 0xFF);
    cr_assert(f->erase(f->ctx, 65536 - 4096, 4096));
    cr_assert(f->read(f->ctx, 65535, bytes, 1));
    cr_assert_eq(bytes[0], 0xFF);
    posix_flash_close(&flash);
}

Test(posix_flash, a_file_of_another_size_is_left_alone)
{
    struct ota_flash other = geometry;
    struct stat st;

    open_flash();
    cr_assert(f->write(f->ctx, f->size - 4, "1234", 4));
    posix_flash_close(&flash);
    other.size = geometry.size * 2;
    cr_assert_eq(posix_flash_open(&flash, path, &other), POSIX_FLASH_SIZE);
    other.size = geometry.size / 2;
    cr_assert_eq(posix_flash_open(&flash, path, &other), POSIX_FLASH_SIZE);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_size, 256 << 10);
}

/* What a process leaves that was killed while it wrote the erased flash. */
Test(posix_flash, a_creation_that_was_cut_short_is_completed)
{
    static const off_t cuts[] = { 1, 4096, 5000, (256 << 10) - 1 };

    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        open_flash();
        posix_flash_close(&flash);
        cr_assert_eq(truncate(path, cuts[i]), 0);
        expect_created_erased();
        unlink(path);
    }
}

Test(posix_flash, two_cannot_have_it_open)
{
    struct posix_flash other;

    open_flash();
    cr_assert_eq(posix_flash_open(&other, path, &geometry), POSIX_FLASH_IN_USE);
    posix_flash_close(&flash);
    cr_assert_eq(posix_flash_open(&other, path, &geometry), POSIX_FLASH_OK);
    posix_flash_close(&other);
}

Test(posix_flash, what_cannot_be_opened_says_why)
{
    struct ota_flash bad = geometry;

    cr_assert_eq(posix_flash_open(&flash, folder, &geometry), POSIX_FLASH_SYSTEM);
    cr_assert_str_eq(posix_flash_status_text(POSIX_FLASH_SYSTEM), "Is a directory");
    bad.erase_size = 4095;
    cr_assert_eq(posix_flash_open(&flash, path, &bad), POSIX_FLASH_GEOMETRY);
    for (int i = POSIX_FLASH_OK; i <= POSIX_FLASH_IN_USE; i++)
        cr_assert_not_null(posix_flash_status_text((enum posix_flash_status)i));
}
