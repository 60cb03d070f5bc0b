/*
 * The user's side: drives push_session as cli/push/loop.c and transport.c do, with the simulated
 * network in place of sockets.
 */
#ifndef SIM_UPLOADER_H
#define SIM_UPLOADER_H

#include "cli/push/session.h"
#include "sim_net.h"

/* What is uploaded, and how. */
struct sim_upload {
    const uint8_t *bytes; /* of the image; outlives the upload */
    struct push_config config;
};

struct sim_uploader {
    struct sim_world *world;
    struct sim_net *net;
    const struct sim_trace *trace;
    struct sim_random random;
    uint64_t epoch_ms; /* what the uploader's clock shows when the simulation begins */
    struct sim_upload upload;
    struct push_session session;
    struct sim_stream *stream; /* NULL: none */
    struct sim_timer timer;
    uint64_t tick_at;               /* the next look at what was acknowledged, in microseconds */
    uint16_t port;                  /* of this upload: both its datagrams' and its listener's */
    bool running;                   /* a session is under way */
    bool gone;                      /* with its machine, without a word */
    uint64_t started;               /* microseconds */
    unsigned connections;           /* of this upload */
    void (*on_finished)(void *ctx); /* the session has ended; not called when it is gone */
    void *ctx;
};

/* Make it ready. `epoch_ms` is what its clock shows at the beginning. */
void sim_uploader_init(struct sim_uploader *uploader, struct sim_world *world, struct sim_net *net,
                       const struct sim_trace *trace, struct sim_random random, uint64_t epoch_ms);

/* Start an upload. `upload` is copied; its port and its source of randomness are filled in. */
void sim_uploader_start(struct sim_uploader *uploader, const struct sim_upload *upload);

/* The user presses Ctrl-C. */
void sim_uploader_interrupt(struct sim_uploader *uploader);

/* The user's machine is gone: nothing is sent or heard any more, until the next upload. */
void sim_uploader_vanish(struct sim_uploader *uploader);

/* What the network calls: struct sim_peers. `ctx` is the uploader. */
void sim_uploader_on_datagram(void *ctx, uint16_t port, const void *bytes, size_t len);
enum sim_answer sim_uploader_on_call(void *ctx, struct sim_stream *stream);
void sim_uploader_wake(void *ctx);

#endif
