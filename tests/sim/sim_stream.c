#include "sim_stream.h"

#include "sim_net.h"
#include "sim_segments.h"

/* What the uploader's TCP takes to send. */
#define UPLOADER_ROOM (16u * 1024)

static const char *name_of(enum sim_side side)
{
    return side == SIM_DEVICE ? "device" : "uploader";
}

/* --- Opening ---------------------------------------------------------------------------------- */

void sim_stream_reset(struct sim_stream *stream, struct sim_net *net)
{
    stream->net = net;
    stream->used = false;
    stream->pending = 0;
}

static bool is_free(const struct sim_stream *stream)
{
    if (!stream->used)
        return true;
    return stream->pending == 0 && stream->ends[0].state >= SIM_END_CLOSED &&
           stream->ends[1].state >= SIM_END_CLOSED;
}

static struct sim_stream *find_free(struct sim_net *net)
{
    for (unsigned i = 0; i < SIM_STREAMS_MAX; i++) {
        if (is_free(&net->streams[i]))
            return &net->streams[i];
    }
    return NULL;
}

static void on_answer(void *ctx, uint64_t arg)
{
    struct sim_end *device = ctx;

    (void)arg;
    if (!sim_end_arrives(device) || device->reset)
        return;
    if (device->state == SIM_END_OPENING) {
        device->state = SIM_END_OPEN;
        sim_end_wake(device);
    } else if (device->state == SIM_END_GONE) {
        sim_end_forgotten(device);
    } else {
        sim_send_reset(device);
    }
}

static void on_call(void *ctx, uint64_t arg)
{
    struct sim_end *uploader = ctx;
    struct sim_stream *stream = uploader->stream;
    const struct sim_peers *peers = &stream->net->peers;

    (void)arg;
    if (!sim_end_arrives(uploader))
        return;
    uploader->state = SIM_END_OPEN;
    switch (peers->call(peers->uploader, stream)) {
    case SIM_TAKEN:
        sim_end_plan(&stream->ends[SIM_DEVICE], sim_end_travel(uploader, 0), on_answer, 0);
        sim_choose_incident(stream);
        sim_end_wake(uploader);
        break;
    case SIM_NOT_WANTED:
        sim_end_plan(&stream->ends[SIM_DEVICE], sim_end_travel(uploader, 0), on_answer, 0);
        sim_stream_close(stream, SIM_UPLOADER);
        break;
    case SIM_REFUSED:
        uploader->state = SIM_END_CLOSED;
        sim_send_reset(uploader);
        break;
    case SIM_UNHEARD:
        uploader->state = SIM_END_GONE;
        break;
    }
}

struct sim_stream *sim_stream_connect(struct sim_net *net, uint16_t port)
{
    struct sim_stream *stream = find_free(net);

    if (!stream)
        return NULL;
    stream->used = true;
    stream->number = ++net->calls;
    stream->port = port;
    stream->content = NULL;
    stream->size = 0;
    stream->incident = SIM_NO_INCIDENT;
    for (unsigned side = 0; side < 2; side++) {
        stream->ends[side] = (struct sim_end){ .stream = stream, .side = (enum sim_side)side };
        stream->dead[side] = false;
    }
    stream->ends[SIM_UPLOADER].edge = net->weather.window;
    stream->ends[SIM_DEVICE].edge = SIM_UPLOADER_WINDOW;
    sim_say(net->trace, "device", "connects (connection %u)", stream->number);
    sim_end_plan(&stream->ends[SIM_UPLOADER], sim_end_travel(&stream->ends[SIM_DEVICE], 0), on_call,
                 0);
    return stream;
}

/* --- Programs --------------------------------------------------------------------------------- */

uint32_t sim_stream_room(const struct sim_stream *stream, enum sim_side side)
{
    const struct sim_end *end = &stream->ends[side];
    uint32_t room = side == SIM_DEVICE ? stream->net->weather.room : UPLOADER_ROOM;
    uint32_t used = end->accepted - end->acked;

    return end->state == SIM_END_OPEN && !end->reset && used < room ? room - used : 0;
}

uint32_t sim_stream_say(struct sim_stream *stream, const void *words, size_t len)
{
    struct sim_end *end = &stream->ends[SIM_DEVICE];
    uint32_t room = sim_stream_room(stream, SIM_DEVICE);
    uint32_t count = len < room ? (uint32_t)len : room;

    for (uint32_t i = 0; i < count; i++)
        stream->words[(end->accepted + i) % SIM_WORDS_MAX] = ((const char *)words)[i];
    end->accepted += count;
    sim_pump(end);
    return count;
}

void sim_stream_send(struct sim_stream *stream, uint32_t len)
{
    stream->ends[SIM_UPLOADER].accepted += len;
    sim_pump(&stream->ends[SIM_UPLOADER]);
}

uint32_t sim_stream_readable(const struct sim_stream *stream, enum sim_side side)
{
    return stream->ends[side].arrived - stream->ends[side].taken;
}

void sim_stream_take(struct sim_stream *stream, enum sim_side side, uint32_t len)
{
    struct sim_end *end = &stream->ends[side];
    uint32_t window = sim_window(end);
    uint32_t segment = stream->net->weather.segment;
    uint32_t worth = segment < window / 2 ? segment : window / 2;

    end->taken += len;
    if (end->state == SIM_END_OPEN && !end->reset && end->taken + window - end->advertised >= worth)
        sim_send_ack(end);
}

uint32_t sim_stream_hear(struct sim_stream *stream, char *out, uint32_t size)
{
    const struct sim_end *end = &stream->ends[SIM_UPLOADER];
    uint32_t readable = sim_stream_readable(stream, SIM_UPLOADER);
    uint32_t count = readable < size ? readable : size;

    for (uint32_t i = 0; i < count; i++)
        out[i] = stream->words[(end->taken + i) % SIM_WORDS_MAX];
    sim_stream_take(stream, SIM_UPLOADER, count);
    return count;
}

bool sim_stream_ended(const struct sim_stream *stream, enum sim_side side)
{
    const struct sim_end *end = &stream->ends[side];

    return (end->fin || end->reset) && sim_stream_readable(stream, side) == 0;
}

void sim_stream_close(struct sim_stream *stream, enum sim_side side)
{
    struct sim_end *end = &stream->ends[side];
    bool was_open = end->state == SIM_END_OPEN;

    if (was_open && !end->reset && sim_stream_readable(stream, side) > 0) {
        sim_stream_abandon(stream, side);
        return;
    }
    end->state = SIM_END_CLOSED;
    sim_say(stream->net->trace, name_of(side), "closes connection %u", stream->number);
    if (!was_open || end->reset)
        return;
    end->fin_wanted = true;
    sim_pump(end);
}

void sim_stream_abandon(struct sim_stream *stream, enum sim_side side)
{
    struct sim_end *end = &stream->ends[side];
    bool tells = end->state == SIM_END_OPEN && !end->reset;

    end->state = SIM_END_CLOSED;
    end->accepted = end->transmitted;
    sim_say(stream->net->trace, name_of(side), "resets connection %u", stream->number);
    if (tells)
        sim_send_reset(end);
}

void sim_stream_power_lost(struct sim_net *net, enum sim_side side)
{
    for (unsigned i = 0; i < SIM_STREAMS_MAX; i++) {
        struct sim_end *end = &net->streams[i].ends[side];
        if (!net->streams[i].used)
            continue;
        end->state = SIM_END_GONE;
        end->accepted = end->transmitted;
        end->fin_wanted = false;
    }
}
