/*
 * Which upload tools of a core run espota.py: their names differ from version to version.
 */
#ifndef CLI_ARDUINO_TOOLS_H
#define CLI_ARDUINO_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#define ARDUINO_TOOLS_MAX     16
#define ARDUINO_TOOL_NAME_MAX 64

struct arduino_tool {
    char name[ARDUINO_TOOL_NAME_MAX]; /* letters, digits, "_" and "-" */
    bool espota;                      /* something of it names espota */
    bool network_pattern;             /* Arduino IDE 1.8 runs it for network ports */
    bool network_tool;                /* Arduino IDE 2 and arduino-cli do */
};

/* Tools beyond the number that fits are passed over. */
struct arduino_tools {
    struct arduino_tool list[ARDUINO_TOOLS_MAX];
    size_t count;
};

/* Take in a line of platform.txt, without its line end; a pure function. */
void arduino_tools_take(struct arduino_tools *tools, const char *line, size_t len);

/* Read the platform.txt of a core's folder. What cannot be read has no tools. */
void arduino_tools_read(struct arduino_tools *tools, const char *folder);

#endif
