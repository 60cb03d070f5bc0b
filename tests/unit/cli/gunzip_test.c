#include "cli/image/gunzip.h"

#include "tests/support/image_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEED 5

static struct built_image content;
static struct built_image packed;
static struct gunzip_sizes sizes;
static int out = -1;

static void build(void)
{
    content = build_esp8266(300000, SEED);
    cr_assert_not_null(content.bytes);
    packed = build_gzip(&content);
    cr_assert_not_null(packed.bytes);
    out = memfd_create("gunzip_test", MFD_CLOEXEC);
    cr_assert_geq(out, 0);
}

static void release(void)
{
    close(out);
    built_image_free(&packed);
    built_image_free(&content);
}

TestSuite(gunzip, .init = build, .fini = release);

/* Append bytes to the packed file. */
static void append(const uint8_t *bytes, size_t len)
{
    packed.bytes = realloc(packed.bytes, packed.size + len);
    cr_assert_not_null(packed.bytes);
    memcpy(packed.bytes + packed.size, bytes, len);
    packed.size += len;
}

static enum gunzip_status inflate_all(void)
{
    struct image_source file = built_image_source(&packed);

    cr_assert_eq(ftruncate(out, 0), 0);
    cr_assert_eq(lseek(out, 0, SEEK_SET), 0);
    return gunzip(&sizes, &file, out);
}

static void assert_written(const uint8_t *expected, size_t len, off_t offset)
{
    uint8_t *bytes = malloc(len);

    cr_assert_not_null(bytes);
    cr_assert_eq(pread(out, bytes, len, offset), (ssize_t)len);
    cr_assert_arr_eq(bytes, expected, len);
    free(bytes);
}

Test(gunzip, writes_the_content)
{
    cr_assert_eq(inflate_all(), GUNZIP_OK);
    cr_assert_eq(sizes.content, content.size);
    cr_assert_eq(sizes.packed, packed.size);
    assert_written(content.bytes, content.size, 0);
}

Test(gunzip, says_when_it_cannot_write)
{
    close(out);
    out = -1;
    struct image_source file = built_image_source(&packed);
    cr_assert_eq(gunzip(&sizes, &file, out), GUNZIP_ERROR);
}

static bool read_nothing(const void *ctx, uint64_t offset, void *to, size_t len)
{
    (void)ctx;
    (void)offset;
    (void)to;
    (void)len;
    return false;
}

Test(gunzip, says_when_it_cannot_read)
{
    struct image_source file = { NULL, 1000, read_nothing };

    cr_assert_eq(gunzip(&sizes, &file, out), GUNZIP_ERROR);
}

Test(gunzip, every_cut_is_damage)
{
    const size_t whole = packed.size;

    for (size_t size = 0; size < whole; size++) {
        if (size > 64 && size < whole - 64 && size % 4999 != 0)
            continue;
        packed.size = size;
        cr_assert_eq(inflate_all(), GUNZIP_DAMAGED, "%zu bytes", size);
    }
}

Test(gunzip, a_wrong_trailer_is_damage)
{
    for (size_t back = 1; back <= 8; back++) {
        packed.bytes[packed.size - back] ^= 1;
        cr_assert_eq(inflate_all(), GUNZIP_DAMAGED, "%zu bytes from the end", back);
        packed.bytes[packed.size - back] ^= 1;
    }
    cr_assert_eq(inflate_all(), GUNZIP_OK);
}

Test(gunzip, a_flipped_bit_is_damage)
{
    for (size_t place = 20; place < packed.size; place += 4999) {
        packed.bytes[place] ^= 4;
        cr_assert_eq(inflate_all(), GUNZIP_DAMAGED, "byte %zu", place);
        packed.bytes[place] ^= 4;
    }
}

Test(gunzip, forgives_what_follows)
{
    uint8_t signature[260];
    size_t whole = packed.size;

    memset(signature, 0x77, sizeof signature);
    append(signature, sizeof signature);
    cr_assert_eq(inflate_all(), GUNZIP_OK);
    cr_assert_eq(sizes.packed, whole);
    memcpy(packed.bytes + whole, "\x1F\x8B\x08", 3);
    cr_assert_eq(inflate_all(), GUNZIP_OK, "a signature that looks like another member");
    cr_assert_eq(sizes.packed, whole);
    cr_assert_eq(sizes.content, content.size);
}

Test(gunzip, takes_further_members_for_content)
{
    struct built_image more = build_noise(1000, SEED);
    struct built_image none = build_noise(0, SEED);
    struct built_image packed_more = build_gzip(&more);
    struct built_image packed_none = build_gzip(&none);

    append(packed_none.bytes, packed_none.size);
    append(packed_more.bytes, packed_more.size);
    cr_assert_eq(inflate_all(), GUNZIP_OK);
    cr_assert_eq(sizes.content, content.size + more.size);
    cr_assert_eq(sizes.packed, packed.size);
    assert_written(content.bytes, content.size, 0);
    assert_written(more.bytes, more.size, (off_t)content.size);
    built_image_free(&more);
    built_image_free(&none);
    built_image_free(&packed_more);
    built_image_free(&packed_none);
}

Test(gunzip, gives_up_on_a_bomb)
{
    struct built_image zeros = { calloc(1, GUNZIP_CONTENT_MAX + 1), GUNZIP_CONTENT_MAX + 1 };

    cr_assert_not_null(zeros.bytes);
    built_image_free(&packed);
    packed = build_gzip(&zeros);
    cr_assert_lt(packed.size, 100000);
    cr_assert_eq(inflate_all(), GUNZIP_TOO_LARGE);
    zeros.size--;
    built_image_free(&packed);
    packed = build_gzip(&zeros);
    cr_assert_eq(inflate_all(), GUNZIP_OK);
    cr_assert_eq(sizes.content, GUNZIP_CONTENT_MAX);
    built_image_free(&zeros);
}
