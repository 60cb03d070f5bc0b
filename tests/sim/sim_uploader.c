#include "sim_uploader.h"

/* As in loop.c: how often what was acknowledged is looked at. */
#define TICK_US (100 * SIM_MS)

#define FIRST_PORT 40000u

static uint64_t now_ms(const struct sim_uploader *uploader)
{
    return uploader->epoch_ms + sim_world_ms(uploader->world);
}

static bool fill_random(void *ctx, uint8_t *out, size_t len)
{
    struct sim_uploader *uploader = ctx;

    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)sim_random_below(&uploader->random, 256);
    return true;
}

/* --- What the session wants ------------------------------------------------------------------- */

/* As in transport.c: a device that has given its verdict sees an orderly end. */
static void drop_stream(struct sim_uploader *uploader)
{
    enum push_reason reason = uploader->session.reason;

    if (!uploader->stream)
        return;
    if (reason != PUSH_UPDATED && reason != PUSH_FAILED)
        sim_stream_abandon(uploader->stream, SIM_UPLOADER);
    else
        sim_stream_close(uploader->stream, SIM_UPLOADER);
    uploader->stream = NULL;
}

static void tell_event(const struct sim_uploader *uploader, enum push_event event)
{
    static const char *const words[] = {
        [PUSH_EVENT_CONNECTED] = "is connected",
        [PUSH_EVENT_SENT_ALL] = "sees that the device's TCP has everything",
        [PUSH_EVENT_RETRY] = "tries again: the transfer broke",
    };

    if (uploader->trace->on && event < sizeof words / sizeof words[0] && words[event])
        sim_say(uploader->trace, "uploader", "%s", words[event]);
}

static void finish(struct sim_uploader *uploader)
{
    drop_stream(uploader);
    uploader->running = false;
    sim_timer_stop(&uploader->timer);
    uploader->on_finished(uploader->ctx);
}

static void set_timer(struct sim_uploader *uploader)
{
    uint64_t wake = push_session_wake(&uploader->session);
    const struct sim_stream *stream = uploader->stream;

    if (wake != UINT64_MAX)
        sim_timer_set(&uploader->timer,
                      wake > uploader->epoch_ms ? (wake - uploader->epoch_ms) * SIM_MS : 0);
    if (stream && stream->ends[SIM_UPLOADER].acked > uploader->session.acknowledged)
        sim_timer_by(&uploader->timer, uploader->tick_at);
}

static void settle(struct sim_uploader *uploader)
{
    struct push_session *session = &uploader->session;
    bool finished = false;

    for (;;) {
        struct push_action action = push_session_next(session);
        if (action.kind == PUSH_ACTION_NONE)
            break;
        if (action.kind == PUSH_ACTION_SEND)
            sim_net_send(uploader->net, SIM_DEVICE, uploader->port, session->datagram,
                         session->datagram_len);
        else if (action.kind == PUSH_ACTION_CLOSE)
            drop_stream(uploader);
        else
            tell_event(uploader, action.event);
        finished = finished || action.event == PUSH_EVENT_FINISHED;
    }
    if (finished)
        finish(uploader);
    else
        set_timer(uploader);
}

/* --- What happens ----------------------------------------------------------------------------- */

static void note_acknowledged(struct sim_uploader *uploader)
{
    push_session_on_acknowledged(&uploader->session, uploader->stream->ends[SIM_UPLOADER].acked,
                                 now_ms(uploader));
}

/* All that the device has said, then the end of the connection. */
static void receive(struct sim_uploader *uploader)
{
    struct sim_stream *stream = uploader->stream;
    char words[512];

    while (uploader->stream && sim_stream_readable(stream, SIM_UPLOADER) > 0) {
        uint32_t len = sim_stream_hear(stream, words, sizeof words);
        note_acknowledged(uploader);
        push_session_on_stream(&uploader->session, words, len, now_ms(uploader));
        settle(uploader);
    }
    if (!uploader->stream || !sim_stream_ended(stream, SIM_UPLOADER))
        return;
    note_acknowledged(uploader);
    bool reset = stream->ends[SIM_UPLOADER].reset;
    sim_stream_close(stream, SIM_UPLOADER);
    uploader->stream = NULL;
    push_session_on_closed(&uploader->session, reset, now_ms(uploader));
    settle(uploader);
}

