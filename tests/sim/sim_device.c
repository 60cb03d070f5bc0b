#include "sim_device.h"

#include "common/proof.h"

#include <string.h>

/* Rounds of a step: more would be a responder that never stops working without doing anything. */
#define ROUNDS_MAX 20000

static const struct ota_address uploader_host = { .bytes = { 192, 0, 2, 1 }, .length = 4 };

/* The power went while the program went on: nothing that it says is heard. */
static bool is_dead(const struct sim_device *device)
{
    return sim_board_is_off(device->board);
}

static uint32_t now_ms(const struct sim_device *device)
{
    return device->traits.clock + (uint32_t)((device->world->now - device->started) / SIM_MS);
}

/* --- The responder's network ------------------------------------------------------------------ */

static void face_send_datagram(void *ctx, const struct ota_address *to, const void *bytes,
                               size_t len)
{
    struct sim_device *device = ctx;

    if (!is_dead(device))
        sim_net_send(device->net, SIM_UPLOADER, to->port, bytes, len);
}

static bool face_connect(void *ctx, const struct ota_address *to)
{
    struct sim_device *device = ctx;

    device->connected = false;
    device->ended = false;
    device->full = false;
    device->stream = is_dead(device) ? NULL : sim_stream_connect(device->net, to->port);
    return device->stream != NULL;
}

static int32_t face_send(void *ctx, const void *bytes, size_t len)
{
    struct sim_device *device = ctx;
    char shown[SIM_SHOWN_MAX];

    if (is_dead(device))
        return 0;
    if (!device->stream || device->stream->ends[SIM_DEVICE].reset)
        return -1;
    uint32_t sent = sim_stream_say(device->stream, bytes, len);
    device->full = sent < len;
    if (device->trace->on && (len < 1 || *(const char *)bytes > '9'))
        sim_say(device->trace, "device", "says \"%s\"%s", sim_show(shown, bytes, len),
                device->full ? ", for which there is no room yet" : "");
    return (int32_t)sent;
}

static void face_close(void *ctx)
{
    struct sim_device *device = ctx;

    if (device->stream && !is_dead(device))
        sim_stream_close(device->stream, SIM_DEVICE);
    device->stream = NULL;
}

static bool face_random(void *ctx, void *out, size_t len)
{
    struct sim_device *device = ctx;

    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)sim_random_below(&device->random, 256);
    return true;
}

static void on_event(void *ctx, const struct ota_event *event)
{
    struct sim_device *device = ctx;

    if (is_dead(device))
        return;
    if (event->kind == OTA_EVENT_RESTART)
        device->wants_restart = true;
    device->watch.on_event(device->watch.ctx, event);
}

/* --- Power ------------------------------------------------------------------------------------ */

static void forget(struct sim_device *device, enum sim_device_state state)
{
    sim_stream_power_lost(device->net, SIM_DEVICE);
    device->state = state;
    device->stream = NULL;
    device->inbox_count = 0;
    device->wants_restart = false;
    sim_timer_stop(&device->timer);
}

void sim_device_start(struct sim_device *device)
{
    uint64_t before = device->board->nor.busy_us;

    forget(device, SIM_DEVICE_STARTING);
    (void)sim_board_start(device->board);
    device->busy_until = device->world->now + (device->board->nor.busy_us - before);
    if (is_dead(device)) {
        device->state = SIM_DEVICE_OFF;
    } else if (!device->board->running) {
        device->state = SIM_DEVICE_HALTED;
    } else {
        device->busy_until += device->traits.boot_us;
        sim_timer_set(&device->timer, device->busy_until);
    }
    device->watch.on_boot(device->watch.ctx);
}

void sim_device_cut(struct sim_device *device)
{
    if (device->state == SIM_DEVICE_OFF || device->state == SIM_DEVICE_HALTED)
        return;
    device->board->nor.off = true;
    forget(device, SIM_DEVICE_OFF);
    device->watch.on_power_lost(device->watch.ctx);
}

