#include "sim_net.h"

#include <string.h>

void sim_net_init(struct sim_net *net, struct sim_world *world, const struct sim_trace *trace,
                  struct sim_random random, const struct sim_weather *weather,
                  const struct sim_peers *peers)
{
    net->world = world;
    net->trace = trace;
    net->random = random;
    net->weather = *weather;
    net->peers = *peers;
    net->sent = 0;
    net->lost = 0;
    net->incidents = 0;
    net->calls = 0;
    for (unsigned i = 0; i < SIM_DATAGRAMS_MAX; i++)
        net->datagrams[i].copies = 0;
    for (unsigned i = 0; i < SIM_STREAMS_MAX; i++)
        sim_stream_reset(&net->streams[i], net);
}

uint32_t sim_net_delay(struct sim_net *net)
{
    return net->weather.delay_us + sim_random_below(&net->random, net->weather.jitter_us + 1);
}

static void on_arrival(void *ctx, uint64_t arg)
{
    struct sim_datagram *datagram = ctx;
    const struct sim_peers *peers = &datagram->net->peers;

    (void)arg;
    if (datagram->to == SIM_DEVICE)
        peers->to_device(peers->device, datagram->port, datagram->bytes, datagram->len);
    else
        peers->to_uploader(peers->uploader, datagram->port, datagram->bytes, datagram->len);
    /* Last: its place must not be taken while it is looked at. */
    datagram->copies--;
}

static void send_copy(struct sim_net *net, struct sim_datagram *datagram)
{
    uint32_t delay = sim_net_delay(net);

    if (sim_random_chance(&net->random, net->weather.late))
        delay += sim_random_below(&net->random, net->weather.late_us + 1);
    datagram->copies++;
    sim_world_plan(net->world, delay, on_arrival, datagram, 0);
}

static struct sim_datagram *find_free(struct sim_net *net)
{
    for (unsigned i = 0; i < SIM_DATAGRAMS_MAX; i++) {
        if (net->datagrams[i].copies == 0)
            return &net->datagrams[i];
    }
    return NULL;
}

void sim_net_send(struct sim_net *net, enum sim_side to, uint16_t port, const void *bytes,
                  size_t len)
{
    const char *who = to == SIM_DEVICE ? "uploader" : "device";
    struct sim_datagram *datagram = find_free(net);
    bool lost = sim_random_chance(&net->random, net->weather.loss);
    char shown[SIM_SHOWN_MAX];

    net->sent++;
    if (net->trace->on)
        sim_say(net->trace, who, "sends \"%s\"%s", sim_show(shown, bytes, len),
                lost ? ", which gets lost" : "");
    if (lost || !datagram || len > sizeof datagram->bytes) {
        net->lost++;
        return;
    }
    datagram->net = net;
    datagram->to = to;
    datagram->port = port;
    datagram->len = (uint16_t)len;
    memcpy(datagram->bytes, bytes, len);
    send_copy(net, datagram);
    if (sim_random_chance(&net->random, net->weather.duplicate))
        send_copy(net, datagram);
}

const char *sim_incident_text(enum sim_incident incident)
{
    switch (incident) {
    case SIM_NO_INCIDENT:
        return "nothing";
    case SIM_CUT:
        return "reset, at both ends";
    case SIM_RESET_HALF:
        return "reset, at one end";
    case SIM_STALL:
        return "stalled for a while";
    case SIM_DEAD:
        return "dead";
    case SIM_INCIDENTS:
        break;
    }
    return "unknown incident";
}
