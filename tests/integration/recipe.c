#include "recipe.h"

#include "installed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEM ".linux"

/* How often properties are looked for in the values of properties. */
#define DEPTH 10

static char *find(struct recipe_properties *properties, const char *key)
{
    for (size_t i = 0; i < properties->count; i++) {
        if (strcmp(properties->list[i].key, key) == 0)
            return properties->list[i].value;
    }
    return NULL;
}

void recipe_set(struct recipe_properties *properties, const char *key, const char *value)
{
    char *there = find(properties, key);

    cr_assert_lt(strlen(value), sizeof properties->list[0].value);
    if (!there) {
        cr_assert_lt(properties->count, (size_t)RECIPE_PROPERTIES_MAX);
        cr_assert_lt(strlen(key), sizeof properties->list[0].key);
        snprintf(properties->list[properties->count].key, sizeof properties->list[0].key, "%s",
                 key);
        there = properties->list[properties->count++].value;
    }
    snprintf(there, sizeof properties->list[0].value, "%s", value);
}

const char *recipe_get(const struct recipe_properties *properties, const char *key)
{
    for (size_t i = 0; i < properties->count; i++) {
        if (strcmp(properties->list[i].key, key) == 0)
            return properties->list[i].value;
    }
    cr_assert_fail("no property %s", key);
    return NULL;
}

void recipe_load(struct recipe_properties *properties, const char *path)
{
    char *text = read_text(path);
    char *rest = NULL;

    for (char *line = strtok_r(text, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest)) {
        char *equals = strchr(line, '=');
        if (line[0] == '#' || !equals)
            continue;
        *equals = '\0';
        recipe_set(properties, line, equals + 1);
    }
    free(text);
    for (size_t i = 0; i < properties->count; i++) {
        char key[sizeof properties->list[0].key];
        size_t len = strlen(properties->list[i].key);
        if (len <= sizeof SYSTEM ||
            strcmp(properties->list[i].key + len - (sizeof SYSTEM - 1), SYSTEM) != 0)
            continue;
        snprintf(key, sizeof key, "%.*s", (int)(len - (sizeof SYSTEM - 1)),
                 properties->list[i].key);
        recipe_set(properties, key, properties->list[i].value);
    }
}

/* Replace each {KEY} that there is a property for, once. */
static void replace(char text[RECIPE_LENGTH_MAX], const struct recipe_properties *properties)
{
    for (size_t i = 0; i < properties->count; i++) {
        char name[sizeof properties->list[0].key + 2];
        char out[RECIPE_LENGTH_MAX] = "";
        char *at = text;
        snprintf(name, sizeof name, "{%s}", properties->list[i].key);
        for (char *found; (found = strstr(at, name)); at = found + strlen(name)) {
            size_t len = strlen(out);
            snprintf(out + len, sizeof out - len, "%.*s%s", (int)(found - at), at,
                     properties->list[i].value);
        }
        size_t len = strlen(out);
        cr_assert_lt(len + strlen(at), sizeof out);
        snprintf(out + len, sizeof out - len, "%s", at);
        memcpy(text, out, sizeof out);
    }
}

/* Split in place. */
static void split(struct recipe_command *command)
{
    size_t count = 0;
    char *at = command->text;

    while (*at) {
        char quote = *at;
        if (quote == '"' || quote == '\'')
            at++;
        else
            quote = '\0';
        char *end = at;
        /* A quote ends the argument where a space or the end follows. */
        while (*end && (quote ? !(*end == quote && (end[1] == ' ' || !end[1])) : *end != ' '))
            end++;
        cr_assert(!quote || *end == quote, "no closing quote: %s", at);
        char *next = end + (*end != '\0');
        next += quote && *next == ' ';
        *end = '\0';
        if (*at) {
            cr_assert_lt(count, (size_t)RECIPE_ARGUMENTS_MAX);
            command->argv[count++] = at;
        }
        at = next;
    }
    command->argv[count] = NULL;
}

void recipe_expand(struct recipe_command *command, const struct recipe_properties *properties,
                   const char *key)
{
    snprintf(command->text, sizeof command->text, "%s", recipe_get(properties, key));
    for (int i = 0; i < DEPTH; i++)
        replace(command->text, properties);
    split(command);
}
