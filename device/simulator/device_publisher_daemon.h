/*
 * Publishing through avahi-daemon, over the system's D-Bus. Its client library waits for each
 * answer of the daemon, 25 seconds each and a daemon that hangs; so that is done in a process of
 * its own, which can be killed at any time: the daemon withdraws what its client has published when
 * that vanishes.
 */
#ifndef DEVICE_PUBLISHER_DAEMON_H
#define DEVICE_PUBLISHER_DAEMON_H

#include "device_publisher.h"

/*
 * Whatever goes wrong becomes the publisher's error: AVAHI_ERR_NO_DAEMON, AVAHI_ERR_DBUS_ERROR or
 * the like when no daemon answers, AVAHI_ERR_DISCONNECTED when it goes away later.
 */
extern const struct device_publisher_kind device_publisher_daemon;

#endif
