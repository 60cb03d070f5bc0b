/*
 * The puller as the servers that it asks see it: the input is a script of what they answer, on as
 * many connections as there are, and of closings, full sockets, failing flash and passing time.
 * After every step the invariants are checked:
 *
 * - no rule of flash is broken, and nothing is changed but the slot that is not active and the
 *   records; the record names images that flash holds, with that MD5;
 * - an image that counts has the MD5 that was announced for it; when nothing but the images below
 *   was ever sent, then it is one of them and no mixture, even if both have the same ETag, as long
 *   as the puller goes by x-MD5 alone;
 * - a sketch that counts is not the one that runs, nor the one that was given up;
 * - a request is well formed, whatever the servers have said before; credentials go to the server
 *   alone that the user has named, and https is never left for http;
 * - one poll does one operation of flash at most, and bytes are taken sooner or later;
 * - given time and no more servers, the puller is idle again, and has told so once.
 */
#include "tests/fuzz/puller_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void poll_for_a_while(struct world *w, unsigned times)
{
    while (times-- > 0) {
        uint64_t before = w->nor.operations + w->nor.counts.reads;
        if (ota_puller_poll(&w->puller, w->now) != 0)
            times = 0;
        demand(w->nor.operations + w->nor.counts.reads - before <= 1);
    }
}

/* --- The user --------------------------------------------------------------------------------- */

static void forget_servers(struct world *w)
{
    w->first_host[0] = '\0';
    w->is_secret = false;
}

static void start(struct world *w)
{
    static const char *const urls[] = {
        "http://192.0.2.1:8080/firmware.bin",
        "https://a.example/x/y?z",
        "http://[::1]/",
        "http://b.example/%20/../;#f",
    };
    uint8_t choice = next_byte(w);

    if (!ota_puller_is_idle(&w->puller))
        return;
    forget_servers(w);
    demand(ota_puller_start(&w->puller, urls[choice & 3],
                            choice & 0x80 ? OTA_FILESYSTEM : OTA_SKETCH, w->now));
    demand(!ota_puller_is_idle(&w->puller) || ota_puller_error(&w->puller) > 0);
}

/* Bytes of the script, of their exact size so that nothing behind them is read unseen. */
static char *take_raw(struct world *w, size_t *len)
{
    char *copy;

    *len = next_byte(w);
    if (*len > w->left)
        *len = w->left;
    copy = malloc(*len + 1);
    demand(copy != NULL);
    memcpy(copy, w->script, *len);
    w->script += *len;
    w->left -= *len;
    return copy;
}

static void start_anywhere(struct world *w)
{
    size_t len;
    char *url = take_raw(w, &len);

    url[len] = '\0';
    if (ota_puller_is_idle(&w->puller)) {
        forget_servers(w);
        demand(ota_puller_start(&w->puller, url, OTA_SKETCH, w->now));
    }
    free(url);
}

/* --- The servers ------------------------------------------------------------------------------ */

/* Returns how many bytes were taken; fewer only when the connection is over, or not ready. */
static size_t give(struct world *w, const void *bytes, size_t len)
{
    unsigned idle = 0;
    size_t used = 0;

    while (used < len && w->is_open && w->is_connected && !w->is_closed_by_server && idle < 3) {
        size_t taken =
            ota_puller_on_stream(&w->puller, (const char *)bytes + used, len - used, w->now);
        demand(taken <= len - used);
        used += taken;
        idle = taken > 0 ? 0 : idle + 1;
        poll_for_a_while(w, 1000);
    }
    demand(idle < 3 || w->puller.state == OTA_PULLER_SENDING);
    return used;
}

static void say(struct world *w, const char *text)
{
    size_t len = strlen(text);
    char *copy = malloc(len + 1);

    demand(copy != NULL);
    memcpy(copy, text, len);
    (void)give(w, copy, len);
    free(copy);
}

static void say_raw(struct world *w)
{
    size_t len;
    char *bytes = take_raw(w, &len);

    w->has_lied = true;
    (void)give(w, bytes, len);
    free(bytes);
}

static size_t wanted_from(const struct world *w)
{
    const char *range = strstr(w->request, "\r\nRange: bytes=");

    return range ? (size_t)strtoul(range + 15, NULL, 10) : 0;
}

