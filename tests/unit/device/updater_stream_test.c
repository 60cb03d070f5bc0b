#include "tests/unit/device/updater_rig.h"

#include <criterion/criterion.h>

static struct updater_rig rig;

/* A stream that gives its bytes in pieces, pausing in virtual time before each of them. */
struct slow_stream {
    const uint8_t *bytes;
    size_t len;
    size_t piece;
    uint32_t pause_ms; /* between pieces */
    uint32_t next_ms;  /* when there is more */
    uint32_t now_ms;
    unsigned waits;
    bool ends; /* rather than pausing for ever when its bytes are used up */
};

static int32_t stream_read(void *ctx, void *out, size_t len)
{
    struct slow_stream *stream = ctx;
    size_t n = stream->piece < len ? stream->piece : len;

    if (stream->len == 0)
        return stream->ends ? -1 : 0;
    if ((int32_t)(stream->now_ms - stream->next_ms) < 0)
        return 0;
    if (n > stream->len)
        n = stream->len;
    memcpy(out, stream->bytes, n);
    stream->bytes += n;
    stream->len -= n;
    stream->next_ms = stream->now_ms + stream->pause_ms;
    return (int32_t)n;
}

static uint32_t stream_now(void *ctx)
{
    return ((struct slow_stream *)ctx)->now_ms;
}

static void stream_wait(void *ctx)
{
    struct slow_stream *stream = ctx;

    stream->now_ms += 10;
    stream->waits++;
}

/* Near the wrap of the clock, which must make no difference. */
static struct slow_stream slow_stream(size_t len, size_t piece, uint32_t pause_ms)
{
    return (struct slow_stream){ .bytes = rig.image,
                                 .len = len,
                                 .piece = piece,
                                 .pause_ms = pause_ms,
                                 .next_ms = UINT32_MAX - 100,
                                 .now_ms = UINT32_MAX - 100 };
}

static uint32_t write_stream(struct slow_stream *slow, uint32_t timeout_ms)
{
    const struct ota_stream stream = { slow, stream_read };
    const struct ota_clock clock = { slow, stream_now, stream_wait };

    return ota_updater_write_stream(&rig.updater, &stream, &clock, timeout_ms);
}

Test(updater_stream, writes_the_whole_image)
{
    struct slow_stream slow;

    rig_init(&rig);
    slow = slow_stream(10001, 333, 90);
    cr_assert_eq(ota_updater_begin(&rig.updater, 10001, OTA_SKETCH), OTA_OK);
    cr_assert_eq(write_stream(&slow, 100), 10001);
    cr_assert(ota_updater_is_finished(&rig.updater));
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
    cr_assert(rig_stages(&rig, 10001));
}

Test(updater_stream, takes_no_more_than_the_image)
{
    struct slow_stream slow;

    rig_init(&rig);
    slow = slow_stream(20000, 20000, 0);
    cr_assert_eq(ota_updater_begin(&rig.updater, 5000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(write_stream(&slow, 100), 5000);
    cr_assert_eq(slow.len, 15000);
}

Test(updater_stream, goes_on_where_write_stopped)
{
    struct slow_stream slow;

    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 4321), 4321);
    slow = slow_stream(9000 - 4321, 1000, 0);
    slow.bytes += 4321;
    cr_assert_eq(write_stream(&slow, 100), 9000 - 4321);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
    cr_assert(rig_stages(&rig, 9000));
}

Test(updater_stream, ends_with_error_6_when_no_byte_comes_in_time)
{
    struct slow_stream slow;

    rig_init(&rig);
    slow = slow_stream(5000, 1000, 0);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(write_stream(&slow, 200), 5000);
    cr_assert_eq(ota_updater_error(&rig.updater), OTA_ERROR_STREAM);
    cr_assert_eq(slow.waits, 20);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_ERROR_STREAM);
    cr_assert_eq(rig_record(&rig).pending, OTA_PENDING_NONE);
}

Test(updater_stream, waits_a_minute_when_told_nothing)
{
    struct slow_stream slow;

    rig_init(&rig);
    slow = slow_stream(0, 1, 0);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(write_stream(&slow, 0), 0);
    cr_assert_eq(slow.waits, OTA_STREAM_TIMEOUT_MS / 10);
}

Test(updater_stream, ends_with_error_6_at_once_when_the_stream_is_over)
{
    struct slow_stream slow;

    rig_init(&rig);
    slow = slow_stream(5000, 1000, 0);
    slow.ends = true;
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(write_stream(&slow, 200), 5000);
    cr_assert_eq(ota_updater_error(&rig.updater), OTA_ERROR_STREAM);
    cr_assert_eq(slow.waits, 0);
}

Test(updater_stream, stops_at_a_bad_header_and_at_flash_that_fails)
{
    struct slow_stream slow;

    rig_init(&rig);
    rig.image[0] = 0;
    slow = slow_stream(9000, 9000, 0);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(write_stream(&slow, 200), 4096);
    cr_assert_eq(ota_updater_error(&rig.updater), OTA_ERROR_MAGIC_BYTE);
    cr_assert_eq(rig.nor.counts.erases, 0);

    rig_init(&rig);
    rig.nor.fail_write = 2;
    slow = slow_stream(9000, 9000, 0);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(write_stream(&slow, 200), 8192);
    cr_assert_eq(ota_updater_error(&rig.updater), OTA_ERROR_WRITE);
    cr_assert_eq(write_stream(&slow, 200), 0, "nothing is running any more");
}
