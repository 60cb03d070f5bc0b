/*
 * Settings of a board, from a sector of flash that may hold anything.
 */
#include "sf2_settings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sf2_settings settings;
    char *text = malloc(size > 0 ? size : 1); /* exactly, for the sanitizer */

    if (!text)
        return 0;
    memcpy(text, data, size);
    bool usable = sf2_settings_parse(&settings, size > 0 ? text : "", size);
    if (strlen(settings.name) == 0 || strlen(settings.name) >= SF2_NAME_MAX || settings.port == 0)
        abort();
    if (usable && settings.has_password && !hex_is_text(settings.password.text, 32))
        abort();
    free(text);
    return 0;
}
