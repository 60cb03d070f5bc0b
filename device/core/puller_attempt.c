#include "puller_attempt.h"

#include "common/secret.h"
#include "puller_lines.h"
#include "puller_request.h"
#include "puller_url.h"

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

void ota_puller_emit(const struct ota_puller *p, struct ota_pull_event event)
{
    if (p->config->on_event)
        p->config->on_event(p->config->event_ctx, &event);
}

void ota_puller_close(struct ota_puller *p)
{
    const struct ota_pull_net *net = p->config->net;

    if (p->is_open)
        net->close(net->ctx);
    p->is_open = false;
}

void ota_puller_release(struct ota_puller *p)
{
    if (p->holds)
        ota_updater_abort(p->config->updater, OTA_OK);
    p->holds = false;
}

void ota_puller_end(struct ota_puller *p, enum ota_pull_result result, int error, const char *text)
{
    ota_puller_close(p);
    ota_puller_release(p);
    p->state = OTA_PULLER_IDLE;
    p->result = result;
    p->error = error;
    ota_puller_emit(
        p, (struct ota_pull_event){
               .kind = OTA_PULL_EVENT_DONE, .result = result, .error = error, .text = text });
}

void ota_puller_finish(struct ota_puller *p, enum ota_pull_result result, int error)
{
    ota_puller_end(p, result, error, ota_pull_error_text(error));
}

void ota_puller_fail(struct ota_puller *p, int error)
{
    ota_puller_finish(p, OTA_PULL_FAILED, error);
}

/* --- Asking ----------------------------------------------------------------------------------- */

void ota_puller_ask_after(struct ota_puller *p, uint32_t pause_ms, uint32_t now_ms)
{
    ota_puller_close(p);
    p->state = OTA_PULLER_PAUSING;
    p->deadline = now_ms + pause_ms;
}

void ota_puller_ask_anew_after(struct ota_puller *p, uint32_t pause_ms, uint32_t now_ms)
{
    p->url = p->start;
    p->redirected = 0;
    ota_puller_ask_after(p, pause_ms, now_ms);
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
        ota_puller_fail(p, error);
        return;
    }
    p->attempts++;
    ota_puller_ask_anew_after(p, pause_before(p->attempts), now_ms);
    ota_puller_emit(p, (struct ota_pull_event){ .kind = OTA_PULL_EVENT_BROKEN,
                                                .done = p->given,
                                                .total = p->size,
                                                .error = error,
                                                .text = ota_pull_error_text(error) });
}

/* There is something that the rest could be put behind, and a way to know the rest. */
static bool can_go_on(const struct ota_puller *p)
{
    return p->is_kept && p->given > 0 &&
           (p->has_md5 || (p->etag[0] != '\0' && !p->config->resumes_by_md5_alone));
}

void ota_puller_ask(struct ota_puller *p, uint32_t now_ms)
{
    const struct ota_puller_config *config = p->config;
    const struct ota_pull_net *net = config->net;

    /* Somebody else may have begun since start(), or a redirect. */
    if (!p->holds && ota_updater_is_running(config->updater)) {
        ota_puller_fail(p, OTA_ERROR_RUNNING);
        return;
    }
    p->is_range = can_go_on(p);
    p->sent = 0;
    ota_puller_emit(p, (struct ota_pull_event){ .kind = OTA_PULL_EVENT_ASKING,
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
