#include "cli/discover/mdns_libraries.h"

static const char *avahi_version(void)
{
    return ESPOTA_AVAHI_VERSION " (when built)";
}

const struct linked_library mdns_libraries[] = {
    { "Avahi", avahi_version },
    { 0 },
};
