#include "cli/integration/completion/completion_fish.h"

static void write_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* What follows. */
static void write_value(FILE *out, const struct value *value)
{
    static const char *const actions[] = {
        [VALUE_UNKNOWN] = "",
        [VALUE_FILE] = " -F",
        [VALUE_DEVICE] = " -a '(__espota_c_devices)'",
        [VALUE_ADDRESS] = " -a '(__espota_c_addresses)'",
        [VALUE_INTERFACE] = " -a '(__espota_c_interfaces)'",
        [VALUE_WORD] = "",
    };

    fputs(actions[value->kind], out);
    if (value->kind != VALUE_WORD)
        return;
    for (const char *const *word = value->words; *word; word++)
        fprintf(out, "%s%s", word == value->words ? " -a '" : " ", *word);
    fputc('\'', out);
}

static void write_option(FILE *out, const char *command, const struct option_entry *entry)
{
    fprintf(out, "complete -c espota-c -n '__espota_c_command_is %s'", command);
    if (entry->letter)
        fprintf(out, " -s '%c'", entry->letter);
    if (entry->name)
        fprintf(out, " -l %s", entry->name);
    if (entry->argument) {
        if (!entry->optional)
            fputs(entry->value.kind == VALUE_FILE ? " -r" : " -x", out);
        write_value(out, &entry->value);
    }
    fputs(" -d '", out);
    write_text(out, entry->doc);
    fputs("'\n", out);
}

void completion_fish(FILE *out, const struct completion_commands *commands)
{
    for (size_t i = 0; i < commands->count; i++) {
        const struct completion_command *command = &commands->all[i];
        fprintf(out, "\ncomplete -c espota-c -n __espota_c_needs_command -a %s -d '",
                command->name);
        write_text(out, command->summary);
        fputs("'\n", out);
        for (size_t j = 0; j < command->options.count; j++)
            write_option(out, command->name, &command->options.entries[j]);
        if (command->options.takes_rest) {
            fprintf(out, "complete -c espota-c -n '__espota_c_rest_of %s'", command->name);
            write_value(out, &command->options.rest);
            fputc('\n', out);
        }
    }
}
