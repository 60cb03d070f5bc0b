#include "cli/integration/arduino_tools.h"

#include "cli/integration/property_line.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Bytes of a line that count, and lines of a file. */
#define LINE_MAX_BYTES 4096
#define LINES_MAX      20000

static bool begins(const char *text, size_t len, const char *start)
{
    return len >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

static bool is_text(const char *text, size_t len, const char *other)
{
    return len == strlen(other) && memcmp(text, other, len) == 0;
}

static bool holds(const char *text, size_t len, const char *part)
{
    return memmem(text, len, part, strlen(part)) != NULL;
}

/* The tool of that name, which is made if there is none; NULL when it is no name, or no room. */
static struct arduino_tool *tool_named(struct arduino_tools *tools, const char *name, size_t len)
{
    if (len == 0 || len >= ARDUINO_TOOL_NAME_MAX)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '-')
            return NULL;
    }
    for (size_t i = 0; i < tools->count; i++) {
        if (is_text(name, len, tools->list[i].name))
            return &tools->list[i];
    }
    if (tools->count == ARDUINO_TOOLS_MAX)
        return NULL;
    struct arduino_tool *tool = &tools->list[tools->count++];
    *tool = (struct arduino_tool){ .espota = false };
    memcpy(tool->name, name, len);
    return tool;
}

void arduino_tools_take(struct arduino_tools *tools, const char *line, size_t len)
{
    static const char prefix[] = "tools.";
    struct property_line property;

    if (!property_line_parse(&property, line, len) ||
        !begins(property.key, property.key_len, prefix))
        return;
    const char *name = property.key + sizeof prefix - 1;
    size_t rest_len = property.key_len - (sizeof prefix - 1);
    const char *dot = memchr(name, '.', rest_len);
    bool espota = holds(property.value, property.value_len, "espota");
    if (!dot)
        return;
    size_t name_len = (size_t)(dot - name);
    const char *rest = dot + 1;
    rest_len -= name_len + 1;
    bool network_pattern = is_text(rest, rest_len, "upload.network_pattern");
    bool network_tool = is_text(rest, rest_len, "upload.pattern") &&
                        holds(property.value, property.value_len, "{upload.port.address}");
    if (!espota && !network_pattern && !network_tool)
        return;
    struct arduino_tool *tool = tool_named(tools, name, name_len);
    if (!tool)
        return;
    tool->espota |= espota;
    tool->network_pattern |= network_pattern;
    tool->network_tool |= network_tool;
}

void arduino_tools_read(struct arduino_tools *tools, const char *folder)
{
    char path[PATH_MAX];
    char line[LINE_MAX_BYTES];

    *tools = (struct arduino_tools){ .count = 0 };
    int len = snprintf(path, sizeof path, "%s/platform.txt", folder);
    FILE *in = len > 0 && (size_t)len < sizeof path ? fopen(path, "re") : NULL;
    if (!in)
        return;
    /* What is longer than a line can be is taken as several, which mean nothing. */
    for (unsigned i = 0; i < LINES_MAX && fgets(line, sizeof line, in); i++)
        arduino_tools_take(tools, line, strcspn(line, "\r\n"));
    fclose(in);
}
