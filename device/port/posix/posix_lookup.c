#include "posix_lookup.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Characters, with NUL, of the longest name that is looked up: more than DNS has. */
#define HOST_SIZE 256

struct posix_lookup {
    atomic_uint owners; /* who began it, and the thread that tells its end */
    int event;          /* readable when it is over */
    struct gaicb request;
    struct addrinfo hints;
    char host[HOST_SIZE];
};

static void release(struct posix_lookup *lookup, unsigned owners)
{
    if (atomic_fetch_sub(&lookup->owners, owners) > owners)
        return;
    if (lookup->request.ar_result)
        freeaddrinfo(lookup->request.ar_result);
    close(lookup->event);
    free(lookup);
}

/* In a thread of glibc's. */
static void tell(union sigval value)
{
    struct posix_lookup *lookup = value.sival_ptr;

    eventfd_write(lookup->event, 1);
    release(lookup, 1);
}

static int submit(struct posix_lookup *lookup)
{
    struct gaicb *list[] = { &lookup->request };
    struct sigevent notice = {
        .sigev_notify = SIGEV_THREAD,
        .sigev_notify_function = tell,
        .sigev_value = { .sival_ptr = lookup },
    };

    return getaddrinfo_a(GAI_NOWAIT, list, 1, &notice);
}

struct posix_lookup *posix_lookup_start(const char *host)
{
    struct posix_lookup *lookup;

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
    lookup->hints.ai_socktype = SOCK_STREAM;
    lookup->request.ar_name = lookup->host;
    lookup->request.ar_request = &lookup->hints;
    atomic_init(&lookup->owners, 2);
    if (submit(lookup) != 0) {
        close(lookup->event);
        free(lookup);
        errno = EAGAIN;
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
    if (gai_error(&lookup->request) != 0)
        return 0;
    return take(lookup->request.ar_result, port, out, max);
}

void posix_lookup_drop(struct posix_lookup *lookup)
{
    if (!lookup)
        return;
    /* Only a request that has not begun can be taken back, and nobody tells its end then. */
    release(lookup, gai_cancel(&lookup->request) == EAI_CANCELED ? 2 : 1);
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
