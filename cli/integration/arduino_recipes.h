/*
 * What goes into a core's platform.local.txt, made from its template.
 */
#ifndef CLI_ARDUINO_RECIPES_H
#define CLI_ARDUINO_RECIPES_H

#include "cli/integration/arduino_templates.h"
#include "cli/integration/arduino_tools.h"

#include <stdbool.h>

/* A recipe can name this program: it has no quotes, no braces and no control characters. */
bool arduino_recipes_can_name(const char *program);

/*
 * The template with the path of a program that arduino_recipes_can_name(), without the lines about
 * finding devices unless `discovery`, and with recipes for those of the core's `tools` that run
 * espota.py and are not in the template. To be released by free(); NULL when memory ran out.
 */
char *arduino_recipes_text(const struct arduino_template *source, const char *program,
                           bool discovery, const struct arduino_tools *tools);

#endif
