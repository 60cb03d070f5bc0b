#include "cli/discover/locate_dns.h"

#include "cli/clock.h"
#include "cli/discover/resolve.h"

#include <stdio.h>

/* Between two questions while a device is waited for. */
#define PAUSE_MS 2000u

static void on_resolved(void *ctx, const struct address *address, const char *why)
{
    struct locate_dns *dns = ctx;

    dns->resolve = NULL;
    dns->state = address ? LOCATE_DNS_FOUND : LOCATE_DNS_FAILED;
    dns->failed = clock_ms();
    if (address)
        dns->address = *address;
    else
        snprintf(dns->why, sizeof dns->why, "%s", why);
}

void locate_dns_ask(struct locate_dns *dns, struct event_base *base, const char *name, int family,
                    bool waited, uint64_t now)
{
    bool again = dns->state == LOCATE_DNS_FAILED && waited && now - dns->failed >= PAUSE_MS;

    if (dns->state != LOCATE_DNS_UNASKED && !again)
        return;
    dns->resolve = resolve_start(base, name, family, on_resolved, dns);
    if (dns->resolve)
        dns->state = LOCATE_DNS_ASKED;
    else
        on_resolved(dns, NULL, "it cannot be looked up");
}

void locate_dns_give_up(struct locate_dns *dns)
{
    if (dns->state != LOCATE_DNS_ASKED)
        return;
    locate_dns_cancel(dns);
    dns->state = LOCATE_DNS_FAILED;
    snprintf(dns->why, sizeof dns->why, "no answer from the name service");
}

void locate_dns_cancel(struct locate_dns *dns)
{
    resolve_cancel(dns->resolve);
    dns->resolve = NULL;
}
