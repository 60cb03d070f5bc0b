/*
 * Files that are written to while, or just after, they are read.
 */
#include "cli/serve/served_image.h"

#include "tests/support/deadline.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* So large that the kernel's clock ticks while it is read. */
#define LARGE ((size_t)16 << 20)

static struct temp temp;
static struct built_image built;
static struct temp_path path;
static struct failure failure;
static atomic_bool ends;

static void begin(void)
{
    cr_assert(temp_create(&temp));
    path = temp_path(&temp, "fs.bin");
}

static void end(void)
{
    built_image_free(&built);
    temp_remove(&temp);
}

TestSuite(served_image_change, .init = begin, .fini = end, .timeout = 120);

/* Write what is there already, all the time. */
static void *keep_writing(void *ctx)
{
    int fd = open(path.text, O_WRONLY | O_CLOEXEC);

    (void)ctx;
    while (!atomic_load(&ends)) {
        if (pwrite(fd, built.bytes, 1, 0) != 1)
            break;
        poll(NULL, 0, 1);
    }
    close(fd);
    return NULL;
}

Test(served_image_change, what_is_written_to_while_it_is_read_is_not_taken)
{
    int64_t deadline = deadline_after(60000);
    struct served_image *image;
    pthread_t writer;

    built = build_littlefs(LARGE, 3);
    cr_assert(file_write(path.text, built.bytes, built.size));
    cr_assert_eq(pthread_create(&writer, NULL, keep_writing, NULL), 0);
    /* On a busy machine the writer may have no turn in all the time. */
    do {
        image = served_image_load(path.text, true, &failure);
        served_image_release(image);
    } while (image && deadline_left(deadline) > 0);
    atomic_store(&ends, true);
    pthread_join(writer, NULL);
    cr_assert_null(image, "it is taken, whatever is written to it");
    cr_expect_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_expect(strstr(failure.text, "it changed while it was read"), "%s", failure.text);

    image = served_image_load(path.text, true, &failure);
    cr_expect_not_null(image, "%s", failure.text);
    served_image_release(image);
}

/* A small image is read within a tick of the clock that files' times are from. */
Test(served_image_change, what_is_written_to_at_once_is_outdated)
{
    built = build_littlefs(16384, 3);
    for (unsigned i = 0; i < 50; i++) {
        cr_assert(file_write(path.text, built.bytes, built.size));
        struct served_image *image = served_image_load(path.text, true, &failure);
        cr_assert_not_null(image, "%s", failure.text);
        int fd = open(path.text, O_WRONLY | O_CLOEXEC);
        cr_assert_eq(pwrite(fd, built.bytes, 1, 0), 1);
        close(fd);
        cr_expect(served_image_is_outdated(image), "round %u", i);
        served_image_release(image);
    }
}
