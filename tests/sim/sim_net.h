/*
 * The network between an uploader and a device, and all that can go wrong on it: datagrams, and
 * connections that the device opens (sim_stream.h).
 */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "sim_random.h"
#include "sim_stream.h"
#include "sim_trace.h"
#include "sim_world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What may befall a connection, at a random byte of the image. */
enum sim_incident {
    SIM_NO_INCIDENT,
    SIM_CUT,        /* both ends are told that it was reset */
    SIM_RESET_HALF, /* one of them is; the other finds out, or not */
    SIM_STALL,      /* nothing arrives for a while, in one direction or both */
    SIM_DEAD,       /* nothing arrives any more, likewise */
    SIM_INCIDENTS,
};

/* How good a network is. Chances are per thousand. */
struct sim_weather {
    uint32_t delay_us;  /* one way */
    uint32_t jitter_us; /* up to so much more: datagrams overtake each other */
    uint16_t loss;      /* datagrams that vanish; segments are sent again, which takes time */
    uint16_t duplicate;
    uint16_t late;     /* datagrams that take up to `late_us` more */
    uint16_t incident; /* connections that something befalls */
    uint16_t segment;  /* bytes that TCP sends at once */
    uint32_t late_us;
    uint32_t retransmit_us; /* TCP's first patience */
    uint32_t ack_us;        /* by which the device's TCP puts acknowledgements off */
    uint32_t room;          /* bytes that the device's TCP takes to send them, */
    uint32_t window;        /* and to keep them until its program takes them */
    bool reset_drops;       /* a reset drops what arrived before it and was not taken */
};

#define SIM_DATAGRAM_MAX  320
#define SIM_DATAGRAMS_MAX 32
#define SIM_STREAMS_MAX   8

struct sim_datagram {
    struct sim_net *net;
    enum sim_side to;
    uint16_t port; /* the uploader's: of the sender, or of the receiver */
    uint16_t len;
    uint8_t copies; /* still under way; 0: free */
    uint8_t bytes[SIM_DATAGRAM_MAX];
};

/* How a connection is answered. */
enum sim_answer {
    SIM_TAKEN,
    SIM_NOT_WANTED, /* taken and closed at once */
    SIM_REFUSED,    /* nobody listens there */
    SIM_UNHEARD,    /* there is no such machine at the moment */
};

/* The parts that the network connects. */
struct sim_peers {
    void *uploader;
    void (*to_uploader)(void *uploader, uint16_t port, const void *bytes, size_t len);
    enum sim_answer (*call)(void *uploader, struct sim_stream *stream);
    void (*wake_uploader)(void *uploader);
    void *device;
    void (*to_device)(void *device, uint16_t port, const void *bytes, size_t len);
    void (*wake_device)(void *device);
    bool (*device_answers)(void *device);   /* its TCP/IP is running */
    uint32_t (*device_delay)(void *device); /* microseconds until it does anything */
};

struct sim_net {
    struct sim_world *world;
    const struct sim_trace *trace;
    struct sim_random random;
    struct sim_weather weather;
    struct sim_peers peers;
    uint64_t sent, lost; /* datagrams */
    uint64_t incidents;
    unsigned calls;
    struct sim_datagram datagrams[SIM_DATAGRAMS_MAX];
    struct sim_stream streams[SIM_STREAMS_MAX];
};

/* Make the network; `world`, `trace` and the peers are kept. */
void sim_net_init(struct sim_net *net, struct sim_world *world, const struct sim_trace *trace,
                  struct sim_random random, const struct sim_weather *weather,
                  const struct sim_peers *peers);

/* Send a datagram to `to`; `port` is the uploader's port, wherever it goes. It may not arrive. */
void sim_net_send(struct sim_net *net, enum sim_side to, uint16_t port, const void *bytes,
                  size_t len);

/* A delay for something that is sent now, in microseconds. */
uint32_t sim_net_delay(struct sim_net *net);

/* "stall" ... for a trace. The string is constant. */
const char *sim_incident_text(enum sim_incident incident);

#endif
