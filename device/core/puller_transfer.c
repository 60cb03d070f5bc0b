#include "puller_transfer.h"

#include "common/secret.h"
#include "puller_answer.h"
#include "puller_lines.h"
#include "puller_request.h"
#include "puller_url.h"

#include <string.h>

uint32_t ota_puller_deadline(uint32_t now_ms, uint32_t configured, uint32_t standard)
{
    return now_ms + (configured > 0 ? configured : standard);
}

/* The count wraps: what lies less than half its range ahead is in the future. */
uint32_t ota_puller_time_left(uint32_t deadline, uint32_t now_ms)
{
    uint32_t left = deadline - now_ms;

    return left < 0x80000000u ? left : 0;
}

static void emit(const struct ota_puller *p, struct ota_pull_event event)
{
    if (p->config->on_event)
        p->config->on_event(p->config->event_ctx, &event);
}

static void close_connection(struct ota_puller *p)
{
    const struct ota_pull_net *net = p->config->net;

    if (p->is_open)
        net->close(net->ctx);
    p->is_open = false;
}

static void release_updater(struct ota_puller *p)
{
    if (p->holds)
        ota_updater_abort(p->config->updater, OTA_OK);
    p->holds = false;
}

void ota_puller_finish(struct ota_puller *p, enum ota_pull_result result, int error)
{
    close_connection(p);
    release_updater(p);
    p->state = OTA_PULLER_IDLE;
    p->result = result;
    p->error = error;
    emit(p, (struct ota_pull_event){ .kind = OTA_PULL_EVENT_DONE,
                                     .result = result,
                                     .error = error,
                                     .text = ota_pull_error_text(error) });
}

static void fail(struct ota_puller *p, int error)
{
    ota_puller_finish(p, OTA_PULL_FAILED, error);
}

/* The updater's errors that the stock client finds by itself, and has numbers for. */
static int error_of(enum ota_error error)
{
    switch (error) {
    case OTA_OK:
        return OTA_PULL_CONNECTION_LOST; /* aborted, by somebody else */
    case OTA_ERROR_SPACE:
        return OTA_PULL_SPACE;
    case OTA_ERROR_MD5:
        return OTA_PULL_FAULTY_MD5;
    case OTA_ERROR_MAGIC_BYTE:
        return OTA_PULL_BAD_HEADER;
    case OTA_ERROR_NEW_FLASH_CONFIG:
        return OTA_PULL_WRONG_FLASH;
    default:
        return (int)error;
    }
}

/* --- Asking ----------------------------------------------------------------------------------- */

/* The next request goes to `p->url`; poll() makes it when `pause_ms` have passed. */
static void ask_after(struct ota_puller *p, uint32_t pause_ms, uint32_t now_ms)
{
    close_connection(p);
    p->state = OTA_PULLER_PAUSING;
    p->deadline = now_ms + pause_ms;
}

/* An address that a server has redirected to is for once: the next attempt asks the first again. */
static void ask_anew_after(struct ota_puller *p, uint32_t pause_ms, uint32_t now_ms)
{
    p->url = p->start;
    p->redirected = 0;
    ask_after(p, pause_ms, now_ms);
}

static uint32_t pause_before(uint8_t attempt)
{
    uint32_t pause = OTA_PULL_RETRY_MS;

    while (attempt-- > 1 && pause < OTA_PULL_RETRY_MAX_MS)
        pause *= 2;
    return pause < OTA_PULL_RETRY_MAX_MS ? pause : OTA_PULL_RETRY_MAX_MS;
}

void ota_puller_break(struct ota_puller *p, int error, uint32_t now_ms)
{
    if (!p->was_offered || p->attempts >= p->config->retries) {
        fail(p, error);
        return;
    }
    p->attempts++;
    ask_anew_after(p, pause_before(p->attempts), now_ms);
    emit(p, (struct ota_pull_event){ .kind = OTA_PULL_EVENT_BROKEN,
                                     .done = p->given,
                                     .total = p->size,
                                     .error = error,
                                     .text = ota_pull_error_text(error) });
}

void ota_puller_ask(struct ota_puller *p, uint32_t now_ms)
{
    const struct ota_puller_config *config = p->config;
    const struct ota_pull_net *net = config->net;

    p->is_range = p->is_kept && p->given > 0 && (p->has_md5 || p->etag[0] != '\0');
    p->sent = 0;
    emit(p, (struct ota_pull_event){ .kind = OTA_PULL_EVENT_ASKING,
                                     .text = p->url.text,
                                     .done = p->is_range ? p->given : 0,
                                     .total = p->is_range ? p->size : 0 });
    p->state = OTA_PULLER_CONNECTING;
    p->deadline =
        ota_puller_deadline(now_ms, config->connect_timeout_ms, OTA_PULL_CONNECT_TIMEOUT_MS);
    p->is_open = net->connect(net->ctx, p->url.text, p->url.port, p->url.tls);
    if (!p->is_open)
        ota_puller_break(p, OTA_PULL_NOT_CONNECTED, now_ms);
}

static struct ota_puller_request request_of(const struct ota_puller *p)
{
    const struct ota_puller_config *config = p->config;
    bool is_first = ota_puller_url_same_server(&p->url, &p->start);

