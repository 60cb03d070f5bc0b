#include "puller_transfer.h"

#include "puller_answer.h"
#include "puller_attempt.h"
#include "puller_lines.h"
#include "puller_verdict.h"

#include <string.h>

/* --- The answer ------------------------------------------------------------------------------- */

static void receive(struct ota_puller *p, uint32_t len, uint32_t now_ms)
{
    p->state = OTA_PULLER_BODY;
    p->left = len;
    p->deadline =
        ota_puller_deadline(now_ms, p->config->receive_timeout_ms, OTA_PULL_RECEIVE_TIMEOUT_MS);
    ota_puller_emit(p, (struct ota_pull_event){
                           .kind = OTA_PULL_EVENT_OFFERED, .done = p->given, .total = p->size });
}

/* What is wrong with an answer that carries bytes, 0 when nothing is. */
static int fault_of(const struct ota_pull_answer *answer)
{
    if (answer->is_encoded)
        return OTA_PULL_ENCODING;
    if (answer->bad_length)
        return OTA_PULL_NO_HTTP;
    if (!answer->has_length || answer->length == 0)
        return OTA_PULL_NO_LENGTH;
    return answer->bad_md5 ? OTA_PULL_FAULTY_MD5 : 0;
}

/*
 * Web servers make a file's ETag from its size and the second it was last written in. Within that
 * second it may be written again, and keep its ETag: RFC 9110, section 8.8.2.2, of dates. So one
 * that was written in the very second of the answer has no ETag that can be relied on.
 */
static bool is_settled(const struct ota_pull_answer *answer)
{
    return answer->modified[0] == '\0' ||
           (answer->date[0] != '\0' &&
            memcmp(answer->modified, answer->date, sizeof answer->date) != 0);
}

/* 200: an image from its beginning. */
static void accept_whole(struct ota_puller *p, uint32_t now_ms)
{
    struct ota_updater *updater = p->config->updater;
    const struct ota_pull_answer *answer = &p->answer;
    int fault = fault_of(answer);
    enum ota_error error;

    if (fault) {
        ota_puller_fail(p, fault);
        return;
    }
    if (answer->has_md5 && !ota_puller_wants(p, answer->md5))
        return;
    ota_puller_release(p);
    error = ota_updater_begin(updater, answer->length, p->target);
    if (error) {
        ota_puller_fail_by_updater(p, error);
        return;
    }
    p->holds = true;
    p->has_md5 = answer->has_md5;
    if (p->has_md5) {
        memcpy(p->md5, answer->md5, sizeof p->md5);
        ota_updater_expect_md5(updater, p->md5);
    }
    if (!p->has_md5 && !is_settled(answer))
        p->etag[0] = '\0';
    p->was_offered = true;
    p->is_kept = true;
    ota_puller_look_at_none(p);
    p->size = (uint32_t)answer->length;
    p->given = 0;
    p->reported = 0;
    receive(p, p->size, now_ms);
}

/* The rest of the same image, as far as the server can tell. */
static bool continues(const struct ota_puller *p)
{
    const struct ota_pull_answer *answer = &p->answer;
    bool is_same_etag = p->etag[0] != '\0' && answer->has_etag && !answer->other_etag;
    bool is_same_md5 = p->has_md5 && answer->has_md5 && !answer->bad_md5 &&
                       memcmp(p->md5, answer->md5, sizeof p->md5) == 0;

    if (answer->bad_length || answer->bad_range || !answer->has_range ||
        answer->first != p->given || answer->total != p->size ||
        (answer->has_length && answer->length != answer->last - answer->first + 1))
        return false;
    if ((p->etag[0] != '\0' && answer->other_etag) ||
        (p->has_md5 && answer->has_md5 && !is_same_md5))
        return false;
    return is_same_md5 || (is_same_etag && !p->config->resumes_by_md5_alone);
}

/*
 * What the updater has cannot be completed: it is dropped when a whole image comes. There was a
 * break before, so this has no end of its own.
 */
static void begin_again(struct ota_puller *p, uint32_t now_ms)
{
    p->is_kept = false;
    if (p->attempts < UINT8_MAX)
        p->attempts++;
    ota_puller_ask_anew_after(p, 0, now_ms);
}

/* 206 */
static void accept_rest(struct ota_puller *p, uint32_t now_ms)
{
    const struct ota_pull_answer *answer = &p->answer;

    if (!p->is_range)
        ota_puller_fail(p, OTA_PULL_WRONG_CODE);
    else if (answer->is_encoded)
        ota_puller_fail(p, OTA_PULL_ENCODING);
    else if (continues(p))
        receive(p, (uint32_t)(answer->last - answer->first + 1), now_ms);
    else
        begin_again(p, now_ms);
}

static void redirect(struct ota_puller *p, uint32_t now_ms)
{
    const struct ota_pull_answer *answer = &p->answer;

    if (!answer->has_place || answer->bad_place || p->redirected >= p->config->redirects) {
        ota_puller_fail(p, OTA_PULL_WRONG_CODE);
        return;
    }
    p->redirected++;
    ota_puller_ask_after(p, 0, now_ms);
    ota_puller_emit(
        p, (struct ota_pull_event){ .kind = OTA_PULL_EVENT_REDIRECTED, .text = p->url.text });
}

/* A server that had the image a moment ago is overloaded, or restarts, or its proxy says so. */
static bool may_pass(uint16_t status)
{
    return status == 408 || status == 429 || (status >= 500 && status <= 599);
}

