/*
 * A small uploader on lwIP's raw API, that begins anew until the device says "OK".
 */
#ifndef LWIP_TEST_UPLOADER_H
#define LWIP_TEST_UPLOADER_H

#include "common/verdict.h"
#include "lwip_test_wire.h"
#include "tests/sim/sim_image.h"
#include "tests/sim/sim_random.h"

#include <stdbool.h>
#include <stdint.h>

struct tcp_pcb;
struct udp_pcb;

struct lwip_test_uploader {
    struct udp_pcb *udp;
    struct tcp_pcb *listener;
    struct tcp_pcb *tcp; /* NULL: none */
    struct sim_random random;
    ip_addr_t device;

    const struct sim_image *image; /* what is being sent; NULL: nothing */
    uint32_t piece;                /* bytes that are handed to lwIP at a time */
    uint32_t sent;
    struct verdict verdict;
    uint64_t invite_at; /* when the next invitation goes out, */
    uint64_t moved_at;  /* and when something happened last, of lwip_test_elapsed() */
    unsigned attempts;
    bool told; /* the device has said "OK" */
};

/* Open the ports. `uploader` must not move. */
void lwip_test_uploader_open(struct lwip_test_uploader *uploader, struct sim_random random);

/* Send this image, which stays the caller's, to the device at this kind of address. */
void lwip_test_uploader_push(struct lwip_test_uploader *uploader, const struct sim_image *image,
                             enum lwip_test_ip ip);

/* Go on. Returns when to call it again, of lwip_test_elapsed(), if lwIP has no news before. */
uint64_t lwip_test_uploader_step(struct lwip_test_uploader *uploader);

/* Give up what is under way. */
void lwip_test_uploader_stop(struct lwip_test_uploader *uploader);

void lwip_test_uploader_close(struct lwip_test_uploader *uploader);

#endif