/* An answer as a server gives it that is honest; of what kind, the script says. */
static void answer(struct world *w)
{
    uint8_t choice = next_byte(w);
    unsigned image = choice & 1;
    bool tells_etag = choice & 2, tells_md5 = choice & 4;
    size_t from = choice & 8 ? wanted_from(w) : 0;
    char etag[64];
    char text[512];

    snprintf(etag, sizeof etag, "\"%s\"", w->is_one_tag ? "same" : w->md5[image]);
    if (from >= IMAGE_SIZE || !w->is_open || !w->is_connected ||
        (choice & 16 && strstr(w->request, "If-Range") && !strstr(w->request, etag)))
        from = 0;
    /* Where none is waited for, these are bytes of another one. */
    if (w->puller.state != OTA_PULLER_HEADER || w->puller.lines.total > 0)
        w->has_lied = true;
    w->serves = image;
    w->at = from;
    w->end = IMAGE_SIZE;
    snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Length: %u\r\n", from ? "206 P" : "200 OK",
             (unsigned)(IMAGE_SIZE - from));
    say(w, text);
    if (from > 0) {
        snprintf(text, sizeof text, "Content-Range: bytes %u-%u/%u\r\n", (unsigned)from,
                 IMAGE_SIZE - 1, IMAGE_SIZE);
        say(w, text);
    }
    snprintf(text, sizeof text, "ETag: %s%s\r\n", choice & 32 ? "W/" : "", etag);
    say(w, tells_etag ? text : "");
    snprintf(text, sizeof text, "x-MD5: %s\r\n", w->md5[image]);
    say(w, tells_md5 ? text : "");
    if (choice & 64)
        return; /* the header breaks off here, or goes on as the script likes */
    say(w, "\r\n");
}

/* Bytes of the image that is being served. */
static void stream(struct world *w)
{
    size_t len = (size_t)next_byte(w) * 16;
    uint8_t *copy;

    if (len > w->end - w->at)
        len = w->end - w->at;
    if (!w->is_open || w->puller.state != OTA_PULLER_BODY)
        return;
    copy = malloc(len + 1);
    demand(copy != NULL);
    memcpy(copy, w->image[w->serves] + w->at, len);
    w->at += give(w, copy, len);
    if (w->at > w->end)
        w->at = w->end;
    free(copy);
}

static void say_phrase(struct world *w)
{
    static const char *const phrases[] = {
        "HTTP/1.0 200 OK\r\n",
        "HTTP/1.1 206 P\r\n",
        "HTTP/1.1 302 F\r\n",
        "HTTP/1.1 304 N\r\n",
        "HTTP/1.1 404 N\r\n",
        "HTTP/1.1 503 S\r\n",
        "HTTP/1.1 416 R\r\n",
        "HTTP/1.1 100 C\r\n\r\n",
        "Content-Length: 3000\r\n",
        "Content-Length: 40\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Content-Range: bytes 512-2999/3000\r\n",
        "Content-Encoding: gzip\r\n",
        "ETag: \"x\"\r\n",
        "ETag:",
        "x-MD5: 00112233445566778899aabbccddeeff\r\n",
        "x-version: v",
        "Location: /a\r\n",
        "Location: http://192.0.2.2/\r\n",
        "Location: https://a.example/\r\n",
        "Location: ",
        " ",
        "\r\n",
        ":",
        "\xE9\x01\x02\xF0",
    };
    uint8_t choice = next_byte(w);

    w->has_lied = true;
    say(w, phrases[choice % (sizeof phrases / sizeof phrases[0])]);
}

static void connection_event(struct world *w, bool closes)
{
    if (!w->is_open || w->is_closed_by_server)
        return;
    if (closes) {
        w->is_closed_by_server = true;
        ota_puller_on_closed(&w->puller, w->now);
    } else if (!w->is_connected) {
        w->is_connected = true;
        ota_puller_on_connected(&w->puller, w->now);
    }
}

static void fail_flash(struct world *w)
{
    uint8_t choice = next_byte(w);
    unsigned nth = (choice >> 2 & 31) + 1u;

    w->nor.failure = NOR_CUT_AFTER;
    if (choice & 2)
        w->nor.fail_erase = nth;
    else
        w->nor.fail_write = nth;
}

static void pass_time(struct world *w)
{
    w->now += (uint32_t)next_byte(w) * 128;
    poll_for_a_while(w, 1);
}

static void make_room(struct world *w)
{
    w->room = (size_t)next_byte(w) * 8;
    if (w->is_open && w->is_connected && !w->is_closed_by_server)
        ota_puller_on_sendable(&w->puller, w->now);
}

