/*
 * An uploader by hand, in the manner of the stock ones: it invites, waits to be called back, sends
 * 1460 bytes at a time and waits for each count. It does as it is told, wrong things too.
 */
#ifndef TESTS_E2E_STOCK_CLIENT_H
#define TESTS_E2E_STOCK_CLIENT_H

#include "e2e_board.h"

struct stock_client {
    int udp; /* connected to the device */
    int listener;
    int stream;     /* -1 until the device has called back */
    uint16_t port;  /* of the listener */
    char text[512]; /* what the device said last */
};

/* Open the sockets. */
struct stock_client stock_open(const struct board *board);

/* Send a datagram as it is. */
void stock_say(const struct stock_client *client, const char *datagram);

/* Send an invitation. */
void stock_invite(const struct stock_client *client, unsigned command, size_t size,
                  const char *md5);

/* Wait for a datagram and expect that it begins with this text. */
void stock_hears(struct stock_client *client, const char *text);

/* Nothing has come, and nothing comes for a moment. */
void stock_hears_nothing(struct stock_client *client);

/* Wait until the device has connected. */
void stock_accept(struct stock_client *client);

/* Send bytes in lockstep; the last count is not waited for, since the verdict is glued to it. */
void stock_send(struct stock_client *client, const uint8_t *bytes, size_t len);

/* What the device says on the connection until it closes, or says OK: in `text`. */
void stock_verdict(struct stock_client *client);

/* Vanish: by a reset, as a process that is killed with bytes unread, or in order. */
void stock_reset(struct stock_client *client);
void stock_close(struct stock_client *client);

#endif
