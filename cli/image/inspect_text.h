/*
 * An image file as a table for people.
 */
#ifndef CLI_INSPECT_TEXT_H
#define CLI_INSPECT_TEXT_H

#include "cli/image/image_file.h"

#include <stdio.h>

/* Write one line per fact. Foreign text is made safe to show; ferror() tells of a failure. */
void inspect_text(FILE *out, const struct image_file *file);

#endif
