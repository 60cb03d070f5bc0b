/*
 * Recipes as the Arduino tools read, expand and split them: IDE 1.8 (PreferencesMap,
 * StringReplacer) and arduino-cli, which do it alike.
 */
#ifndef TESTS_INTEGRATION_RECIPE_H
#define TESTS_INTEGRATION_RECIPE_H

#include <stddef.h>

#define RECIPE_PROPERTIES_MAX 128
#define RECIPE_LENGTH_MAX     4096
#define RECIPE_ARGUMENTS_MAX  32

struct recipe_properties {
    struct {
        char key[160];
        char value[1024];
    } list[RECIPE_PROPERTIES_MAX];
    size_t count;
};

/* Set a property, in place of an earlier value. */
void recipe_set(struct recipe_properties *properties, const char *key, const char *value);

/* Its value; the test fails when there is none. */
const char *recipe_get(const struct recipe_properties *properties, const char *key);

/* Add the lines of a file; keys that end in ".linux" win over those that do not. */
void recipe_load(struct recipe_properties *properties, const char *path);

/* The program and its arguments. */
struct recipe_command {
    char text[RECIPE_LENGTH_MAX];
    const char *argv[RECIPE_ARGUMENTS_MAX + 1]; /* in `text`; ends with NULL */
};

/*
 * Expand the recipe that is the value of `key`, as far as there are properties, and split it:
 * at spaces, but not within quotes that an argument begins with. Empty arguments are dropped.
 */
void recipe_expand(struct recipe_command *command, const struct recipe_properties *properties,
                   const char *key);

#endif
