/*
 * updater.h over flash that keeps the rules of NOR, fails and loses power when the input says so:
 * any calls in any order, sizes, geometries and restarts, with the bootloader. Checked at every
 * operation of flash and every call:
 *
 * - nothing is changed but the place of the image, in the slot that is not active and was marked,
 *   and behind it the record, once all of the image is in flash, undoubted, and as expected;
 * - a record that counts is followed by one that counts: the same, or that of this image;
 * - success is told when, and only when, such a record has been written, or the image is the
 *   confirmed sketch;
 * - begin() and finish() answer as their conditions say.
 */
#include "ota/updater.h"
#include "tests/fuzz/updater_start.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- Calls ------------------------------------------------------------------------------------ */

static enum ota_error expected_of_begin(const struct world *w, enum ota_target target,
                                        uint64_t size)
{
    unsigned slot = ota_record_other(&w->counted);

    if (target != OTA_SKETCH && target != OTA_FILESYSTEM)
        return OTA_ERROR_UNKNOWN_COMMAND;
    if (size == 0)
        return OTA_ERROR_SIZE;
    if (!w->is_sound)
        return OTA_ERROR_FLASH_CONFIG;
    if (!w->has_buffer)
        return OTA_ERROR_OOM;
    if (w->state == OTA_RECORD_DAMAGED)
        return OTA_ERROR_FLASH_CONFIG;
    if (w->counted.pending != OTA_PENDING_NONE)
        return OTA_ERROR_BOOTSTRAP;
    if (size > (target == OTA_SKETCH ? ota_layout_sketch_max(&w->layout, slot)
                                     : ota_layout_filesystem_max(&w->layout, slot)))
        return OTA_ERROR_SPACE;
    return OTA_OK;
}

static void begin(struct world *w)
{
    static const enum ota_target targets[] = { OTA_SKETCH, OTA_SKETCH, OTA_FILESYSTEM,
                                               (enum ota_target)7 };
    uint8_t choice = next_byte(w);
    enum ota_target target = targets[choice % 4];
    uint64_t size = next_byte(w) + 256u * (choice >> 2 & 15);
    enum ota_error before = ota_updater_error(&w->updater);
    enum ota_error expected = OTA_ERROR_RUNNING;
    uint64_t before_reads = operations(w);

    if (choice & 0x80)
        size |= choice & 0x40 ? (uint64_t)1 << 32 : 0x80000000u;
    if (!w->active)
        expected = expected_of_begin(w, target, size);
    /* Where the copies differ, it depends on the one that can be read what the record is. */
    if (w->counted.copies != 3)
        w->nor.fail_read = 0;
    bool may_fail = w->nor.fail_read > 0 && !w->active;
    enum ota_error error = ota_updater_begin(&w->updater, size, target);
    require(error == expected || (error == OTA_ERROR_READ && may_fail));
    require(w->is_sound || operations(w) == before_reads);
    w->refusals = error != OTA_OK;
    if (error == OTA_ERROR_RUNNING) {
        require(ota_updater_error(&w->updater) == before);
        return;
    }
    require(ota_updater_error(&w->updater) == error);
    w->has_succeeded = false;
    if (!error)
        note_update(w, target, (uint32_t)size);
}

static void expect_md5(struct world *w)
{
    uint8_t choice = next_byte(w);
    uint8_t md5[DIGEST_MD5_SIZE];
    uint32_t len = choice & 1 ? w->given : w->announced;

    if (!w->active)
        len = 0;
    if (choice & 2)
        memcpy(md5, w->counted.slot[w->counted.active].md5, sizeof md5);
    else
        sketch_md5(w->image, len, md5);
    if (choice & 0x80)
        md5[choice & 15] ^= choice;
    ota_updater_expect_md5(&w->updater, md5);
    if (!w->active)
        return;
    /* It was asked for the end: this may come too late. */
    w->expects = !w->finishing;
    memcpy(w->expected, md5, sizeof md5);
}

