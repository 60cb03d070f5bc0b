/*
 * Publishing without a daemon: a responder of our own, on the interfaces of the links.
 */
#ifndef DEVICE_PUBLISHER_EMBEDDED_H
#define DEVICE_PUBLISHER_EMBEDDED_H

#include "device_publisher.h"

/*
 * Opening it fails with AVAHI_ERR_NO_NETWORK or the like when mDNS cannot be had. From then on the
 * library's messages, which would go to standard error, are dropped.
 */
extern const struct device_publisher_kind device_publisher_embedded;

#endif
