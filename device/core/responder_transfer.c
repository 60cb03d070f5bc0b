#include "responder_transfer.h"

#include "common/text.h"
#include "responder_out.h"

#include <string.h>

static void fail(struct ota_responder *r, enum ota_stage stage, enum ota_error error,
                 const char *text)
{
    r->state = OTA_RESPONDER_IDLE;
    ota_responder_emit(r, &(struct ota_event){ .kind = OTA_EVENT_FAILED,
                                               .peer = &r->inviter,
                                               .stage = stage,
                                               .error = error,
                                               .text = text });
}

/* The text of an error line, for people: what follows "ERROR[n]: ". */
static const char *text_of(const char *line)
{
    const char *text = strchr(line, ':');

    return text ? text + 2 : line;
}

static void close_link(struct ota_responder *r)
{
    const struct ota_net *net = r->config->net;

    if (r->link != OTA_LINK_NONE)
        net->close(net->ctx);
    r->link = OTA_LINK_NONE;
    r->verdict_len = 0;
    r->verdict_sent = 0;
    r->peer_closed = false;
}

/* The updater will not take the image; `error` may be that somebody else is using it. */
static void refuse(struct ota_responder *r, const struct ota_address *reply_to,
                   enum ota_error error)
{
    char line[OTA_ERROR_LINE_MAX];

    if (error == OTA_ERROR_RUNNING)
        ota_error_line(error, NULL, line, sizeof line);
    else
        ota_updater_error_line(r->config->updater, line, sizeof line);
    ota_responder_reply_error(r, reply_to, line);
    fail(r, OTA_STAGE_BEGIN, error, text_of(line));
}

static bool connect_to_inviter(struct ota_responder *r)
{
    const struct ota_net *net = r->config->net;
    struct ota_address to = r->inviter;

    to.port = r->invitation.port;
    if (!net->connect(net->ctx, &to))
        return false;
    r->link = OTA_LINK_OPEN;
    return true;
}

void ota_responder_accept(struct ota_responder *r, const struct ota_address *reply_to,
                          uint32_t now_ms)
{
    struct ota_updater *updater = r->config->updater;
    enum ota_error error =
        ota_updater_begin(updater, r->invitation.size, (enum ota_target)r->invitation.command);

    if (error) {
        refuse(r, reply_to, error);
        return;
    }
    ota_updater_expect_md5(updater, r->invitation.md5);
    /* There is one connection: a failed update's that is still being drained makes room. */
    close_link(r);
    ota_responder_reply(r, reply_to, "OK");
    r->state = OTA_RESPONDER_CONNECTING;
    r->deadline =
        ota_responder_deadline(now_ms, r->config->connect_timeout_ms, OTA_CONNECT_TIMEOUT_MS);
    if (!connect_to_inviter(r))
        ota_responder_connect_failed(r);
}

void ota_responder_connect_failed(struct ota_responder *r)
{
    ota_updater_abort(r->config->updater, OTA_OK);
    close_link(r);
    fail(r, OTA_STAGE_CONNECT, OTA_OK, "Connect Failed");
}

static void restart_timeout(struct ota_responder *r, uint32_t now_ms)
{
    r->deadline =
        ota_responder_deadline(now_ms, r->config->receive_timeout_ms, OTA_RECEIVE_TIMEOUT_MS);
}

void ota_responder_receive(struct ota_responder *r, uint32_t now_ms)
{
    r->state = OTA_RESPONDER_RECEIVING;
    r->reported = 0;
    r->flash_worked = false;
    restart_timeout(r, now_ms);
    ota_responder_emit(r, &(struct ota_event){ .kind = OTA_EVENT_CONNECTED, .peer = &r->inviter });
}

void ota_responder_send_verdict(struct ota_responder *r, uint32_t now_ms)
{
    const struct ota_net *net = r->config->net;
    size_t left = (size_t)(r->verdict_len - r->verdict_sent);
    int32_t n;

    if (left == 0)
        return;
    n = net->send(net->ctx, r->verdict + r->verdict_sent, left);
    if (n < 0 || (size_t)n > left) {
        ota_responder_drained(r);
        return;
    }
    r->verdict_sent = (uint8_t)(r->verdict_sent + n);
    if (r->verdict_sent < r->verdict_len)
        return;
    r->link_deadline = ota_responder_deadline(now_ms, r->config->linger_ms, OTA_LINGER_MS);
    if (r->peer_closed)
        ota_responder_drained(r);
}

