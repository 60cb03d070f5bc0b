/*
 * espota-c arduino-discovery: the Arduino tools run it, and speak their pluggable discovery
 * protocol with it on stdin and stdout.
 */
#ifndef CLI_ARDUINO_DISCOVERY_H
#define CLI_ARDUINO_DISCOVERY_H

#include <argp.h>

/* The options as data, with those that it shares with other commands as children. */
extern const struct argp arduino_discovery_argp;

/* Returns the exit status. */
int arduino_discovery_run(int argc, char **argv);

#endif
