#include "sim_segments.h"

#include "sim_net.h"

/* After so many times of asking a machine that is gone, TCP gives up. */
#define RETRIES_MAX 12

static struct sim_end *other_end(const struct sim_end *end)
{
    return &end->stream->ends[end->side == SIM_DEVICE ? SIM_UPLOADER : SIM_DEVICE];
}

uint32_t sim_window(const struct sim_end *end)
{
    return end->side == SIM_DEVICE ? end->stream->net->weather.window : SIM_UPLOADER_WINDOW;
}

void sim_end_wake(const struct sim_end *end)
{
    const struct sim_peers *peers = &end->stream->net->peers;

    if (end->side == SIM_DEVICE)
        peers->wake_device(peers->device);
    else
        peers->wake_uploader(peers->uploader);
}

/* --- Under way -------------------------------------------------------------------------------- */

void sim_end_plan(struct sim_end *to, uint64_t delay, sim_action *action, uint64_t arg)
{
    to->stream->pending++;
    sim_world_plan(to->stream->net->world, delay, action, to, arg);
}

/* Something has come to an end. False when it does not arrive after all. */
bool sim_end_arrives(struct sim_end *end)
{
    end->stream->pending--;
    return !end->stream->dead[end->side];
}

/* How long something takes that is sent from this end now: losses cost time, order is kept. */
uint64_t sim_end_travel(struct sim_end *from, uint32_t more)
{
    struct sim_net *net = from->stream->net;
    uint64_t at = net->world->now + sim_net_delay(net) + more;

    for (unsigned i = 0; i < 4 && sim_random_chance(&net->random, net->weather.loss); i++)
        at += (uint64_t)net->weather.retransmit_us << i;
    if (at < from->last_sent)
        at = from->last_sent;
    from->last_sent = at;
    return at - net->world->now;
}

static void break_end(struct sim_end *end)
{
    if (end->state == SIM_END_CLOSED) {
        end->accepted = end->transmitted;
        end->fin_wanted = false;
    }
    if (end->state == SIM_END_GONE || end->state == SIM_END_CLOSED || end->reset)
        return;
    end->reset = true;
    if (end->stream->net->weather.reset_drops)
        end->taken = end->arrived;
    sim_end_wake(end);
}

static void on_reset(void *ctx, uint64_t arg)
{
    (void)arg;
    if (sim_end_arrives(ctx))
        break_end(ctx);
}

/* Tell the other end that there is no such connection. */
void sim_send_reset(struct sim_end *from)
{
    sim_end_plan(other_end(from), sim_end_travel(from, 0), on_reset, 0);
}

static void on_retry(void *ctx, uint64_t arg)
{
    struct sim_end *end = ctx;
    struct sim_end *sender = other_end(end);
    const struct sim_net *net = end->stream->net;

    (void)arg;
    if (!sim_end_arrives(end) || sender->state != SIM_END_OPEN || sender->reset)
        return;
    if (net->peers.device_answers(net->peers.device))
        sim_send_reset(end);
    else if (++sender->retries > RETRIES_MAX)
        break_end(sender);
    else
        sim_end_plan(end,
                     (uint64_t)net->weather.retransmit_us
                         << (sender->retries < 5 ? sender->retries : 5),
                     on_retry, 0);
}

/* Something has come to a machine that knows nothing of the connection. */
void sim_end_forgotten(struct sim_end *end)
{
    const struct sim_net *net = end->stream->net;
    struct sim_end *sender = other_end(end);

    if (end->side == SIM_UPLOADER || sender->retrying)
        return;
    if (net->peers.device_answers(net->peers.device)) {
        sim_send_reset(end);
    } else {
        sender->retrying = true;
        sim_end_plan(end, net->weather.retransmit_us, on_retry, 0);
    }
}

static void on_ack(void *ctx, uint64_t arg)
{
    struct sim_end *end = ctx;
    uint32_t acked = (uint32_t)arg;
    uint32_t edge = (uint32_t)(arg >> 32);

    if (!sim_end_arrives(end) || end->state == SIM_END_GONE || end->reset)
        return;
    if (acked > end->acked)
        end->acked = acked;
    if (edge > end->edge)
        end->edge = edge;
    sim_pump(end);
    if (end->state == SIM_END_OPEN)
        sim_end_wake(end);
}

