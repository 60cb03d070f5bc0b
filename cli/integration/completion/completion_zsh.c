#include "cli/integration/completion/completion_zsh.h"

#include <string.h>

/* A text between single quotes, with a backslash before what _arguments or _describe would read. */
static void write_text(FILE *out, const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr(special, *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void write_action(FILE *out, const struct value *value)
{
    static const char *const actions[] = {
        [VALUE_UNKNOWN] = " ",
        [VALUE_FILE] = "_files",
        [VALUE_DEVICE] = "_espota_c_devices",
        [VALUE_ADDRESS] = "_espota_c_addresses",
        [VALUE_INTERFACE] = "_net_interfaces",
        [VALUE_WORD] = "",
    };

    fputs(actions[value->kind], out);
    if (value->kind != VALUE_WORD)
        return;
    for (const char *const *word = value->words; *word; word++)
        fprintf(out, "%s%s", word == value->words ? "(" : " ", *word);
    fputc(')', out);
}

/* One spelling; it may be given again. */
static void write_spelling(FILE *out, const struct option_entry *entry, bool is_long)
{
    fputs("                '*-", out);
    if (is_long)
        fprintf(out, "-%s", entry->name);
    else
        fputc(entry->letter, out);
    if (entry->argument) {
        fputs(is_long ? "=" : entry->optional ? "" : "+", out);
        fputs(entry->optional ? "-" : "", out);
    }
    fputc('[', out);
    write_text(out, entry->doc, "[]\\");
    fputc(']', out);
    if (entry->argument) {
        fputs(entry->optional ? "::" : ":", out);
        write_text(out, entry->argument, ":\\");
        fputc(':', out);
        write_action(out, &entry->value);
    }
    fputs("'\n", out);
}

void completion_zsh(FILE *out, const struct completion_commands *commands)
{
    fputs("_espota_c_look_up()\n{\n    commands=(\n", out);
    for (size_t i = 0; i < commands->count; i++) {
        fprintf(out, "        '%s:", commands->all[i].name);
        write_text(out, commands->all[i].summary, "\\");
        fputs("'\n", out);
    }
    fputs("    )\n    case $1 in\n", out);
    for (size_t i = 0; i < commands->count; i++) {
        const struct option_list *list = &commands->all[i].options;
        fprintf(out, "        %s)\n            options=(\n", commands->all[i].name);
        for (size_t j = 0; j < list->count; j++) {
            if (list->entries[j].letter)
                write_spelling(out, &list->entries[j], false);
            if (list->entries[j].name)
                write_spelling(out, &list->entries[j], true);
        }
        if (list->takes_rest) {
            fputs("                '*:argument:", out);
            write_action(out, &list->rest);
            fputs("'\n", out);
        }
        fputs("            )\n            ;;\n", out);
    }
    fputs("    esac\n}\n", out);
}
