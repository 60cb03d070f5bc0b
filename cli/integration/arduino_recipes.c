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

/* A piece of the template, up to `end`, with the program in its place. */
static void put(FILE *out, const char *at, const char *end, const char *program)
{
    for (const char *found; (found = strstr(at, PROGRAM)) && found < end;) {
        fprintf(out, "%.*s\"%s\"", (int)(found - at), at, program);
        at = found + sizeof PROGRAM - 1;
    }
    fprintf(out, "%.*s", (int)(end - at), at);
}

/* The template's lines "tools.LIKE.PART...", once more, for the tool NAME; unless they are there.
 */
static void put_again(FILE *out, const char *text, const char *like, const char *name,
                      const char *part, const char *program)
{
    char start[2 * ARDUINO_TOOL_NAME_MAX];

    snprintf(start, sizeof start, "\ntools.%s.%s", name, part);
    if (strstr(text, start))
        return;
    snprintf(start, sizeof start, "\ntools.%s.%s", like, part);
    for (const char *line = text; (line = strstr(line, start)) != NULL; line++) {
        const char *rest = line + strlen("\ntools.") + strlen(like);
        fprintf(out, "tools.%s", name);
        put(out, rest, strchr(rest, '\n') + 1, program);
    }
}

/* The tool that stands behind `before` in the template, up to `after`. */
static void tool_of(char out[ARDUINO_TOOL_NAME_MAX], const char *text, const char *before,
                    const char *after)
{
    const char *name = strstr(text, before);

    name = name ? name + strlen(before) : "";
    snprintf(out, ARDUINO_TOOL_NAME_MAX, "%.*s", (int)strcspn(name, after), name);
}

/* Recipes for tools that the template does not know. */
static void put_tools(FILE *out, const char *text, const struct arduino_tools *tools,
                      const char *program)
{
    char old[ARDUINO_TOOL_NAME_MAX]; /* whose recipe is that of Arduino IDE 1.8 */
    char new[ARDUINO_TOOL_NAME_MAX];

    tool_of(old, text, "\ntools.", ".");
    tool_of(new, text, "\nupload.tool.network=", "\n");
    for (size_t i = 0; i < tools->count; i++) {
        const struct arduino_tool *tool = &tools->list[i];
        if (tool->espota && tool->network_pattern)
            put_again(out, text, old, tool->name, "upload.network_pattern", program);
        if (tool->espota && tool->network_tool) {
            put_again(out, text, new, tool->name, "upload.protocol", program);
            put_again(out, text, new, tool->name, "upload.field", program);
            put_again(out, text, new, tool->name, "upload.pattern", program);
        }
    }
}

char *arduino_recipes_text(const struct arduino_template *source, const char *program,
                           bool discovery, const struct arduino_tools *tools)
{
    const char *text = source->text;
    const char *all = text + strlen(text);
    const char *last = strstr(text, DISCOVERY);
    char *made = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&made, &len);

    if (!out)
        return NULL;
    last = last ? last : all;
    put(out, text, last, program);
    put_tools(out, text, tools, program);
    if (discovery)
        put(out, last, all, program);
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(made);
        return NULL;
    }
    return made;
}