static void step(struct world *w)
{
    switch (next_byte(w) % 14) {
    case 0:
        start(w);
        break;
    case 1:
        start_anywhere(w);
        break;
    case 2:
        connection_event(w, false);
        break;
    case 3:
        say_raw(w);
        break;
    case 4:
    case 5:
        answer(w);
        break;
    case 6:
    case 7:
        stream(w);
        break;
    case 8:
        say_phrase(w);
        break;
    case 9:
        connection_event(w, true);
        break;
    case 10:
        pass_time(w);
        break;
    case 11:
        make_room(w);
        break;
    case 12:
        fail_flash(w);
        break;
    default:
        poll_for_a_while(w, 200);
        break;
    }
}

/* --- Invariants ------------------------------------------------------------------------------- */

/* What the record says of a slot holds, unless the slot is being written. */
static void check_slot(const struct world *w, const struct ota_record *record, unsigned slot)
{
    const struct ota_image *image = &record->slot[slot];
    uint8_t md5[DIGEST_MD5_SIZE];
    bool marked;

    demand(ota_record_get_mark(record, OTA_MARK_WRITING, &marked));
    if (image->size == 0 || (marked && slot != record->active))
        return;
    sketch_md5(w->cells + w->layout.slot[slot].offset, image->size, md5);
    demand(memcmp(md5, image->md5, sizeof md5) == 0);
}

/* What the update has made count. */
static void check_image(const struct world *w, const struct ota_record *record)
{
    const struct ota_image *image = &record->slot[ota_record_other(record)];
    uint8_t md5[DIGEST_MD5_SIZE];
    bool is_one = false;

    demand(record->pending != OTA_PENDING_NONE);
    demand(record->pending != OTA_PENDING_SKETCH || image->size != w->identity.sketch_size ||
           memcmp(image->md5, w->identity.sketch_md5, sizeof md5) != 0);
    demand(record->pending != OTA_PENDING_SKETCH || !w->identity.given_up_md5 ||
           memcmp(image->md5, w->given_up, sizeof md5) != 0);
    demand(!w->puller.has_md5 || memcmp(w->puller.md5, image->md5, sizeof md5) == 0);
    for (unsigned i = 0; i < IMAGES; i++) {
        sketch_md5(w->image[i], IMAGE_SIZE, md5);
        is_one = is_one || (image->size == IMAGE_SIZE && memcmp(md5, image->md5, sizeof md5) == 0);
    }
    demand(is_one || w->has_lied);
}

static void check(struct world *w)
{
    struct ota_record record;
    enum ota_record_state state;

    demand(w->nor.broken == NOR_RULES_KEPT);
    if (w->is_open)
        check_request(w);
    demand(ota_puller_is_idle(&w->puller) || !w->done);
    demand(!ota_puller_is_idle(&w->puller) || !w->is_open);
    demand(!ota_puller_is_idle(&w->puller) || !ota_updater_is_running(&w->updater));
    if (w->nor.operations == w->checked && !w->done)
        return;
    w->checked = w->nor.operations;
    state = ota_record_read(&w->nor.flash, &w->layout, &record);
    demand(state == OTA_RECORD_FOUND || state == OTA_RECORD_EMPTY);
    if (state == OTA_RECORD_FOUND) {
        check_slot(w, &record, 0);
        check_slot(w, &record, 1);
    }
    demand(memcmp(&record.slot[w->first.active], &w->first.slot[w->first.active],
                  sizeof record.slot[0]) == 0);
    demand(w->done <= 1);
    if (w->done && ota_puller_result(&w->puller) == OTA_PULL_OK) {
        check_image(w, &record);
        restart(w);
    }
    w->done = 0;
}

/* Without a server, and with time enough, it ends. */
static void wind_down(struct world *w)
{
    w->is_deaf = true;
    for (unsigned i = 0; i < 80 && !ota_puller_is_idle(&w->puller); i++) {
        poll_for_a_while(w, 10000);
        check(w);
        w->now += 10000;
    }
    demand(ota_puller_is_idle(&w->puller));
    demand(ota_puller_poll(&w->puller, w->now) == OTA_PULL_NEVER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = &world;

    memset(w, 0, sizeof *w);
    w->script = data;
    w->left = size;
    begin(w);
    while (w->left > 0) {
        step(w);
        check(w);
    }
    wind_down(w);
    return 0;
}
