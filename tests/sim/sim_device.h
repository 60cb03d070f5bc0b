/*
 * The device's side: a board (sim_board.h) with the responder on the simulated network, driven as
 * device/port/posix/posix_net.c and a sketch's loop() drive it.
 *
 * Whatever flash takes passes as virtual time, in which the device does nothing else. When the
 * power goes, all that is not in flash is forgotten; what the program does between the cut and the
 * return to the simulation is not heard of.
 */
#ifndef SIM_DEVICE_H
#define SIM_DEVICE_H

#include "ota/responder.h"
#include "sim_net.h"
#include "tests/sim/sim_board.h"

/* Datagrams that wait for a device that is busy; further ones are lost. */
#define SIM_INBOX_MAX 6

enum sim_device_state {
    SIM_DEVICE_OFF,
    SIM_DEVICE_STARTING, /* bootloader, and the sketch's start */
    SIM_DEVICE_UNREADY,  /* its TCP/IP runs, its responder does not yet */
    SIM_DEVICE_UP,
    SIM_DEVICE_HALTED, /* the bootloader has nothing to run */
};

/* What kind of device it is. Times in microseconds. */
struct sim_traits {
    uint32_t loop_us;    /* between two looks at the network, when there is no work at hand */
    uint32_t proof_us;   /* for the check of a proof */
    uint32_t boot_us;    /* from the bootloader's end to the network */
    uint32_t unready_us; /* from there to the responder */
    bool tells_unready;  /* meanwhile it answers datagrams with ICMP's "port unreachable" */
    uint32_t clock;      /* what its clock shows after a start, in milliseconds */
    const struct password_digest *password;
    enum auth_dialect dialect;
};

/* Whoever watches. */
struct sim_device_watch {
    void *ctx;
    void (*on_event)(void *ctx, const struct ota_event *event);
    void (*on_boot)(void *ctx);       /* a start of the board is over, or was cut short */
    void (*on_up)(void *ctx);         /* the responder is ready */
    void (*on_restart)(void *ctx);    /* the responder wishes it: sim_device_start() follows */
    void (*on_power_lost)(void *ctx); /* outside the bootloader */
};

struct sim_inbox {
    uint16_t port;
    uint16_t len;
    uint8_t bytes[SIM_DATAGRAM_MAX];
};

struct sim_device {
    struct sim_world *world;
    struct sim_net *net;
    const struct sim_trace *trace;
    struct sim_random random;
    struct sim_board *board;
    struct sim_traits traits;
    struct sim_device_watch watch;
    enum sim_device_state state;
    struct ota_net net_face;
    struct ota_random random_face;
    struct ota_responder_config config;
    struct ota_responder responder;
    struct sim_timer timer; /* for the next step */
    uint64_t busy_until;    /* by flash or computing, in microseconds */
    uint64_t started;       /* when its clock began */
    uint64_t worked;        /* until when flash has worked for it */
    uint64_t heard;         /* when the last datagram came */
    bool wants_restart;
    bool spins;                /* the responder wants to be polled at once, for ever */
    struct sim_stream *stream; /* NULL: none */
    bool connected;            /* the responder was told so */
    bool ended;                /* likewise */
    bool full;                 /* send() took less than everything */
    unsigned inbox_count;
    struct sim_inbox inbox[SIM_INBOX_MAX];
};

/* Make it, without power. What is handed over stays the caller's, but for the copied structs. */
void sim_device_init(struct sim_device *device, struct sim_world *world, struct sim_net *net,
                     const struct sim_trace *trace, struct sim_random random,
                     struct sim_board *board, const struct sim_traits *traits,
                     const struct sim_device_watch *watch);

/* Power on, or a reset: everything but flash is forgotten. */
void sim_device_start(struct sim_device *device);

/* The power goes, between two operations of flash. */
void sim_device_cut(struct sim_device *device);

/*
 * Around whatever the application does to flash: the first returns what the second takes. After it
 * the device may be off.
 */
uint64_t sim_device_work(const struct sim_device *device);
void sim_device_worked(struct sim_device *device, uint64_t work);

/* True when the device is on and nothing is going on. */
bool sim_device_is_idle(const struct sim_device *device);

/* What the network calls: struct sim_peers. `ctx` is the device. */
void sim_device_on_datagram(void *ctx, uint16_t port, const void *bytes, size_t len);
void sim_device_wake(void *ctx);
bool sim_device_answers(void *ctx);
uint32_t sim_device_delay(void *ctx);

#endif
