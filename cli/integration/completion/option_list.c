#include "cli/integration/completion/option_list.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The beginning of the help, up to where details begin. */
static void take_doc(struct option_entry *entry, const char *doc)
{
    static const char *const ends[] = { " (", "; ", ", as in " };
    size_t len = strlen(doc);

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *end = strstr(doc, ends[i]);
        if (end && (size_t)(end - doc) < len)
            len = (size_t)(end - doc);
    }
    if (len >= sizeof entry->doc)
        len = sizeof entry->doc - 1;
    memcpy(entry->doc, doc, len);
    entry->doc[len] = '\0';
}

/* `real` is the option itself, or the one that it is an alias of. */
static bool add(struct option_list *list, const struct argp_option *option,
                const struct argp_option *real, const char **fault)
{
    struct option_entry *entry = &list->entries[list->count];
    int key = option->flags & OPTION_ALIAS && option->key == 0 ? 0 : option->key;

    *fault = real->arg ? real->arg : real->name;
    if (list->count == OPTION_LIST_MAX)
        return false;
    *entry = (struct option_entry){
        .name = option->name,
        .argument = real->arg,
        .optional = (real->flags & OPTION_ARG_OPTIONAL) != 0,
    };
    if (key > ' ' && key < 127)
        entry->letter = (char)key;
    if (real->arg && !value_of(&entry->value, real->arg))
        return false;
    take_doc(entry, real->doc ? real->doc : "");
    list->count++;
    return true;
}

static bool add_options(struct option_list *list, const struct argp *argp, const char **fault)
{
    const struct argp_option *option = argp->options;
    const struct argp_option *real = option;

    for (; option && (option->name || option->key || option->doc); option++) {
        if (!(option->flags & OPTION_ALIAS))
            real = option;
        if (option->flags & (OPTION_HIDDEN | OPTION_DOC) || (!option->name && !option->key))
            continue;
        if (!add(list, option, real, fault))
            return false;
    }
    for (const struct argp_child *child = argp->children; child && child->argp; child++) {
        if (!add_options(list, child->argp, fault))
            return false;
    }
    return true;
}

/* "IMAGE", or words to choose from as in "arduino|platformio"; what begins with an option has none.
 */
static bool take_rest(struct option_list *list, const char *text, const char **fault)
{
    size_t count = 0;
    char *rest = NULL;

    if (!text || strchr(text, '-') == text || strncmp(text, "[-", 2) == 0)
        return true;
    *fault = text;
    size_t len = strcspn(text, " ");
    if (len >= sizeof list->word_text)
        return false;
    memcpy(list->word_text, text, len);
    list->takes_rest = true;
    if (!islower((unsigned char)list->word_text[strspn(list->word_text, "[")]))
        return value_of(&list->rest, list->word_text);
    for (char *word = strtok_r(list->word_text, "[]|", &rest); word;
         word = strtok_r(NULL, "[]|", &rest)) {
        if (count + 1 == sizeof list->words / sizeof *list->words)
            return false;
        list->words[count++] = word;
    }
    list->rest = (struct value){ VALUE_WORD, list->words };
    return true;
}

bool option_list_fill(struct option_list *list, const struct argp *argp, const char **fault)
{
    memset(list, 0, sizeof *list);
    return add_options(list, argp, fault) && take_rest(list, argp->args_doc, fault);
}
