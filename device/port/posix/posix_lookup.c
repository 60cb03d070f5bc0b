#include "posix_lookup.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Characters, with NUL, of the longest name that is looked up: more than DNS has. */
#define HOST_SIZE 256

struct posix_lookup {
    atomic_uint owners; /* who began it, and the thread that does it */
    atomic_bool is_over;
    int event;               /* readable when it is over */
    struct addrinfo *result; /* then; NULL when there is none */
    char host[HOST_SIZE];
};

static void release(struct posix_lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->owners, 1) > 1)
        return;
    if (lookup->result)
        freeaddrinfo(lookup->result);
    close(lookup->event);
    free(lookup);
}

static void *look_up(void *arg)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct posix_lookup *lookup = arg;

    if (getaddrinfo(lookup->host, NULL, &hints, &lookup->result) != 0)
        lookup->result = NULL;
    atomic_store(&lookup->is_over, true);
    eventfd_write(lookup->event, 1);
    release(lookup);
    return NULL;
}

/*
 * The thread ends by itself, for nobody could wait for it without waiting for a name server. It
 * takes no signals: those are for the program's own threads.
 */
static int start_thread(struct posix_lookup *lookup)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    int error = pthread_attr_init(&attributes);

    if (error)
        return error;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attributes, look_up, lookup);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

struct posix_lookup *posix_lookup_start(const char *host)
{
    struct posix_lookup *lookup;
    int error;

    if (strlen(host) >= HOST_SIZE) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    lookup = calloc(1, sizeof *lookup);
    if (!lookup)
        return NULL;
    lookup->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (lookup->event < 0) {
        free(lookup);
        return NULL;
    }
    memcpy(lookup->host, host, strlen(host) + 1);
    atomic_init(&lookup->owners, 2);
    atomic_init(&lookup->is_over, false);
    error = start_thread(lookup);
    if (error) {
        close(lookup->event);
        free(lookup);
        errno = error;
        return NULL;
    }
    return lookup;
}

int posix_lookup_fd(const struct posix_lookup *lookup)
{
    return lookup->event;
}

static size_t take(const struct addrinfo *list, uint16_t port, struct sockaddr_storage *out,
                   size_t max)
{
    size_t count = 0;

    for (; list && count < max; list = list->ai_next) {
        struct sockaddr_storage *address = &out[count];
        memset(address, 0, sizeof *address);
        if (list->ai_family != AF_INET && list->ai_family != AF_INET6)
            continue;
        memcpy(address, list->ai_addr, list->ai_addrlen);
        /* The port lies at the same place in either kind. */
        ((struct sockaddr_in *)address)->sin_port = htons(port);
        count++;
    }
    return count;
}

_Static_assert(offsetof(struct sockaddr_in, sin_port) == offsetof(struct sockaddr_in6, sin6_port),
               "IPv4 and IPv6 addresses have their port at the same place");

size_t posix_lookup_take(struct posix_lookup *lookup, uint16_t port, struct sockaddr_storage *out,
                         size_t max)
{
    if (!atomic_load(&lookup->is_over))
        return 0;
    return take(lookup->result, port, out, max);
}

void posix_lookup_drop(struct posix_lookup *lookup)
{
    if (lookup)
        release(lookup);
}

size_t posix_lookup_numeric(const char *host, uint16_t port, struct sockaddr_storage *out)
{
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found;
    size_t count;

    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return 0;
    count = take(found, port, out, 1);
    freeaddrinfo(found);
    return count;
}
