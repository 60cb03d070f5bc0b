/*
 * The lines for platform.local.txt, for each core: the files arduino/CORE.local.txt, as the build
 * found them.
 */
#ifndef CLI_ARDUINO_TEMPLATES_H
#define CLI_ARDUINO_TEMPLATES_H

#include <stddef.h>

struct arduino_template {
    const char *core; /* its architecture, such as "esp8266" */
    const char *text; /* lines that end with "\n"; the program is "espota-c", in quotes */
};

extern const struct arduino_template arduino_templates[];
extern const size_t arduino_template_count;

#endif
