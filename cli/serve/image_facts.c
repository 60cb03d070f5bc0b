#include "cli/serve/image_facts.h"

#include "cli/image/gunzip.h"
#include "cli/serve/md5_lanes.h"

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

/*
 * The digests that are made in one reading: of the bytes as they are, which nearly always is one of
 * those with each flash mode, and of these.
 */
struct digests {
    bool has_plain;
    struct digest plain;
    bool has_modes;
    uint8_t mode; /* that the header has */
    struct md5_lanes modes;
    struct digest sha256;
};

_Static_assert(MD5_LANES == IMAGE_FACTS_MODES, "a lane for each mode");

static void digests_init(struct digests *digests, bool has_modes, uint8_t mode)
{
    digests->has_modes = has_modes;
    digests->mode = mode;
    digests->has_plain = !has_modes || mode >= IMAGE_FACTS_MODES;
    digest_init(&digests->plain, DIGEST_MD5);
    md5_lanes_init(&digests->modes, MODE_AT);
    digest_init(&digests->sha256, DIGEST_SHA256);
}

static void digests_update(struct digests *digests, const uint8_t *piece, size_t len)
{
    digest_update(&digests->sha256, piece, len);
    if (digests->has_plain)
        digest_update(&digests->plain, piece, len);
    if (digests->has_modes)
        md5_lanes_update(&digests->modes, piece, len);
}

/* Add what the digests say of the bytes up to here; they may be continued. */
static void digests_note(const struct digests *digests, struct image_facts *facts)
{
    uint8_t(*out)[DIGEST_MD5_SIZE] = &facts->running_md5[facts->running_md5_count];
    struct digest plain = digests->plain;
    struct md5_lanes modes = digests->modes;

    facts->running_md5_count += digests->has_modes ? 1 + IMAGE_FACTS_MODES : 1;
    if (digests->has_modes)
        md5_lanes_finish(&modes, out + 1);
    if (digests->has_plain)
        digest_finish(&plain, out[0]);
    else
        memcpy(out[0], out[1 + digests->mode], DIGEST_MD5_SIZE);
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
        digests_update(digests, piece, len);
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
    uint8_t mode = 0;

    facts->chip = image_chip(image);
    facts->flash_size = is_esp ? image->esp.flash_size : 0;
    if (!is_esp && image->kind != IMAGE_PICO)
        return true;
    if (!read_fully(sketch->fd, MODE_AT, &mode, 1))
        return false;
    digests_init(&digests, is_esp, mode);
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
