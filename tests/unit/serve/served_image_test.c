#include "cli/serve/served_image.h"

#include "tests/support/image_builder.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct temp temp;
static struct built_image built;
static struct temp_path path;
static struct failure failure;

static void begin(void)
{
    cr_assert(temp_create(&temp));
    built = build_esp8266(100000, 7);
    path = temp_path(&temp, "sketch.bin");
    cr_assert(file_write(path.text, built.bytes, built.size));
}

static void end(void)
{
    built_image_free(&built);
    temp_remove(&temp);
}

TestSuite(served_image, .init = begin, .fini = end);

static struct served_image *must_load(void)
{
    struct served_image *image = served_image_load(path.text, false, &failure);

    cr_assert(image, "%s", failure.text);
    return image;
}

/* The image's bytes, through an evbuffer, are those that were built. */
static void expect_bytes(struct served_image *image, size_t offset, size_t len)
{
    struct evbuffer *out = evbuffer_new();

    cr_assert(served_image_append(image, out, offset, len));
    cr_expect_eq(evbuffer_get_length(out), len);
    cr_expect_arr_eq(evbuffer_pullup(out, -1), built.bytes + offset, len);
    evbuffer_free(out);
}

Test(served_image, is_described)
{
    struct served_image *image = must_load();
    char md5[33];
    char etag[40];
    struct stat st;

    digest_hex(DIGEST_MD5, built.bytes, built.size, md5);
    snprintf(etag, sizeof etag, "\"%s\"", md5);
    cr_expect_str_eq(image->md5_text, md5);
    cr_expect_str_eq(image->etag, etag);
    cr_expect_str_eq(image->path, path.text);
    cr_expect_eq(image->facts.size, built.size);
    cr_expect_eq(image->facts.kind, IMAGE_ESP8266);
    cr_expect_eq(image->references, 1);
    cr_assert_eq(fstat(image->fd, &st), 0);
    cr_expect_eq((size_t)st.st_size, built.size);
    served_image_release(image);
}

Test(served_image, has_the_date_of_its_file)
{
    /* 784111777 is the date that RFC 9110 has for an example. */
    struct timespec times[2] = { { .tv_sec = 784111777 }, { .tv_sec = 784111777 } };

    cr_assert_eq(utimensat(AT_FDCWD, path.text, times, 0), 0);
    struct served_image *image = must_load();
    cr_expect_str_eq(image->modified, "Sun, 06 Nov 1994 08:49:37 GMT");
    served_image_release(image);
}

Test(served_image, gives_any_part_of_itself)
{
    struct served_image *image = must_load();

    expect_bytes(image, 0, built.size);
    expect_bytes(image, 4095, 4098);
    expect_bytes(image, built.size - 1, 1);
    served_image_release(image);
}

Test(served_image, stays_as_it_was_whatever_becomes_of_the_file)
{
    struct served_image *image = must_load();
    int fd = open(path.text, O_WRONLY | O_CLOEXEC);

    cr_assert_eq(pwrite(fd, "changed", 7, 50000), 7);
    expect_bytes(image, 0, built.size);
    cr_assert_eq(ftruncate(fd, 10), 0);
    expect_bytes(image, 0, built.size);
    close(fd);
    cr_assert_eq(unlink(path.text), 0);
    expect_bytes(image, 0, built.size);
    served_image_release(image);
}

Test(served_image, cannot_be_changed_by_anybody)
{
    struct served_image *image = must_load();

    cr_expect_eq(pwrite(image->fd, "x", 1, 0), -1);
    cr_expect_eq(errno, EPERM);
    cr_expect_eq(ftruncate(image->fd, 1), -1);
    cr_expect_eq(ftruncate(image->fd, (off_t)built.size + 1), -1);
    cr_expect_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, image->fd, 0), MAP_FAILED);
    cr_expect_eq(fcntl(image->fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), -1);
    served_image_release(image);
}

Test(served_image, bytes_in_a_buffer_outlive_it)
{
    struct served_image *image = must_load();
    struct evbuffer *out = evbuffer_new();
    int fd = image->fd;

    cr_assert(served_image_append(image, out, 0, built.size));
    served_image_hold(image);
    served_image_release(image);
    served_image_release(image);
    cr_expect_arr_eq(evbuffer_pullup(out, -1), built.bytes, built.size);
    cr_expect(fcntl(fd, F_GETFD) >= 0);
    evbuffer_free(out);
    cr_expect_eq(fcntl(fd, F_GETFD), -1, "the descriptor stays open");
    served_image_release(NULL);
}

