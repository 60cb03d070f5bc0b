#include "cli/serve/image_facts.h"

#include "cli/image/gunzip.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Where a header has its flash mode. */
#define MODE_AT 2

#define PIECE 65536

/* What a device runs: the file, or the content of a gzip. */
struct sketch {
    int fd;
    uint64_t size;
    const struct image *image;
};

static bool read_fully(int fd, uint64_t offset, void *out, size_t len)
{
    uint8_t *to = out;

    while (len > 0) {
        ssize_t n = pread(fd, to, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ENODATA; /* shorter than it was a moment ago */
        if (n <= 0)
            return false;
        to += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_source(const void *ctx, uint64_t offset, void *out, size_t len)
{
    const int *fd = ctx;

    return read_fully(*fd, offset, out, len);
}

/* The digests that are made in one reading: of the bytes as they are, and with each flash mode. */
struct digests {
    struct digest md5[1 + IMAGE_FACTS_MODES];
    unsigned count;
    struct digest sha256;
};

static void digests_init(struct digests *digests, bool has_modes)
{
    digests->count = has_modes ? 1 + IMAGE_FACTS_MODES : 1;
    for (unsigned i = 0; i < digests->count; i++)
        digest_init(&digests->md5[i], DIGEST_MD5);
    digest_init(&digests->sha256, DIGEST_SHA256);
}

/* Take a piece in; the first one has the whole header. */
static void digests_update(struct digests *digests, bool is_first, uint8_t *piece, size_t len)
{
    uint8_t mode = 0;

    digest_update(&digests->sha256, piece, len);
    digest_update(&digests->md5[0], piece, len);
    if (is_first && len > MODE_AT)
        mode = piece[MODE_AT];
    for (unsigned i = 1; i < digests->count; i++) {
        if (is_first && len > MODE_AT)
            piece[MODE_AT] = (uint8_t)(i - 1);
        digest_update(&digests->md5[i], piece, len);
    }
    if (is_first && len > MODE_AT)
        piece[MODE_AT] = mode;
}

/* Add what the digests say of the bytes up to here; they may be continued. */
static void digests_note(const struct digests *digests, struct image_facts *facts)
{
    struct digest copy;

    for (unsigned i = 0; i < digests->count; i++) {
        copy = digests->md5[i];
        digest_finish(&copy, facts->running_md5[facts->running_md5_count++]);
    }
}

/*
 * Bytes that the device takes for the sketch, and digests: what its segments cover. A signature is
 * behind them.
 */
static uint64_t covered(const struct sketch *sketch)
{
    const struct image_esp *esp = &sketch->image->esp;
    uint64_t end = 0;

    if (sketch->image->kind == IMAGE_ESP32)
        end = esp->end;
    else if (sketch->image->kind == IMAGE_ESP8266 && esp->has_sketch)
        end = esp->sketch.end;
    return end > 0 && end < sketch->size ? end : sketch->size;
}

/* Read the sketch from `begin` to `end` into the digests. */
static bool digest_range(struct digests *digests, const struct sketch *sketch, uint64_t begin,
                         uint64_t end)
{
    uint8_t piece[PIECE];

    while (begin < end) {
        size_t len = end - begin < sizeof piece ? (size_t)(end - begin) : sizeof piece;
        if (!read_fully(sketch->fd, begin, piece, len))
            return false;
        digests_update(digests, begin == 0, piece, len);
        begin += len;
    }
    return true;
}

static bool take_running(struct image_facts *facts, const struct sketch *sketch)
{
    const struct image *image = sketch->image;
    bool is_esp = image->kind == IMAGE_ESP8266 || image->kind == IMAGE_ESP32;
    uint64_t end = covered(sketch);
    struct digests digests;

    facts->chip = image_chip(image);
    facts->flash_size = is_esp ? image->esp.flash_size : 0;
    if (!is_esp && image->kind != IMAGE_PICO)
        return true;
    digests_init(&digests, is_esp);
    if (!digest_range(&digests, sketch, 0, end))
        return false;
    digests_note(&digests, facts);
    if (end < sketch->size) {
        if (!digest_range(&digests, sketch, end, sketch->size))
            return false;
        digests_note(&digests, facts);
    }
    digest_finish(&digests.sha256, facts->running_sha256[facts->running_sha256_count++]);
    if (image->sha256 != IMAGE_CHECK_PASSED)
        return true;
    return read_fully(sketch->fd, image->esp.end - DIGEST_SHA256_SIZE,
                      facts->running_sha256[facts->running_sha256_count++], DIGEST_SHA256_SIZE);
}

/* Of a gzip: inflate it once more, to a file in memory, and look at that. */
static bool take_content(struct image_facts *facts, const struct image_file *file)
{
    struct image_source source = { &file->fd, file->size, read_source };
    struct gunzip_sizes sizes;
    int fd = memfd_create("espota-c facts", MFD_CLOEXEC);

    if (fd < 0)
        return false;
    enum gunzip_status status = gunzip(&sizes, &source, fd);
    bool ok = status == GUNZIP_OK && sizes.content == file->content_size;
    struct sketch sketch = { fd, sizes.content, &file->content };

    if (!ok && status != GUNZIP_ERROR)
        errno = ESTALE; /* not what it was when it was examined */
    ok = ok && take_running(facts, &sketch);
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}

bool image_facts_take(struct image_facts *facts, const struct image_file *file,
                      struct failure *failure)
{
    struct sketch sketch = { file->fd, file->size, &file->image };
    bool ok = true;

    *facts = (struct image_facts){ .size = file->size, .kind = image_file_kind(file) };
    memcpy(facts->md5, file->md5, sizeof facts->md5);
    if (file->image.kind != IMAGE_GZIP)
        ok = take_running(facts, &sketch);
    else if (file->inflates)
        ok = take_content(facts, file);
    return ok || failure_set(failure, EXIT_LOCAL_FAILURE, "%.512s: cannot be read: %s", file->path,
                             strerror(errno));
}

const char *image_facts_label(const struct image_facts *facts)
{
    return facts->chip ? facts->chip : image_kind_name(facts->kind);
}

bool image_facts_match_md5(const struct image_facts *facts, const uint8_t md5[DIGEST_MD5_SIZE])
{
    for (unsigned i = 0; i < facts->running_md5_count; i++) {
        if (memcmp(facts->running_md5[i], md5, DIGEST_MD5_SIZE) == 0)
            return true;
    }
    return false;
}

bool image_facts_match_sha256(const struct image_facts *facts,
                              const uint8_t sha256[DIGEST_SHA256_SIZE])
{
    for (unsigned i = 0; i < facts->running_sha256_count; i++) {
        if (memcmp(facts->running_sha256[i], sha256, DIGEST_SHA256_SIZE) == 0)
            return true;
    }
    return false;
}