static void give(struct world *w, bool blocks)
{
    uint8_t choice = next_byte(w);
    uint32_t len = next_byte(w) + (choice & 31) * 71u;
    uint32_t lacking = w->active ? w->announced - w->given : 0;
    uint64_t before = operations(w);
    uint8_t *bytes = calloc(len > 0 ? len : 1, 1);
    size_t taken;

    require(bytes != NULL);
    if (choice & 0x20 && len > lacking)
        len = lacking;
    copy_image(w, bytes, len, choice >> 6);
    if (blocks) {
        bool was_active = w->active;
        if (len <= lacking)
            note_given(w, bytes, len);
        taken = ota_updater_write(&w->updater, bytes, len);
        require(taken == (ota_updater_is_running(&w->updater) ? len : 0));
        if (was_active && len > lacking)
            require(ota_updater_error(&w->updater) == OTA_ERROR_SPACE);
    } else {
        taken = ota_updater_offer(&w->updater, bytes, len);
        require(taken <= len && taken <= lacking);
        require(operations(w) == before);
        note_given(w, bytes, (uint32_t)taken);
    }
    free(bytes);
}

static void poll_for_a_while(struct world *w)
{
    for (unsigned times = next_byte(w); times > 0; times--) {
        uint64_t before = operations(w);
        bool was_busy = ota_updater_is_busy(&w->updater);
        bool more = ota_updater_poll(&w->updater);
        require(operations(w) - before <= was_busy);
        require(!more || ota_updater_is_running(&w->updater));
        require(more == ota_updater_is_busy(&w->updater));
        if (!more)
            return;
    }
}

static int32_t read_stream(void *ctx, void *out, size_t len)
{
    struct world *w = ctx;
    uint8_t choice = next_byte(w);
    uint32_t n = choice * 3u;

    require(len > 0 && len <= w->announced - w->given);
    if (choice < 4)
        return choice == 0 ? -1 : 0;
    if (n > len)
        n = (uint32_t)len;
    copy_image(w, out, n, choice == 5);
    note_given(w, out, n);
    return (int32_t)n;
}

static uint32_t now_ms(void *ctx)
{
    return ++((struct world *)ctx)->now;
}

static void wait(void *ctx)
{
    ((struct world *)ctx)->now += 5;
}

static void write_stream(struct world *w)
{
    uint8_t choice = next_byte(w);
    struct ota_stream stream = { w, read_stream };
    struct ota_clock clock = { w, now_ms, choice & 1 ? wait : NULL };
    uint32_t before = w->given;
    bool was_active = w->active;
    uint32_t total = ota_updater_write_stream(&w->updater, &stream, &clock, choice);

    require(total == (was_active ? w->given - before : 0));
    require(!ota_updater_is_running(&w->updater) || ota_updater_is_complete(&w->updater));
}

static void finish(struct world *w, bool blocks)
{
    bool even_if_remaining = next_byte(w) & 1;
    enum ota_error expected = OTA_OK;
    enum ota_error error;

    if (w->active && w->given == 0)
        expected = OTA_ERROR_NO_DATA;
    else if (w->active && w->given < w->announced && !even_if_remaining)
        expected = OTA_ERROR_STREAM;
    else if (w->active)
        note_finish(w);
    else
        expected =
            ota_updater_error(&w->updater) ? ota_updater_error(&w->updater) : OTA_ERROR_NO_DATA;
    if (blocks)
        error = ota_updater_end(&w->updater, even_if_remaining);
    else
        error = ota_updater_finish(&w->updater, even_if_remaining);
    if (w->nor.off)
        return;
    if (expected)
        require(error == expected);
    else
        require(error == ota_updater_error(&w->updater));
    if (blocks || error)
        require(!ota_updater_is_running(&w->updater));
    if (!error)
        require(ota_updater_is_running(&w->updater) ||
                (w->has_succeeded && (blocks || ota_updater_is_unchanged(&w->updater))));
}