/* The header is complete. */
static void judge(struct ota_puller *p, uint32_t now_ms)
{
    uint16_t status = p->answer.status;

    if (status < 200 && status != 101)
        return; /* an interim answer; another follows */
    if (status == 200)
        accept_whole(p, now_ms);
    else if (status == 206)
        accept_rest(p, now_ms);
    else if (status == 304)
        ota_puller_finish(p, OTA_PULL_NO_UPDATE, OTA_PULL_SOUND);
    else if (ota_puller_is_redirect(status))
        redirect(p, now_ms);
    else if (status == 401)
        ota_puller_fail(p, OTA_PULL_UNAUTHORIZED);
    else if (status == 403)
        ota_puller_fail(p, OTA_PULL_FORBIDDEN);
    else if (status == 404)
        ota_puller_fail(p, OTA_PULL_NOT_FOUND);
    else if (status == 416 && p->is_range)
        begin_again(p, now_ms);
    else if (may_pass(status))
        ota_puller_break(p, OTA_PULL_WRONG_CODE, now_ms);
    else
        ota_puller_fail(p, OTA_PULL_WRONG_CODE);
}

size_t ota_puller_take_header(struct ota_puller *p, const char *bytes, size_t len, uint32_t now_ms)
{
    size_t used = 0;
    size_t taken;

    while (p->state == OTA_PULLER_HEADER && used < len) {
        bool is_sound = true;
        switch (ota_puller_lines_feed(&p->lines, bytes + used, len - used, &taken)) {
        case OTA_PULLER_LINE_NONE:
            break;
        case OTA_PULLER_LINE_STATUS:
            is_sound = ota_puller_read_status(p);
            break;
        case OTA_PULLER_LINE_FIELD:
            is_sound = ota_puller_read_field(p);
            break;
        case OTA_PULLER_LINE_END:
            judge(p, now_ms);
            break;
        case OTA_PULLER_LINE_BAD:
            is_sound = false;
            break;
        }
        used += taken;
        if (!is_sound)
            ota_puller_fail(p, OTA_PULL_NO_HTTP);
    }
    return p->is_open ? used : len;
}

/* --- The image -------------------------------------------------------------------------------- */

/* All bytes that this answer has are taken. */
static void body_ended(struct ota_puller *p, uint32_t now_ms)
{
    if (p->given < p->size) {
        ota_puller_break(p, OTA_PULL_CONNECTION_LOST, now_ms);
        return;
    }
    if (!ota_puller_wants_what_came(p))
        return;
    ota_puller_close(p);
    p->state = OTA_PULLER_WRITING;
    (void)ota_updater_finish(p->config->updater, false);
}

static void count(struct ota_puller *p, uint32_t taken)
{
    p->given += taken;
    p->left -= taken;
    if (p->given > p->furthest && p->given - p->furthest >= OTA_PULL_PROGRESS) {
        p->furthest = p->given;
        p->attempts = 0;
    }
}

/* The updater has ended by itself. */
static void updater_ended(struct ota_puller *p)
{
    const struct ota_updater *updater = p->config->updater;

    p->holds = false;
    if (!ota_updater_has_succeeded(updater))
        ota_puller_fail_by_updater(p, ota_updater_error(updater));
    else
        ota_puller_finish(p, OTA_PULL_OK, OTA_PULL_SOUND);
}

size_t ota_puller_take_body(struct ota_puller *p, const char *bytes, size_t len, uint32_t now_ms)
{
    struct ota_updater *updater = p->config->updater;
    size_t taken = ota_updater_offer(updater, bytes, len < p->left ? len : p->left);

    if (taken == 0)
        return 0;
    p->deadline =
        ota_puller_deadline(now_ms, p->config->receive_timeout_ms, OTA_PULL_RECEIVE_TIMEOUT_MS);
    ota_puller_look_at(p, bytes, taken);
    count(p, (uint32_t)taken);
    if (!ota_updater_is_running(updater))
        updater_ended(p);
    else if (p->left == 0)
        body_ended(p, now_ms);
    return p->is_open ? taken : len;
}

static void report_progress(struct ota_puller *p)
{
    const struct ota_updater *updater = p->config->updater;
    uint32_t done = ota_updater_progress(updater);

    if (done == p->reported)
        return;
    p->reported = done;
    ota_puller_emit(p, (struct ota_pull_event){ .kind = OTA_PULL_EVENT_PROGRESS,
                                                .done = done,
                                                .total = ota_updater_size(updater) });
}

bool ota_puller_work(struct ota_puller *p, uint32_t now_ms)
{
    struct ota_updater *updater = p->config->updater;
    bool busy;

    /* Time that flash takes is not the server's: it is over when the next call tells the time. */
    if (p->flash_worked && p->state == OTA_PULLER_BODY)
        p->deadline =
            ota_puller_deadline(now_ms, p->config->receive_timeout_ms, OTA_PULL_RECEIVE_TIMEOUT_MS);
    p->flash_worked = ota_updater_is_busy(updater);
    busy = ota_updater_poll(updater);
    report_progress(p);
    if (!ota_updater_is_running(updater)) {
        updater_ended(p);
        return false;
    }
    /* The running sketch is what is offered: the rest of it need not come. */
    if (ota_updater_is_unchanged(updater)) {
        ota_puller_finish(p, OTA_PULL_NO_UPDATE, OTA_PULL_SOUND);
        return false;
    }
    return busy || p->flash_worked;
}
