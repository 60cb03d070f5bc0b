/*
 * device_publisher_daemon.h for a build without D-Bus: opening it fails with
 * AVAHI_ERR_NOT_SUPPORTED.
 */
#ifndef DEVICE_PUBLISHER_NO_DAEMON_H
#define DEVICE_PUBLISHER_NO_DAEMON_H

#include "device_publisher_daemon.h"

#endif
