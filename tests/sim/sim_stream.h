/*
 * Connections, opened by the device: two streams of bytes in order, each with a window, segments
 * and acknowledgements; and what becomes of them when an end closes, is reset, or loses power.
 *
 * What the uploader sends is an image, known beforehand: only how far it got is kept.
 */
#ifndef SIM_STREAM_H
#define SIM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_net;
struct sim_stream;

enum sim_side {
    SIM_UPLOADER,
    SIM_DEVICE
};

enum sim_end_state {
    SIM_END_OPENING, /* the connection does not stand yet */
    SIM_END_OPEN,
    SIM_END_CLOSED, /* by its program */
    SIM_END_GONE,   /* its machine has no power, or has forgotten */
};

/* One end. Byte counts are positions in the stream. */
struct sim_end {
    struct sim_stream *stream;
    enum sim_side side;
    enum sim_end_state state;

    uint32_t accepted;    /* sent by the program, */
    uint32_t transmitted; /* of these, on their way, */
    uint32_t acked;       /* and of these, known to have arrived */
    uint32_t edge;        /* how far the other end's window is known to reach */
    bool fin_wanted, fin_sent;
    bool retrying; /* the other end is gone, and is being asked */
    uint8_t retries;
    uint64_t last_sent; /* when what was sent last arrives: nothing overtakes it */

    uint32_t arrived;    /* received, */
    uint32_t taken;      /* and of these, taken by the program */
    uint32_t advertised; /* how far the other end was told that the window reaches */
    bool fin;            /* the other end sends no more */
    bool reset;          /* the connection is broken */
};

/* More than the device's room and the uploader's window. */
#define SIM_WORDS_MAX 8192

struct sim_stream {
    struct sim_net *net;
    struct sim_end ends[2];
    bool used;
    unsigned number;           /* for a trace */
    uint16_t port;             /* of the uploader */
    unsigned pending;          /* events that are planned */
    const uint8_t *content;    /* what the uploader sends, set by it when it takes the call, */
    uint32_t size;             /* and how long that is */
    uint8_t incident;          /* enum sim_incident, */
    uint32_t incident_at;      /* and the byte of the image at which it happens */
    bool dead[2];              /* nothing arrives at this side any more */
    char words[SIM_WORDS_MAX]; /* what the device sends, a ring */
};

/* Make a place for a connection empty. */
void sim_stream_reset(struct sim_stream *stream, struct sim_net *net);

/* The device connects to a port of the uploader. NULL: there is no place left. */
struct sim_stream *sim_stream_connect(struct sim_net *net, uint16_t port);

/* Bytes that an end can send now. */
uint32_t sim_stream_room(const struct sim_stream *stream, enum sim_side side);

/* The device sends words; returns how many of them there was room for. */
uint32_t sim_stream_say(struct sim_stream *stream, const void *words, size_t len);

/* The uploader sends `len` bytes more of the content; no more than there is room for. */
void sim_stream_send(struct sim_stream *stream, uint32_t len);

/* Bytes that have arrived at an end and were not taken yet. */
uint32_t sim_stream_readable(const struct sim_stream *stream, enum sim_side side);

/* Copy up to `size` of the words that have arrived; returns how many. The uploader takes them. */
uint32_t sim_stream_hear(struct sim_stream *stream, char *out, uint32_t size);

/* An end has taken so many bytes. */
void sim_stream_take(struct sim_stream *stream, enum sim_side side, uint32_t len);

/* True when nothing more comes to an end: all was taken, and the other end closed, or a reset. */
bool sim_stream_ended(const struct sim_stream *stream, enum sim_side side);

/* Close an end: in order, or with a reset when bytes are left that nobody will take. */
void sim_stream_close(struct sim_stream *stream, enum sim_side side);

/* Close an end with a reset. */
void sim_stream_abandon(struct sim_stream *stream, enum sim_side side);

/* The machine at this side has lost power: all its connections are forgotten there. */
void sim_stream_power_lost(struct sim_net *net, enum sim_side side);

#endif
