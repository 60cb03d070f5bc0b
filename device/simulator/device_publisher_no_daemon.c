#include "device_publisher_no_daemon.h"

#include <avahi-common/error.h>

static int no_daemon_open(struct device_publisher *publisher, const AvahiPoll *poll,
                          const struct device_links *links)
{
    (void)publisher;
    (void)poll;
    (void)links;
    return AVAHI_ERR_NOT_SUPPORTED;
}

/* As it cannot be opened, nothing else is called. */
const struct device_publisher_kind device_publisher_daemon = {
    .name = "daemon",
    .open = no_daemon_open,
};