void sim_send_ack(struct sim_end *from)
{
    const struct sim_net *net = from->stream->net;
    uint32_t more = 0;

    if (from->side == SIM_DEVICE)
        more = net->weather.ack_us + net->peers.device_delay(net->peers.device);
    from->advertised = from->taken + sim_window(from);
    sim_end_plan(other_end(from), sim_end_travel(from, more), on_ack,
                 from->arrived | (uint64_t)from->advertised << 32);
}

static void on_data(void *ctx, uint64_t position)
{
    struct sim_end *end = ctx;

    if (!sim_end_arrives(end) || end->reset)
        return;
    if (end->state == SIM_END_OPEN) {
        end->arrived = (uint32_t)position;
        sim_send_ack(end);
        sim_end_wake(end);
    } else if (end->state == SIM_END_CLOSED) {
        sim_send_reset(end);
    } else {
        sim_end_forgotten(end);
    }
}

static void on_fin(void *ctx, uint64_t arg)
{
    struct sim_end *end = ctx;

    (void)arg;
    if (!sim_end_arrives(end) || end->reset)
        return;
    if (end->state == SIM_END_OPEN) {
        end->fin = true;
        sim_end_wake(end);
    } else if (end->state == SIM_END_GONE) {
        sim_end_forgotten(end);
    }
}

/* --- Incidents -------------------------------------------------------------------------------- */

static void stall(struct sim_end *from, uint32_t duration)
{
    const struct sim_net *net = from->stream->net;

    if (from->last_sent < net->world->now + duration)
        from->last_sent = net->world->now + duration;
}

static void on_incident(void *ctx, uint64_t arg)
{
    struct sim_stream *stream = ((struct sim_end *)ctx)->stream;
    struct sim_net *net = stream->net;
    uint32_t sides = sim_random_range(&net->random, 1, 3);
    uint32_t duration = sim_random_range(&net->random, 200 * SIM_MS, 20 * SIM_S);
    enum sim_incident incident = (enum sim_incident)stream->incident;

    (void)arg;
    stream->pending--;
    stream->incident = SIM_NO_INCIDENT;
    net->incidents++;
    sim_say(net->trace, "network", "connection %u is %s%s", stream->number,
            sim_incident_text(incident),
            incident == SIM_CUT ? ""
            : sides == 1        ? " (the uploader)"
            : sides == 2        ? " (the device)"
                                : " (both)");
    for (unsigned side = 0; side < 2; side++) {
        bool hit = (sides >> side & 1) != 0;
        if (incident == SIM_CUT || (incident == SIM_RESET_HALF && hit))
            break_end(&stream->ends[side]);
        else if (incident == SIM_STALL && hit)
            stall(&stream->ends[side], duration);
        else if (incident == SIM_DEAD && hit)
            stream->dead[side] = true;
    }
}

/* The incident is due once so much of the image is on its way; or later, behind all of it. */
static void watch_for_incident(const struct sim_end *end)
{
    struct sim_stream *stream = end->stream;
    struct sim_net *net = stream->net;

    if (end->side != SIM_UPLOADER || !stream->incident || stream->incident_at == UINT32_MAX ||
        end->transmitted < stream->incident_at)
        return;
    stream->incident_at = UINT32_MAX;
    sim_end_plan(&stream->ends[SIM_DEVICE], sim_random_below(&net->random, 400 * SIM_MS),
                 on_incident, 0);
}

void sim_choose_incident(struct sim_stream *stream)
{
    struct sim_net *net = stream->net;

    if (!sim_random_chance(&net->random, net->weather.incident))
        return;
    stream->incident = (uint8_t)sim_random_range(&net->random, SIM_CUT, SIM_DEAD);
    stream->incident_at = sim_random_below(&net->random, stream->size + 1);
}

/* Send what the other end's window lets through. */
void sim_pump(struct sim_end *end)
{
    uint32_t segment = end->stream->net->weather.segment;
    struct sim_end *to = other_end(end);

    while (end->transmitted < end->accepted && end->transmitted < end->edge) {
        uint32_t limit = end->accepted < end->edge ? end->accepted : end->edge;
        uint32_t len = limit - end->transmitted;
        end->transmitted += len < segment ? len : segment;
        sim_end_plan(to, sim_end_travel(end, 0), on_data, end->transmitted);
    }
    watch_for_incident(end);
    if (end->fin_wanted && !end->fin_sent && end->transmitted == end->accepted) {
        end->fin_sent = true;
        sim_end_plan(to, sim_end_travel(end, 0), on_fin, 0);
    }
}
