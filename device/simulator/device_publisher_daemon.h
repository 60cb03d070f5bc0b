/*
 * Publishing through avahi-daemon, over the system's D-Bus.
 */
#ifndef DEVICE_PUBLISHER_DAEMON_H
#define DEVICE_PUBLISHER_DAEMON_H

#include "device_publisher.h"

/*
 * Opening it fails with AVAHI_ERR_NO_DAEMON, AVAHI_ERR_DBUS_ERROR or the like when no daemon
 * answers; a daemon that goes away later becomes the publisher's error. Each call waits for the
 * daemon's answer, as long as D-Bus allows.
 */
extern const struct device_publisher_kind device_publisher_daemon;

#endif
