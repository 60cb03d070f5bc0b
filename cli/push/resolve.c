#include "cli/push/resolve.h"

#include "cli/clock.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* Between two looks at whether to stop. */
#define TURN_MS 200u

/* One look-up under way; it belongs to the resolver's thread until that has answered. */
struct lookup {
    struct addrinfo hints;
    struct gaicb request;
    struct resolve_request *asker;
};

static void not_found(struct resolve_request *request, const char *why)
{
    request->found = false;
    failure_set(&request->failure, EXIT_NOT_FOUND,
                "no device called \"%s\": %s; check the name, or give its address with -i",
                request->name, why);
}

static void take_answer(struct resolve_request *request, const struct addrinfo *answer)
{
    const struct addrinfo *best = answer;

    for (const struct addrinfo *ai = answer; ai; ai = ai->ai_next) {
        if (ai->ai_family == AF_INET) {
            best = ai;
            break;
        }
    }
    request->found = best && address_from(&request->address, best->ai_addr, best->ai_addrlen);
    if (!request->found)
        not_found(request, "it has no address");
}

static void finish_lookup(struct lookup *lookup)
{
    int error = gai_error(&lookup->request);

    if (error == EAI_INPROGRESS) {
        not_found(lookup->asker, "no answer from the name service");
        if (gai_cancel(&lookup->request) != EAI_CANCELED)
            return; /* still the thread's: it is given up, never freed */
    } else if (error != 0) {
        not_found(lookup->asker, gai_strerror(error));
    } else {
        take_answer(lookup->asker, lookup->request.ar_result);
        freeaddrinfo(lookup->request.ar_result);
    }
    free(lookup);
}

static struct lookup *start_lookup(struct resolve_request *request, int family)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);

    if (!lookup) {
        not_found(request, strerror(ENOMEM));
        return NULL;
    }
    lookup->hints = (struct addrinfo){ .ai_family = family, .ai_socktype = SOCK_DGRAM };
    lookup->request = (struct gaicb){ .ar_name = request->name, .ar_request = &lookup->hints };
    lookup->asker = request;
    struct gaicb *list[1] = { &lookup->request };
    int error = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
    if (error != 0) {
        not_found(request, gai_strerror(error));
        free(lookup);
        return NULL;
    }
    return lookup;
}

/* Wait until all are answered or the time is over; false when told to stop. */
static bool wait_all(struct lookup **lookups, size_t count, uint64_t deadline,
                     const volatile sig_atomic_t *stop)
{
    for (size_t i = 0; i < count; i++) {
        const struct gaicb *list[1] = { lookups[i] ? &lookups[i]->request : NULL };
        while (list[0] && gai_error(&lookups[i]->request) == EAI_INPROGRESS) {
            uint64_t now = clock_ms();
            if (*stop)
                return false;
            if (now >= deadline)
                return true;
            /* In short turns: a signal just before the wait would not interrupt it. */
            uint64_t turn = deadline - now < TURN_MS ? deadline - now : TURN_MS;
            const struct timespec left = { .tv_nsec = (long)turn * 1000000 };
            gai_suspend(list, 1, &left);
        }
    }
    return true;
}

bool resolve_all(struct resolve_request *requests, size_t count, int family, uint32_t timeout_ms,
                 const volatile sig_atomic_t *stop)
{
    struct lookup **lookups = calloc(count, sizeof *lookups);
    uint64_t deadline = clock_ms() + timeout_ms;

    for (size_t i = 0; i < count; i++) {
        requests[i].found = address_parse(&requests[i].address, requests[i].name);
        if (requests[i].found)
            continue;
        if (lookups)
            lookups[i] = start_lookup(&requests[i], family);
        else
            not_found(&requests[i], strerror(ENOMEM));
    }
    bool finished = !lookups || wait_all(lookups, count, deadline, stop);
    for (size_t i = 0; lookups && i < count; i++) {
        if (lookups[i])
            finish_lookup(lookups[i]);
    }
    free(lookups);
    return finished;
}
