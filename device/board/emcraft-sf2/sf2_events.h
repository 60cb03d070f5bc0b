/*
 * What the application tells on the serial port: a line for each event, much like
 * those of espota-device. Of lines that anybody on the network can cause, there are ten a second at
 * most: the port is slow.
 */
#ifndef SF2_EVENTS_H
#define SF2_EVENTS_H

#include "ota/boot_state.h"
#include "ota/responder.h"

/* "start version=2 trial=yes" */
void sf2_events_start(const struct ota_boot_info *info);

/* What the responder tells. */
void sf2_events_print(const struct ota_event *event);

/* "10.0.2.15", or "[fe80:...]" in groups of two bytes. */
void sf2_events_address(const struct ota_address *address);

#endif
