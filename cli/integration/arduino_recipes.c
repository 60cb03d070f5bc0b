#include "cli/integration/arduino_recipes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM   "\"espota-c\""
#define DISCOVERY "#\n# Finding devices."

bool arduino_recipes_can_name(const char *program)
{
    for (const unsigned char *c = (const unsigned char *)program; *c; c++) {
        if (*c < ' ' || *c == 0x7f || strchr("\"'{}", *c))
            return false;
    }
    return program[0] != '\0';
}

char *arduino_recipes_text(const struct arduino_template *source, const char *program,
                           bool discovery)
{
    const char *at = source->text;
    const char *last = discovery ? NULL : strstr(at, DISCOVERY);
    const char *end = last ? last : at + strlen(at);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return NULL;
    for (const char *found; (found = strstr(at, PROGRAM)) && found < end;) {
        fprintf(out, "%.*s\"%s\"", (int)(found - at), at, program);
        at = found + sizeof PROGRAM - 1;
    }
    fprintf(out, "%.*s", (int)(end - at), at);
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}
