/*
 * lwip-storm: the port to lwIP between a responder and a peer that do what they like, on a network
 * that loses and delays, in memory that runs out; from seeds.
 */
#include "lwip_test_peer.h"
#include "lwip_test_platform.h"
#include "lwip_test_run.h"
#include "lwip_test_stub.h"
#include "lwip_test_wire.h"

#include <lwip/priv/tcp_priv.h>
#include <lwip/timeouts.h>
#include <stddef.h>

/* How long a kind of weather lasts. */
#define WEATHER_STEPS 5000
#define WEATHER_MAX   200 /* of a thousand allocations, or frames */

struct storm {
    struct sim_random random;
    struct lwip_test_talk talk;
    struct lwip_test_stub stub;
    struct lwip_test_peer peer;
    bool is_cut; /* the wire */
};

/* Of three kinds of weather, two are without this fault. */
static uint32_t weather(struct sim_random *random)
{
    return sim_random_chance(random, 333) ? sim_random_below(random, WEATHER_MAX) : 0;
}

static void change_weather(struct storm *storm)
{
    uint32_t lost = weather(&storm->random);
    uint32_t late = weather(&storm->random);

    lwip_test_wire_spoil(lost, late);
    lwip_test_memory_fails(weather(&storm->random));
}

static void change_wire(struct storm *storm)
{
    if (storm->is_cut ? sim_random_chance(&storm->random, 20)
                      : sim_random_chance(&storm->random, 1))
        storm->is_cut = !storm->is_cut;
    lwip_test_wire_cut(storm->is_cut);
}

static void step(struct storm *storm)
{
    struct sim_random *random = &storm->random;

    lwip_test_pass(sim_random_chance(random, 20) ? 250 : sim_random_below(random, 10));
    sys_check_timeouts();
    (void)lwip_test_wire_deliver(sim_random_below(random, 40));
    lwip_test_peer_step(&storm->peer);
    for (uint32_t polls = sim_random_below(random, 4); polls > 0; polls--)
        lwip_test_stub_poll(&storm->stub);
}

/* Until lwIP has nothing left of what was. */
static void calm_down(void)
{
    lwip_test_memory_fails(0);
    lwip_test_wire_spoil(0, 0);
    lwip_test_wire_cut(false);
    for (unsigned i = 0; i < 10000; i++) {
        lwip_test_pass(50);
        sys_check_timeouts();
        (void)lwip_test_wire_deliver(100);
    }
    lwip_test_require(!tcp_active_pcbs && !tcp_tw_pcbs, "lwIP still has connections");
}

static void run(uint64_t seed, uint32_t steps, enum lwip_test_ip ip, uint64_t *counts)
{
    static struct storm storm;
    struct sim_random *random = &storm.random;
    long pieces;

    random->state = seed;
    lwip_test_wire_open(sim_random_fork(random));
    calm_down();
    pieces = lwip_test_memory_pieces();
    lwip_test_peer_open(&storm.peer, &storm.talk, sim_random_fork(random), ip, counts);
    lwip_test_stub_open(&storm.stub, &storm.talk, sim_random_fork(random), ip, counts);
    for (uint32_t i = 0; i < steps; i++) {
        if (i % WEATHER_STEPS == 0)
            change_weather(&storm);
        change_wire(&storm);
        step(&storm);
    }
    lwip_test_peer_close(&storm.peer);
    lwip_test_stub_close(&storm.stub);
    calm_down();
    lwip_test_require(lwip_test_memory_pieces() == pieces, "memory is not given back");
    lwip_test_wire_close();
}

int main(int argc, char **argv)
{
    static const char *const names[STORM_COUNTS + 1] = {
        [STORM_CONNECTIONS] = "connections",
        [STORM_UNREACHED] = "unreached",
        [STORM_BYTES] = "bytes",
        [STORM_ENDS] = "ends",
        [STORM_ROOM] = "room",
        [STORM_BROKEN] = "broken",
        [STORM_DATAGRAMS] = "datagrams",
        [STORM_COMPLETE] = "complete",
    };
    static const struct lwip_test_program program = {
        .doc = "Storm the port to lwIP, from seeds.\v"
               "Exits with 0 when it stood, 1 when it did not, and 2 for a bad command line.",
        .steps = 40000,
        .steps_doc = "Rounds of the main loop",
        .names = names,
        .run = run,
    };

    return lwip_test_run(&program, argc, argv);
}
