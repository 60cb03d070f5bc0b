#include "cli/discover/resolve.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* Between two looks at whether the resolver has answered. */
#define TURN_MS 10

/* What the resolver's thread works on: it belongs to that until it has answered. */
struct lookup {
    struct addrinfo hints;
    struct gaicb request;
    char name[];
};

struct resolve {
    struct lookup *lookup;
    struct event *turn;
    resolve_fn *fn;
    void *ctx;
};

static void release(struct resolve *resolve)
{
    if (resolve->turn)
        event_free(resolve->turn);
    free(resolve);
}

static const struct addrinfo *best_of(const struct addrinfo *answer)
{
    for (const struct addrinfo *ai = answer; ai; ai = ai->ai_next) {
        if (ai->ai_family == AF_INET)
            return ai;
    }
    return answer;
}

static void tell(const struct resolve *resolve, int error)
{
    const struct lookup *lookup = resolve->lookup;
    struct address address;

    if (error != 0) {
        resolve->fn(resolve->ctx, NULL, gai_strerror(error));
        return;
    }
    const struct addrinfo *best = best_of(lookup->request.ar_result);
    if (best && address_from(&address, best->ai_addr, best->ai_addrlen))
        resolve->fn(resolve->ctx, &address, NULL);
    else
        resolve->fn(resolve->ctx, NULL, "it has no address");
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    struct resolve *resolve = arg;
    int error = gai_error(&resolve->lookup->request);

    (void)fd;
    (void)what;
    if (error == EAI_INPROGRESS)
        return;
    event_del(resolve->turn);
    tell(resolve, error);
    if (error == 0)
        freeaddrinfo(resolve->lookup->request.ar_result);
    free(resolve->lookup);
    release(resolve);
}

static struct lookup *start_lookup(const char *name, int family)
{
    size_t size = strlen(name) + 1;
    struct lookup *lookup = calloc(1, sizeof *lookup + size);

    if (!lookup)
        return NULL;
    memcpy(lookup->name, name, size);
    lookup->hints = (struct addrinfo){ .ai_family = family, .ai_socktype = SOCK_DGRAM };
    lookup->request = (struct gaicb){ .ar_name = lookup->name, .ar_request = &lookup->hints };
    struct gaicb *list[1] = { &lookup->request };
    if (getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) != 0) {
        free(lookup);
        return NULL;
    }
    return lookup;
}

/* The thread may be at it: then it is given up, and never freed. */
static void drop_lookup(struct lookup *lookup)
{
    int error = gai_cancel(&lookup->request);

    if (error != EAI_CANCELED && error != EAI_ALLDONE)
        return;
    if (error == EAI_ALLDONE && gai_error(&lookup->request) == 0)
        freeaddrinfo(lookup->request.ar_result);
    free(lookup);
}

struct resolve *resolve_start(struct event_base *base, const char *name, int family, resolve_fn *fn,
                              void *ctx)
{
    const struct timeval turn = { .tv_usec = TURN_MS * 1000 };
    struct resolve *resolve = calloc(1, sizeof *resolve);

    if (!resolve)
        return NULL;
    resolve->fn = fn;
    resolve->ctx = ctx;
    resolve->turn = event_new(base, -1, EV_PERSIST, on_turn, resolve);
    if (resolve->turn && event_add(resolve->turn, &turn) == 0)
        resolve->lookup = start_lookup(name, family);
    if (!resolve->lookup) {
        release(resolve);
        return NULL;
    }
    return resolve;
}

void resolve_cancel(struct resolve *resolve)
{
    if (!resolve)
        return;
    drop_lookup(resolve->lookup);
    release(resolve);
}