uint64_t sim_device_work(const struct sim_device *device)
{
    return device->board->nor.busy_us;
}

void sim_device_worked(struct sim_device *device, uint64_t work)
{
    uint64_t took = device->board->nor.busy_us - work;

    if (device->busy_until < device->world->now)
        device->busy_until = device->world->now;
    device->busy_until += took;
    if (took > 0)
        device->worked = device->busy_until;
    if (!is_dead(device))
        return;
    forget(device, SIM_DEVICE_OFF);
    device->watch.on_power_lost(device->watch.ctx);
}

/* The network is up, and then the responder is ready. */
static void go_on_starting(struct sim_device *device)
{
    if (device->state == SIM_DEVICE_STARTING) {
        device->state = SIM_DEVICE_UNREADY;
        device->busy_until = device->world->now + device->traits.unready_us;
        sim_timer_set(&device->timer, device->busy_until);
        return;
    }
    device->state = SIM_DEVICE_UP;
    device->started = device->world->now;
    (void)ota_responder_init(&device->responder, &device->config);
    sim_timer_set(&device->timer, device->world->now);
    device->watch.on_up(device->watch.ctx);
}

/* --- The sketch's loop() ---------------------------------------------------------------------- */

static void serve_stream(struct sim_device *device)
{
    struct ota_responder *responder = &device->responder;
    struct sim_stream *stream = device->stream;
    const struct sim_end *end = &stream->ends[SIM_DEVICE];

    if (!device->connected && end->state == SIM_END_OPEN) {
        device->connected = true;
        ota_responder_on_connected(responder, now_ms(device));
    }
    if (device->stream && device->full && sim_stream_room(stream, SIM_DEVICE) > 0) {
        device->full = false;
        ota_responder_on_sendable(responder, now_ms(device));
    }
    uint32_t readable = device->stream ? sim_stream_readable(stream, SIM_DEVICE) : 0;
    if (readable > 0) {
        size_t taken = ota_responder_on_stream(responder, stream->content + end->taken, readable,
                                               now_ms(device));
        if (device->stream)
            sim_stream_take(stream, SIM_DEVICE, (uint32_t)taken);
    }
    if (device->stream && !device->ended && sim_stream_ended(stream, SIM_DEVICE)) {
        device->ended = true;
        ota_responder_on_closed(responder);
    }
}

static void serve_datagrams(struct sim_device *device)
{
    for (unsigned i = 0; i < device->inbox_count; i++) {
        const struct sim_inbox *in = &device->inbox[i];
        struct ota_address from = uploader_host;
        struct proof proof;
        bool checks = device->responder.state == OTA_RESPONDER_CHALLENGED &&
                      proof_parse(&proof, (const char *)in->bytes, in->len);
        from.port = in->port;
        ota_responder_on_datagram(&device->responder, &from, in->bytes, in->len, now_ms(device));
        if (checks)
            device->busy_until = device->world->now + device->traits.proof_us;
    }
    device->inbox_count = 0;
}

/* Serve and poll until time has to pass; returns the milliseconds after which to go on. */
static uint32_t serve(struct sim_device *device)
{
    const struct nor_flash *nor = &device->board->nor;
    uint64_t before = nor->busy_us;
    uint32_t next = 0;

    for (unsigned i = 0; i < ROUNDS_MAX; i++) {
        uint32_t taken = device->stream ? device->stream->ends[SIM_DEVICE].taken : 0;
        if (device->stream)
            serve_stream(device);
        serve_datagrams(device);
        next = ota_responder_poll(&device->responder, now_ms(device));
        bool moves = device->stream && device->stream->ends[SIM_DEVICE].taken != taken;
        if (nor->busy_us != before || nor->off || device->wants_restart || (next != 0 && !moves))
            return next;
    }
    device->spins = true;
    return next;
}

