/*
 * gunzip.h: any file is inflated as zlib itself does it in one go, or refused; what was packed
 * comes out again; and what fails to be read or written is told.
 *
 * The first bytes choose what becomes of the others: they are the file as it is, the deflated
 * bytes of a member that is otherwise right, or content that is packed here.
 */
#define ZLIB_CONST

#include "cli/image/gunzip.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

/* Short enough for quick runs: deflate makes at most 1032 bytes of one. */
#define INPUT_MAX 1500u

#define CONTENT_MAX (INPUT_MAX * 1032 * 2)
#define FILE_MAX    (4 * INPUT_MAX * 16)

struct file {
    uint8_t *bytes;
    size_t size;
    unsigned fail_read; /* fail the nth from now; 0: none */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t content[CONTENT_MAX];
static uint8_t written[CONTENT_MAX];

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static bool read_file(const void *ctx, uint64_t offset, void *out, size_t len)
{
    struct file *file = *(struct file *const *)ctx;

    require(offset <= file->size && len <= file->size - offset && len > 0);
    if (file->fail_read > 0 && --file->fail_read == 0)
        return false;
    memcpy(out, file->bytes + offset, len);
    return true;
}

/* --- What is expected ------------------------------------------------------------------------- */

/*
 * Inflate what begins at `bytes`, in one go. Returns the bytes of content; 0 and `used` 0 when it
 * is not whole.
 */
static size_t inflate_one(const uint8_t *bytes, size_t size, int window, uint8_t *out, size_t room,
                          size_t *used)
{
    z_stream stream = { 0 };
    size_t len = 0;

    *used = 0;
    require(inflateInit2(&stream, window) == Z_OK);
    stream.next_in = bytes;
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    int result = inflate(&stream, Z_FINISH);
    require(result != Z_BUF_ERROR || stream.avail_out > 0);
    if (result == Z_STREAM_END) {
        *used = size - stream.avail_in;
        len = room - stream.avail_out;
    }
    inflateEnd(&stream);
    return len;
}

/* The members of the file that are whole, up to the first that is not. */
static struct gunzip_sizes expect(const struct file *file)
{
    struct gunzip_sizes sizes = { 0 };

    for (;;) {
        size_t used;
        size_t at = (size_t)sizes.packed;
        size_t len = (size_t)sizes.content;
        if (file->size - at < 2 || file->bytes[at] != 0x1F || file->bytes[at + 1] != 0x8B)
            return sizes;
        len = inflate_one(file->bytes + at, file->size - at, 16 + MAX_WBITS, content + len,
                          sizeof content - len, &used);
        if (used == 0)
            return sizes;
        sizes.content += len;
        sizes.packed += used;
    }
}

/* --- Files ------------------------------------------------------------------------------------ */

static void append(struct file *file, const void *bytes, size_t len)
{
    require(len <= FILE_MAX - file->size);
    if (len > 0)
        memcpy(file->bytes + file->size, bytes, len);
    file->size += len;
}

static void append_u32(struct file *file, uint32_t value)
{
    uint8_t bytes[4];

    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> 8 * i & 0xFF);
    append(file, bytes, sizeof bytes);
}

/* A member of these deflated bytes, with the CRC and length that they deserve. */
static void append_deflated(struct file *file, const uint8_t *data, size_t size)
{
    static const uint8_t header[10] = { 0x1F, 0x8B, 8, [9] = 0xFF };
    size_t used;
    size_t len = inflate_one(data, size, -MAX_WBITS, content, sizeof content, &used);

    append(file, header, sizeof header);
    append(file, data, used > 0 ? used : size);
    append_u32(file, (uint32_t)crc32(0, content, (uInt)len));
    append_u32(file, (uint32_t)len);
    if (used > 0)
        append(file, data + used, size - used);
}

/* The data, `times` over, as a member. */
static void append_packed(struct file *file, const uint8_t *data, size_t size, unsigned times,
                          int level)
{
    z_stream stream = { 0 };

    require(deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) ==
            Z_OK);
    stream.next_out = file->bytes + file->size;
    stream.avail_out = (uInt)(FILE_MAX - file->size);
    for (; times > 0; times--) {
        stream.next_in = data;
        stream.avail_in = (uInt)size;
        require(deflate(&stream, times == 1 ? Z_FINISH : Z_NO_FLUSH) != Z_STREAM_ERROR);
    }
    file->size = FILE_MAX - stream.avail_out;
    require(deflateEnd(&stream) == Z_OK);
}

static void build(struct file *file, const uint8_t options[3], const uint8_t *data, size_t size)
{
    unsigned times = 1 + (options[1] & 31);

    if (options[0] % 4 == 1) {
        append_deflated(file, data, size);
    } else if (options[0] % 4 == 2) {
        append_packed(file, data, size, times, options[1] >> 5);
    } else if (options[0] % 4 == 3) {
        append_packed(file, data, size / 2, times, options[1] >> 5);
        append_packed(file, data + size / 2, size - size / 2, 1, 9);
    } else {
        append(file, data, size);
    }
    if (options[0] & 0x10 && file->size > 0)
        file->bytes[options[2] * 7u % file->size] ^= 1;
    if (options[0] & 0x20)
        file->size -= options[2] < file->size ? options[2] : file->size;
    file->fail_read = options[0] & 0x40 ? options[2] % 4 : 0;
}

/* --- The check -------------------------------------------------------------------------------- */

static void check(struct file *file, bool can_write, bool can_read)
{
    struct file *const ctx = file;
    struct image_source source = { &ctx, file->size, read_file };
    struct gunzip_sizes expected = expect(file);
    struct gunzip_sizes sizes = { 0 };
    int to = memfd_create("gunzip_fuzz", MFD_CLOEXEC);

    require(to >= 0);
    enum gunzip_status status = gunzip(&sizes, &source, can_write ? to : -1);
    bool faultless = can_write && can_read;
    require(status == GUNZIP_OK || status == GUNZIP_DAMAGED ||
            (status == GUNZIP_ERROR && !faultless));
    if (faultless)
        require((status == GUNZIP_OK) == (expected.packed > 0));
    if (status == GUNZIP_OK) {
        ssize_t len = pread(to, written, sizeof written, 0);
        require(sizes.packed > 0 && sizes.packed <= expected.packed);
        require(sizes.content <= expected.content);
        require(len >= 0 && ((uint64_t)len >= sizes.content));
        require(memcmp(written, content, (size_t)sizes.content) == 0);
    }
    if (status == GUNZIP_OK && faultless)
        require(sizes.packed == expected.packed && sizes.content == expected.content);
    close(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file file = { .bytes = malloc(FILE_MAX) };

    if (size >= 3 && size <= INPUT_MAX && file.bytes) {
        build(&file, data, data + 3, size - 3);
        uint8_t *fitting = malloc(file.size > 0 ? file.size : 1);
        if (fitting) {
            memcpy(fitting, file.bytes, file.size);
            free(file.bytes);
            file.bytes = fitting;
            check(&file, !(data[0] & 0x80), file.fail_read == 0);
        }
    }
    free(file.bytes);
    return 0;
}