/* The verdict is in r->verdict: from here on the connection only carries it to the peer. */
static void drain(struct ota_responder *r, uint32_t now_ms)
{
    r->link = OTA_LINK_DRAINING;
    r->link_deadline =
        ota_responder_deadline(now_ms, r->config->receive_timeout_ms, OTA_RECEIVE_TIMEOUT_MS);
    ota_responder_send_verdict(r, now_ms);
}

/* The updater has ended with an error. */
static void reject(struct ota_responder *r, uint32_t now_ms)
{
    const struct ota_updater *updater = r->config->updater;
    size_t len = ota_updater_error_line(updater, r->verdict, sizeof r->verdict - 2);
    enum ota_error error = ota_updater_error(updater);
    enum ota_stage stage =
        ota_updater_progress(updater) == r->invitation.size ? OTA_STAGE_END : OTA_STAGE_RECEIVE;

    fail(r, stage, error, text_of(r->verdict));
    text_append_string(r->verdict, sizeof r->verdict, &len, "\r\n");
    r->verdict_len = (uint8_t)len;
    drain(r, now_ms);
}

static void succeed(struct ota_responder *r, uint32_t now_ms)
{
    size_t len = 0;

    r->state = OTA_RESPONDER_UPDATED;
    ota_responder_emit(r, &(struct ota_event){ .kind = OTA_EVENT_UPDATED,
                                               .peer = &r->inviter,
                                               .invitation = &r->invitation,
                                               .stored = ota_updater_stored(r->config->updater) });
    text_append_string(r->verdict, sizeof r->verdict, &len, "OK");
    r->verdict_len = (uint8_t)len;
    drain(r, now_ms);
}

/* One count per chunk, as stock. It only shows that the device is alive, so it may be lost. */
static void acknowledge(const struct ota_responder *r, size_t taken)
{
    const struct ota_net *net = r->config->net;
    char count[TEXT_NUMBER_MAX + 1];
    size_t len = 0;

    text_append_number(count, sizeof count, &len, taken);
    (void)net->send(net->ctx, count, len);
}

size_t ota_responder_take(struct ota_responder *r, const void *bytes, size_t len, uint32_t now_ms)
{
    struct ota_updater *updater = r->config->updater;
    size_t taken;

    /* What exceeds the announced size. */
    if (ota_updater_is_complete(updater))
        return len;
    taken = ota_updater_offer(updater, bytes, len);
    if (taken == 0)
        return 0;
    restart_timeout(r, now_ms);
    if (!ota_updater_is_running(updater)) {
        reject(r, now_ms);
        return len;
    }
    acknowledge(r, taken);
    if (!ota_updater_is_complete(updater))
        return taken;
    (void)ota_updater_finish(updater, false);
    return len;
}

static void report_progress(struct ota_responder *r)
{
    const struct ota_updater *updater = r->config->updater;
    uint32_t done = ota_updater_progress(updater);

    if (done == r->reported)
        return;
    r->reported = done;
    ota_responder_emit(r, &(struct ota_event){ .kind = OTA_EVENT_PROGRESS,
                                               .done = done,
                                               .total = ota_updater_size(updater) });
}

bool ota_responder_work(struct ota_responder *r, uint32_t now_ms)
{
    struct ota_updater *updater = r->config->updater;
    bool busy;

    /* Time that flash takes is not the peer's: it is over when the next call tells the time. */
    if (r->flash_worked)
        restart_timeout(r, now_ms);
    r->flash_worked = ota_updater_is_busy(updater);
    busy = ota_updater_poll(updater);
    report_progress(r);
    if (ota_updater_is_running(updater))
        return busy || r->flash_worked;
    if (ota_updater_has_succeeded(updater))
        succeed(r, now_ms);
    else
        reject(r, now_ms);
    return false;
}

void ota_responder_peer_gone(struct ota_responder *r)
{
    r->peer_closed = true;
    /* The image is whole: whether it counts is for its digest to say. */
    if (ota_updater_is_complete(r->config->updater))
        return;
    ota_updater_abort(r->config->updater, OTA_OK);
    close_link(r);
    fail(r, OTA_STAGE_RECEIVE, OTA_OK, "Connection closed");
}

void ota_responder_stalled(struct ota_responder *r, uint32_t now_ms)
{
    ota_updater_abort(r->config->updater, OTA_ERROR_STREAM);
    reject(r, now_ms);
}

void ota_responder_drained(struct ota_responder *r)
{
    close_link(r);
    if (r->state != OTA_RESPONDER_UPDATED)
        return;
    r->state = OTA_RESPONDER_RESTART;
    ota_responder_emit(r, &(struct ota_event){ .kind = OTA_EVENT_RESTART });
}
