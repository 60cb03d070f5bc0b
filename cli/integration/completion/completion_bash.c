#include "cli/integration/completion/completion_bash.h"

static void write_names(FILE *out, const struct option_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct option_entry *entry = &list->entries[i];
        if (entry->letter)
            fprintf(out, "%s-%c", i > 0 ? " " : "", entry->letter);
        if (entry->name)
            fprintf(out, "%s--%s", i > 0 || entry->letter ? " " : "", entry->name);
    }
}

static void write_value(FILE *out, const char *variable, const struct value *value)
{
    fprintf(out, "%s='%s'", variable, value_kind_name(value->kind));
    if (value->kind != VALUE_WORD)
        return;
    fputs(" choices='", out);
    for (const char *const *word = value->words; *word; word++)
        fprintf(out, "%s%s", word == value->words ? "" : " ", *word);
    fputc('\'', out);
}

/* "--ip=" stands for the option with its value in the same word. */
static void write_option(FILE *out, const struct option_entry *entry)
{
    const char *between = "";

    if (!entry->argument || (entry->optional && !entry->name))
        return;
    fputs("                ", out);
    if (!entry->optional && entry->letter) {
        fprintf(out, "-%c", entry->letter);
        between = " | ";
    }
    if (!entry->optional && entry->name) {
        fprintf(out, "%s--%s", between, entry->name);
        between = " | ";
    }
    if (entry->name)
        fprintf(out, "%s--%s=", between, entry->name);
    fputs(") ", out);
    write_value(out, "kind", &entry->value);
    fputs(" ;;\n", out);
}

void completion_bash(FILE *out, const struct completion_commands *commands)
{
    fputs("_espota_c_commands='", out);
    for (size_t i = 0; i < commands->count; i++)
        fprintf(out, "%s%s", i > 0 ? " " : "", commands->all[i].name);
    fputs("'\n\n"
          "# Of the command $1: all its options, and what follows the option $2.\n"
          "_espota_c_look_up()\n{\n    case $1 in\n",
          out);
    for (size_t i = 0; i < commands->count; i++) {
        const struct option_list *list = &commands->all[i].options;
        fprintf(out, "        %s)\n            options='", commands->all[i].name);
        write_names(out, list);
        fputs("'\n            case $2 in\n", out);
        for (size_t j = 0; j < list->count; j++)
            write_option(out, &list->entries[j]);
        fputs("                *)", out);
        if (list->takes_rest) {
            fputc(' ', out);
            write_value(out, "rest", &list->rest);
        }
        fputs(" ;;\n            esac\n            ;;\n", out);
    }
    fputs("    esac\n}\n", out);
}
