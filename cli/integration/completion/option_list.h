/*
 * The options of a command in one list, read from its argp and the argp's children.
 */
#ifndef CLI_OPTION_LIST_H
#define CLI_OPTION_LIST_H

#include "cli/integration/completion/value_kind.h"

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#define OPTION_LIST_MAX 96
#define OPTION_DOC_MAX  96

struct option_entry {
    const char *name;         /* "ip"; NULL: it has a letter alone */
    char letter;              /* 'i'; NUL: none */
    const char *argument;     /* "HOST"; NULL: takes none */
    bool optional;            /* the argument, which then stands behind a "=" */
    struct value value;       /* of the argument */
    char doc[OPTION_DOC_MAX]; /* what it does, in a few words */
};

struct option_list {
    struct option_entry entries[OPTION_LIST_MAX];
    size_t count;
    bool takes_rest;   /* arguments that belong to no option */
    struct value rest; /* what they are; words are within this struct */
    const char *words[8];
    char word_text[128];
};

/*
 * Fill the list with the options that help shows. False, with `*fault` naming what is in the way,
 * when an argument's kind is not known or there is no room. The texts are the argp's.
 */
bool option_list_fill(struct option_list *list, const struct argp *argp, const char **fault);

#endif