static void step(void *ctx)
{
    struct sim_device *device = ctx;
    uint64_t now = device->world->now;

    if (now < device->busy_until) {
        sim_timer_set(&device->timer, device->busy_until);
        return;
    }
    if (device->state == SIM_DEVICE_STARTING || device->state == SIM_DEVICE_UNREADY) {
        go_on_starting(device);
        return;
    }
    uint64_t work = sim_device_work(device);
    uint32_t next = serve(device);
    sim_device_worked(device, work);
    if (device->state != SIM_DEVICE_UP)
        return;
    if (device->wants_restart) {
        device->watch.on_restart(device->watch.ctx);
        return;
    }
    if (next > 0 && device->busy_until < now + device->traits.loop_us)
        device->busy_until = now + device->traits.loop_us;
    /* The responder counts from the millisecond that it was told. */
    uint64_t told = now - (now - device->started) % SIM_MS;
    uint64_t due = next == OTA_NEVER ? UINT64_MAX : told + (uint64_t)next * SIM_MS;
    if (due < device->busy_until)
        due = device->busy_until;
    if (due != UINT64_MAX)
        sim_timer_set(&device->timer, due);
}

/* --- The network's side ----------------------------------------------------------------------- */

void sim_device_wake(void *ctx)
{
    struct sim_device *device = ctx;
    uint64_t now = device->world->now;

    if (device->state == SIM_DEVICE_UP)
        sim_timer_by(&device->timer, device->busy_until > now ? device->busy_until : now);
}

void sim_device_on_datagram(void *ctx, uint16_t port, const void *bytes, size_t len)
{
    struct sim_device *device = ctx;

    device->heard = device->world->now;
    if (device->state == SIM_DEVICE_UNREADY && device->traits.tells_unready)
        sim_net_send(device->net, SIM_UPLOADER, port, "", 0);
    if (device->state != SIM_DEVICE_UP || device->inbox_count == SIM_INBOX_MAX)
        return;
    struct sim_inbox *in = &device->inbox[device->inbox_count++];
    in->port = port;
    in->len = (uint16_t)len;
    memcpy(in->bytes, bytes, len);
    sim_device_wake(device);
}

bool sim_device_answers(void *ctx)
{
    const struct sim_device *device = ctx;

    return device->state == SIM_DEVICE_UNREADY || device->state == SIM_DEVICE_UP;
}

uint32_t sim_device_delay(void *ctx)
{
    const struct sim_device *device = ctx;
    uint64_t now = device->world->now;

    return device->busy_until > now ? (uint32_t)(device->busy_until - now) : 0;
}

bool sim_device_is_idle(const struct sim_device *device)
{
    return device->state == SIM_DEVICE_UP && ota_responder_is_idle(&device->responder);
}

void sim_device_init(struct sim_device *device, struct sim_world *world, struct sim_net *net,
                     const struct sim_trace *trace, struct sim_random random,
                     struct sim_board *board, const struct sim_traits *traits,
                     const struct sim_device_watch *watch)
{
    device->world = world;
    device->net = net;
    device->trace = trace;
    device->random = random;
    device->board = board;
    device->traits = *traits;
    device->watch = *watch;
    device->state = SIM_DEVICE_OFF;
    device->net_face =
        (struct ota_net){ device, face_send_datagram, face_connect, face_send, face_close };
    device->random_face = (struct ota_random){ device, face_random };
    device->config = (struct ota_responder_config){
        .updater = &board->updater,
        .net = &device->net_face,
        .random = &device->random_face,
        .password = traits->password,
        .dialect = traits->dialect,
        .on_event = on_event,
        .event_ctx = device,
    };
    sim_timer_init(&device->timer, world, step, device);
    device->busy_until = 0;
    device->started = 0;
    device->heard = 0;
    device->worked = 0;
    device->wants_restart = false;
    device->spins = false;
    device->stream = NULL;
    device->inbox_count = 0;
}