static void send_bytes(struct sim_uploader *uploader)
{
    struct push_session *session = &uploader->session;
    uint32_t room = sim_stream_room(uploader->stream, SIM_UPLOADER);
    uint64_t left = session->config->size - session->sent;

    if (!push_session_wants_bytes(session) || room == 0)
        return;
    uint32_t len = left < room ? (uint32_t)left : room;
    push_session_on_sent(session, len);
    sim_stream_send(uploader->stream, len);
    note_acknowledged(uploader);
    settle(uploader);
}

static void on_timer(void *ctx)
{
    struct sim_uploader *uploader = ctx;
    uint64_t now = uploader->world->now;

    if (uploader->running && uploader->stream)
        receive(uploader);
    if (uploader->running && uploader->stream)
        send_bytes(uploader);
    if (uploader->running && uploader->stream && now >= uploader->tick_at) {
        uploader->tick_at = now - now % TICK_US + TICK_US;
        note_acknowledged(uploader);
        settle(uploader);
    }
    if (uploader->running && now_ms(uploader) >= push_session_wake(&uploader->session)) {
        push_session_on_time(&uploader->session, now_ms(uploader));
        settle(uploader);
    }
    if (uploader->running)
        set_timer(uploader);
}

void sim_uploader_wake(void *ctx)
{
    struct sim_uploader *uploader = ctx;

    if (uploader->running)
        sim_timer_by(&uploader->timer, uploader->world->now);
}

void sim_uploader_on_datagram(void *ctx, uint16_t port, const void *bytes, size_t len)
{
    struct sim_uploader *uploader = ctx;

    /* An earlier upload's port: nobody is there any more. */
    if (!uploader->running || port != uploader->port)
        return;
    if (len == 0)
        push_session_on_unreachable(&uploader->session, now_ms(uploader));
    else
        push_session_on_datagram(&uploader->session, bytes, len, now_ms(uploader));
    settle(uploader);
}

enum sim_answer sim_uploader_on_call(void *ctx, struct sim_stream *stream)
{
    struct sim_uploader *uploader = ctx;

    if (uploader->gone)
        return SIM_UNHEARD;
    if (!uploader->running || stream->port != uploader->port)
        return SIM_REFUSED;
    if (!push_session_wants_connection(&uploader->session))
        return SIM_NOT_WANTED;
    stream->content = uploader->upload.bytes;
    stream->size = (uint32_t)uploader->upload.config.size;
    uploader->stream = stream;
    uploader->connections++;
    push_session_on_connected(&uploader->session, now_ms(uploader));
    settle(uploader);
    return SIM_TAKEN;
}

/* --- Users ------------------------------------------------------------------------------------ */

void sim_uploader_init(struct sim_uploader *uploader, struct sim_world *world, struct sim_net *net,
                       const struct sim_trace *trace, struct sim_random random, uint64_t epoch_ms)
{
    *uploader = (struct sim_uploader){
        .world = world,
        .net = net,
        .trace = trace,
        .random = random,
        .epoch_ms = epoch_ms,
        .port = FIRST_PORT,
    };
    sim_timer_init(&uploader->timer, world, on_timer, uploader);
}

void sim_uploader_start(struct sim_uploader *uploader, const struct sim_upload *upload)
{
    uploader->upload = *upload;
    uploader->upload.config.port = ++uploader->port;
    uploader->upload.config.random = fill_random;
    uploader->upload.config.random_ctx = uploader;
    uploader->stream = NULL;
    uploader->running = true;
    uploader->gone = false;
    uploader->connections = 0;
    uploader->started = uploader->world->now;
    push_session_init(&uploader->session, &uploader->upload.config, now_ms(uploader));
    settle(uploader);
}

void sim_uploader_interrupt(struct sim_uploader *uploader)
{
    if (!uploader->running)
        return;
    push_session_abort(&uploader->session, PUSH_INTERRUPTED);
    settle(uploader);
}

void sim_uploader_vanish(struct sim_uploader *uploader)
{
    if (!uploader->running)
        return;
    sim_say(uploader->trace, "uploader", "is gone, without a word");
    uploader->running = false;
    uploader->gone = true;
    uploader->stream = NULL;
    sim_timer_stop(&uploader->timer);
    sim_stream_power_lost(uploader->net, SIM_UPLOADER);
}
