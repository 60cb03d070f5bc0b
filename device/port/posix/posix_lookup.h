/*
 * The addresses of a host's name, found without waiting: a thread of its own asks. A lookup that is
 * not wanted any more is dropped at once, although nothing can stop that thread while it waits for
 * a name server; so a lookup lives on the heap, and whoever is done with it last releases it.
 *
 * glibc's getaddrinfo_a() is not used: when it cannot begin, it tells so, and calls back all the
 * same, from a thread, at some time.
 */
#ifndef POSIX_LOOKUP_H
#define POSIX_LOOKUP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct posix_lookup;

/* Begin to look a host up. The text is copied. NULL with errno when that failed. */
struct posix_lookup *posix_lookup_start(const char *host);

/* A descriptor that becomes readable when the lookup is over, for poll(). */
int posix_lookup_fd(const struct posix_lookup *lookup);

/*
 * Of a lookup that is over: up to `max` addresses for TCP, the best first, with `port`. Returns how
 * many; 0 when there are none, or when it is not over yet.
 */
size_t posix_lookup_take(struct posix_lookup *lookup, uint16_t port, struct sockaddr_storage *out,
                         size_t max);

/* Release it, at any time. NULL is fine. */
void posix_lookup_drop(struct posix_lookup *lookup);

/* The same for a numeric address, at once: 1, or 0 when the text is none. */
size_t posix_lookup_numeric(const char *host, uint16_t port, struct sockaddr_storage *out);

#endif
