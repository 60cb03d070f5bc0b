#include "cli/discover/finder_log.h"

#include "cli/printable.h"

#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void finder_log(const struct finder_options *options, const char *format, ...)
{
    char line[1024];
    va_list args;

    if (!options->log)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    options->log(options->ctx, line);
}

void finder_log_sighting(const struct finder_options *options, const struct mdns_sighting *sighting,
                         const char *what)
{
    char name[4 * DEVICE_NAME_MAX];
    char interface[IF_NAMESIZE];

    if (!options->log)
        return;
    if (!if_indextoname(sighting->interface, interface))
        snprintf(interface, sizeof interface, "%u", sighting->interface);
    finder_log(options, "%s %s on %s over %s",
               printable_bytes(name, sizeof name, sighting->name, strlen(sighting->name)), what,
               interface, sighting->family == AF_INET ? "IPv4" : "IPv6");
}

void finder_log_answer(const struct finder_options *options, const struct catalogue_query *query,
                       const struct mdns_service *service)
{
    char name[4 * DEVICE_NAME_MAX];
    char address[ADDRESS_TEXT_MAX];

    if (!options->log || !query->entry)
        return;
    printable_bytes(name, sizeof name, query->entry->device.name,
                    strlen(query->entry->device.name));
    if (service)
        finder_log(options, "%s is at %s", name, address_text(&service->address, address));
    else
        finder_log(options, "%s has no %s address that it tells of", name,
                   query->address_family == AF_INET ? "IPv4" : "IPv6");
}
