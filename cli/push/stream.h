/*
 * The TCP connection that a device opened, as far as the operating system is concerned.
 */
#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes handed over in one turn, so that one fast device does not keep others waiting. */
#define STREAM_TURN_MAX ((uint64_t)64 * 1024)

enum stream_status {
    STREAM_OK,
    STREAM_AGAIN,  /* nothing to be done now */
    STREAM_CLOSED, /* the peer has closed in order */
    STREAM_BROKEN, /* reset, timed out, unreachable */
    STREAM_SHORT,  /* the file ended before it should */
    STREAM_FILE,   /* the file could not be read */
};

/*
 * Prepare an accepted, non-blocking socket: nothing waits for more to send; what the kernel
 * holds unsent is kept small, so that "sent" never runs far ahead of the device; and the socket
 * becomes readable only when several acknowledgements have come, or the connection's end. Who wants
 * fewer bytes earlier reads without being told.
 */
void stream_prepare(int fd);

/* From here on it is readable as soon as a byte is there. */
void stream_hear_all(int fd);

/*
 * Send bytes of the file `image_fd` from `offset` up to `end`, as many as the socket takes now,
 * STREAM_TURN_MAX at most.
 * `*sent` is how many those were, also when the result is an error.
 */
enum stream_status stream_send_file(int fd, int image_fd, uint64_t offset, uint64_t end,
                                    size_t *sent);

/* Have the coming close() reset the connection: what is still unsent must not arrive. */
void stream_abandon(int fd);

/* Receive at most `size` bytes into `out`; `*len` is how many came. */
enum stream_status stream_receive(int fd, void *out, size_t size, size_t *len);

/* Of `sent` bytes handed to the socket so far, how many the peer's TCP has acknowledged. */
uint64_t stream_acknowledged(int fd, uint64_t sent);

#endif