/* ---- when the file is another one ---- */

Test(served_image, is_current_while_its_file_is_left_alone)
{
    struct served_image *image = must_load();

    cr_expect_not(served_image_is_outdated(image));
    char *bytes = file_read(path.text, NULL);
    free(bytes);
    cr_expect_not(served_image_is_outdated(image));
    served_image_release(image);
}

Test(served_image, is_outdated_when_its_file_is_written_to)
{
    struct served_image *image = must_load();
    int fd = open(path.text, O_WRONLY | O_CLOEXEC);

    /* At once, and with as many bytes as before. */
    cr_assert_eq(pwrite(fd, built.bytes, 1, 0), 1);
    cr_expect(served_image_is_outdated(image));
    close(fd);
    served_image_release(image);
}

Test(served_image, is_outdated_when_its_file_is_replaced)
{
    struct served_image *image = must_load();
    struct temp_path other = temp_path(&temp, "other.bin");
    struct timespec times[2] = { image->stamp.modified, image->stamp.modified };

    cr_assert(file_write(other.text, built.bytes, built.size));
    cr_assert_eq(utimensat(AT_FDCWD, other.text, times, 0), 0);
    cr_assert_eq(rename(other.text, path.text), 0);
    cr_expect(served_image_is_outdated(image));
    served_image_release(image);
}

Test(served_image, is_outdated_when_its_file_is_gone_or_none)
{
    struct served_image *image = must_load();

    cr_assert_eq(unlink(path.text), 0);
    cr_expect(served_image_is_outdated(image));
    cr_assert_eq(mkfifo(path.text, 0600), 0);
    cr_expect(served_image_is_outdated(image));
    served_image_release(image);
}

/* ---- what cannot be served ---- */

static void expect_failure(const char *of, bool filesystem, enum exit_code code, const char *said)
{
    failure = (struct failure){ 0 };
    cr_expect_null(served_image_load(of, filesystem, &failure));
    cr_expect_eq(failure.code, code, "%s", failure.text);
    cr_expect(strstr(failure.text, of), "%s", failure.text);
    cr_expect(strstr(failure.text, said), "%s", failure.text);
}

Test(served_image, is_none_without_a_regular_file)
{
    struct temp_path other = temp_path(&temp, "other.bin");

    expect_failure(other.text, false, EXIT_LOCAL_FAILURE, "No such file");
    expect_failure(temp.path, false, EXIT_LOCAL_FAILURE, "not a regular file");
    cr_assert_eq(mkfifo(other.text, 0600), 0);
    expect_failure(other.text, false, EXIT_LOCAL_FAILURE, "not a regular file");
}

Test(served_image, is_none_of_what_no_device_can_take)
{
    struct temp_path other = temp_path(&temp, "other.bin");

    cr_assert(file_write(other.text, "", 0));
    expect_failure(other.text, false, EXIT_IMAGE_REFUSED, "");
    cr_assert(file_write(other.text, "hello", 5));
    expect_failure(other.text, false, EXIT_IMAGE_REFUSED, "not firmware");
    expect_failure(path.text, true, EXIT_IMAGE_REFUSED, "not a file system");
    cr_assert(file_write(other.text, built.bytes, built.size / 2));
    expect_failure(other.text, false, EXIT_IMAGE_REFUSED, "");
    cr_assert_eq(truncate(other.text, ((off_t)SERVED_IMAGE_MAX) + 1), 0);
    expect_failure(other.text, true, EXIT_IMAGE_REFUSED, "larger than any");
}

Test(served_image, may_be_a_file_system)
{
    struct temp_path other = temp_path(&temp, "fs.bin");
    struct built_image fs = build_littlefs(16384, 3);

    cr_assert(file_write(other.text, fs.bytes, fs.size));
    struct served_image *image = served_image_load(other.text, true, &failure);
    cr_assert(image, "%s", failure.text);
    cr_expect_eq(image->facts.kind, IMAGE_LITTLEFS);
    served_image_release(image);
    built_image_free(&fs);
}