static void give_up(struct world *w)
{
    enum ota_error error = next_byte(w) % 17;
    enum ota_error before = ota_updater_error(&w->updater);

    w->quiet = error == OTA_OK;
    ota_updater_abort(&w->updater, error);
    require(!ota_updater_is_running(&w->updater));
    require(ota_updater_error(&w->updater) == (w->active ? error : before));
}

static void read_error_line(struct world *w)
{
    size_t size = next_byte(w);
    char *line = malloc(size > 0 ? size : 1);

    require(line != NULL);
    size_t len = ota_updater_error_line(&w->updater, line, size);
    if (size > 0)
        require(len < size && strlen(line) == len);
    if (size >= OTA_ERROR_LINE_MAX)
        require(len > 10 && memcmp(line, "ERROR[", 6) == 0);
    free(line);
}

static void fail_flash(struct world *w)
{
    uint8_t choice = next_byte(w);
    uint8_t where = next_byte(w);
    struct nor_flash *nor = &w->nor;

    nor->worn_size = 0;
    nor->stuck = NOR_NOWHERE;
    nor->cut_at = 0;
    nor->failure = (enum nor_cut)(where % NOR_CUT_KINDS);
    if (!w->is_sound)
        return;
    switch (choice % 8) {
    case 0:
        nor->fail_read = 1 + (choice >> 3 & 7);
        break;
    case 1:
        nor->fail_write = 1 + (choice >> 3 & 7);
        break;
    case 2:
        nor->fail_erase = 1 + (choice >> 3 & 7);
        break;
    case 3:
        nor->worn_size = nor->flash.erase_size;
        nor->worn_offset = where % (nor->flash.size / nor->flash.erase_size) * nor->worn_size;
        break;
    case 4:
        nor->stuck = w->layout.slot[choice >> 3 & 1].offset +
                     (where * 79u + choice) % w->layout.slot[choice >> 3 & 1].size;
        break;
    default:
        nor_flash_cut_in(nor, 1 + where % 64u, (enum nor_cut)(choice / 8 % NOR_CUT_KINDS));
        break;
    }
}

/* --- The script ------------------------------------------------------------------------------- */

static void step(struct world *w)
{
    switch (next_byte(w) % 15) {
    case 0:
    case 1:
        begin(w);
        break;
    case 2:
        expect_md5(w);
        break;
    case 3:
    case 4:
        give(w, true);
        break;
    case 5:
    case 6:
        give(w, false);
        break;
    case 7:
        poll_for_a_while(w);
        break;
    case 8:
        write_stream(w);
        break;
    case 9:
        finish(w, false);
        break;
    case 10:
        finish(w, true);
        break;
    case 11:
        if (next_byte(w) & 1)
            give_up(w);
        else
            read_error_line(w);
        break;
    case 12:
        fail_flash(w);
        break;
    case 13:
        confirm(w, next_byte(w) & 1);
        break;
    default:
        restart(w, next_byte(w) & 1);
        break;
    }
}

static void check(struct world *w)
{
    const struct ota_updater *u = &w->updater;
    bool runs = ota_updater_is_running(u);
    bool has_ended = w->active && !runs && !w->quiet;

    require(w->nor.broken == NOR_RULES_KEPT);
    require(ota_updater_has_succeeded(u) == w->has_succeeded);
    if (!w->restarted)
        require(w->ends + w->errors == w->refusals + has_ended);
    require(!runs || (w->announced == ota_updater_size(u) && ota_updater_error(u) == OTA_OK));
    require(!runs || ota_updater_progress(u) <= w->given);
    require(ota_updater_is_complete(u) == (runs && w->given == w->announced));
    require(!ota_updater_is_finished(u) || ota_updater_is_complete(u));
    w->active = runs;
    w->refusals = w->ends = w->errors = 0;
    w->quiet = w->restarted = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = &world;

    world_init(w, data, size);
    while (w->left > 0) {
        step(w);
        /* Without power nothing that was told matters: it was told to nobody. */
        if (w->nor.off)
            restart(w, true);
        check(w);
    }
    restart(w, true);
    free(w->config.buffer);
    return 0;
}