    return (struct ota_puller_request){ .url = &p->url,
                                        .identity = config->identity,
                                        .target = p->target,
                                        .credentials = is_first ? config->credentials : NULL,
                                        .from = p->is_range ? p->given : 0,
                                        .etag = p->etag };
}

/* Send a piece of the request; false when there is nothing more to do for now. */
static bool send_piece(struct ota_puller *p, char *text, size_t size, uint32_t now_ms)
{
    const struct ota_pull_net *net = p->config->net;
    const struct ota_puller_request request = request_of(p);
    size_t len = ota_puller_request_text(&request, p->sent, text, size);
    int32_t n;

    if (len == 0) {
        p->state = OTA_PULLER_HEADER;
        return false;
    }
    n = net->send(net->ctx, text, len);
    if (n < 0 || (size_t)n > len) {
        ota_puller_break(p, OTA_PULL_SEND_FAILED, now_ms);
        return false;
    }
    p->sent += (uint32_t)n;
    return (size_t)n == len;
}

void ota_puller_send(struct ota_puller *p, uint32_t now_ms)
{
    /* The line of an answer, which is not being read yet. */
    while (send_piece(p, p->lines.text, sizeof p->lines.text, now_ms))
        ;
    secret_wipe(p->lines.text, sizeof p->lines.text);
    ota_puller_lines_begin(&p->lines);
}

/* --- The answer ------------------------------------------------------------------------------- */

static void receive(struct ota_puller *p, uint32_t len, uint32_t now_ms)
{
    p->state = OTA_PULLER_BODY;
    p->left = len;
    p->flash_worked = false;
    p->deadline =
        ota_puller_deadline(now_ms, p->config->receive_timeout_ms, OTA_PULL_RECEIVE_TIMEOUT_MS);
    emit(p, (struct ota_pull_event){
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

/* 200: an image from its beginning. */
static void accept_whole(struct ota_puller *p, uint32_t now_ms)
{
    struct ota_updater *updater = p->config->updater;
    const struct ota_pull_answer *answer = &p->answer;
    int fault = fault_of(answer);
    enum ota_error error;

    if (fault) {
        fail(p, fault);
        return;
    }
    release_updater(p);
    error = ota_updater_begin(updater, answer->length, p->target);
    if (error) {
        fail(p, error_of(error));
        return;
    }
    p->holds = true;
    p->has_md5 = answer->has_md5;
    if (p->has_md5) {
        memcpy(p->md5, answer->md5, sizeof p->md5);
        ota_updater_expect_md5(updater, p->md5);
    }
    p->was_offered = true;
    p->is_kept = true;
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
    return is_same_etag || is_same_md5;
}

/* What the updater has cannot be completed: it is dropped when a whole image comes. */
static void begin_again(struct ota_puller *p, uint32_t now_ms)
{
    p->is_kept = false;
    ask_anew_after(p, 0, now_ms);
}

/* 206 */
static void accept_rest(struct ota_puller *p, uint32_t now_ms)
{
    const struct ota_pull_answer *answer = &p->answer;

    if (!p->is_range)
        fail(p, OTA_PULL_WRONG_CODE);
    else if (answer->is_encoded)
        fail(p, OTA_PULL_ENCODING);
    else if (continues(p))
        receive(p, (uint32_t)(answer->last - answer->first + 1), now_ms);
    else
        begin_again(p, now_ms);
}

static void redirect(struct ota_puller *p, uint32_t now_ms)
{
    const struct ota_pull_answer *answer = &p->answer;

    if (!answer->has_place || answer->bad_place || p->redirected >= p->config->redirects) {
        fail(p, OTA_PULL_WRONG_CODE);
        return;
    }
    p->redirected++;
    ask_after(p, 0, now_ms);
    emit(p, (struct ota_pull_event){ .kind = OTA_PULL_EVENT_REDIRECTED, .text = p->url.text });
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
        fail(p, OTA_PULL_UNAUTHORIZED);
    else if (status == 403)
        fail(p, OTA_PULL_FORBIDDEN);
    else if (status == 404)
        fail(p, OTA_PULL_NOT_FOUND);
    else if (status == 416 && p->is_range)
        begin_again(p, now_ms);
    else if (may_pass(status))
        ota_puller_break(p, OTA_PULL_WRONG_CODE, now_ms);
    else
        fail(p, OTA_PULL_WRONG_CODE);
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
            fail(p, OTA_PULL_NO_HTTP);
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
    close_connection(p);
    p->state = OTA_PULLER_WRITING;
    (void)ota_updater_finish(p->config->updater, false);
}

static void count(struct ota_puller *p, uint32_t taken)
{
    p->given += taken;
    p->left -= taken;
    if (p->given > p->furthest) {
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
        fail(p, error_of(ota_updater_error(updater)));
    else if (ota_updater_is_unchanged(updater))
        ota_puller_finish(p, OTA_PULL_NO_UPDATE, OTA_PULL_SOUND);
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
    emit(p, (struct ota_pull_event){ .kind = OTA_PULL_EVENT_PROGRESS,
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
