/*
 * An Ethernet cable between the emulated board and this machine: a network namespace with nothing
 * in it but loopback and a TAP device, 10.0.2.2/24, and a thread that carries frames between the
 * TAP device and QEMU. It loses some, by a generator that repeats, and all of them take a while.
 *
 *     sf2_cable_lay(&cable, &(struct sf2_cable_options){ .loss = 20, .delay_ms = 2, .seed = 1 });
 *     sf2_start(&board, &(struct sf2_options){ .network = SF2_CABLE_NETWORK });
 *
 * From then on the calling thread, and every process it starts, is in the namespace. That needs
 * the right to make one: root's, or root's in a namespace of users. sf2_cable_may() tells.
 */
#ifndef TESTS_E2E_SF2_CABLE_H
#define TESTS_E2E_SF2_CABLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* For QEMU's -nic. The ports are the namespace's alone. */
#define SF2_CABLE_NETWORK "socket,udp=127.0.0.1:7001,localaddr=127.0.0.1:7002"

struct sf2_cable_options {
    unsigned loss;     /* frames of a thousand that are lost, either way */
    unsigned delay_ms; /* that a frame is on its way; the order stays */
    uint32_t seed;     /* of the generator that loses them; not 0 */
};

/* Frames on their way in one direction; a frame is the largest of Ethernet, with a VLAN's tag. */
#define SF2_CABLE_FRAMES 256
#define SF2_CABLE_FRAME  1522

struct sf2_cable_frame {
    int64_t due; /* on the clock of deadline.h */
    uint32_t len;
    uint8_t bytes[SF2_CABLE_FRAME];
};

struct sf2_cable_way {
    int from, to; /* descriptors; a read or write is a frame */
    struct sf2_cable_frame frames[SF2_CABLE_FRAMES];
    uint32_t first, count;
    uint32_t carried, lost; /* frames so far */
};

struct sf2_cable {
    struct sf2_cable_options options;
    struct sf2_cable_way to_board, to_host;
    uint32_t random;
    int tap, qemu, stop; /* `stop` becomes readable when it ends */
    pthread_t thread;
};

/* True when this process may make namespaces and TAP devices. Changes nothing. */
bool sf2_cable_may(void);

/*
 * Make the namespace, enter it, and begin to carry frames. `cable`, large, stays where it is until
 * sf2_cable_end(). Failures end the test.
 */
void sf2_cable_lay(struct sf2_cable *cable, const struct sf2_cable_options *options);

/* Carry nothing any more; then the counts are final. The namespace stays. */
void sf2_cable_end(struct sf2_cable *cable);

#endif
