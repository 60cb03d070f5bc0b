/*
 * Where a program that is linked into one file looks names up: in /etc/hosts and by DNS, both of
 * which it brings along, whatever /etc/nsswitch.conf says. What that names besides (as libnss-mdns
 * and systemd do) are libraries, and loading those of another version of the C library would crash
 * it.
 */
#ifndef STATIC_NAME_SERVICES_H
#define STATIC_NAME_SERVICES_H

/* Is called by itself, before main(). */
void name_services_choose(void);

#endif
