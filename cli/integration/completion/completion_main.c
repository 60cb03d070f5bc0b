/*
 * espota-completions TEMPLATES OUT: writes the completions of espota-c for each shell into the
 * folder OUT. Where a template, a file of the folder TEMPLATES, has a line "@TABLE@", commands and
 * options are written. Runs when the project is built.
 */
#include "cli/commands.h"
#include "cli/integration/completion/completion_bash.h"
#include "cli/integration/completion/completion_fish.h"
#include "cli/integration/completion/completion_zsh.h"
#include "cli/serve/serve_options.h"

#include <stdlib.h>
#include <string.h>

static const struct shell {
    const char *template;
    const char *file;
    void (*write)(FILE *out, const struct completion_commands *commands);
} shells[] = {
    { "espota-c.bash.in", "espota-c.bash", completion_bash },
    { "espota-c.zsh.in", "_espota-c", completion_zsh },
    { "espota-c.fish.in", "espota-c.fish", completion_fish },
};

/* A command without options in the table is a program of its own: there is one. */
static const struct argp *options_of(const struct command *command)
{
    if (command->argp)
        return command->argp;
    return strcmp(command->name, "serve") == 0 ? &serve_argp : NULL;
}

static bool collect(struct completion_commands *out)
{
    for (const struct command *command = commands; command->name; command++) {
        const struct argp *argp = options_of(command);
        const char *fault = "no options known";
        struct completion_command *item = &out->all[out->count];
        if (out->count == COMPLETION_COMMANDS_MAX || !argp ||
            !option_list_fill(&item->options, argp, &fault)) {
            fprintf(stderr,
                    "completions of %s: %s: no kind of value is known for it; "
                    "add it to value_kind.c\n",
                    command->name, fault);
            return false;
        }
        item->name = command->name;
        item->summary = command->summary;
        out->count++;
    }
    return true;
}

static bool fill_in(FILE *out, FILE *template, const struct shell *shell,
                    const struct completion_commands *all)
{
    char line[512];

    while (fgets(line, sizeof line, template)) {
        if (strcmp(line, "@TABLE@\n") == 0)
            shell->write(out, all);
        else
            fputs(line, out);
    }
    return !ferror(template) && !ferror(out);
}

static bool write_shell(const struct shell *shell, char **folders,
                        const struct completion_commands *all)
{
    char from[4096];
    char to[4096];

    snprintf(from, sizeof from, "%s/%s", folders[0], shell->template);
    snprintf(to, sizeof to, "%s/%s", folders[1], shell->file);
    FILE *template = fopen(from, "r");
    FILE *out = template ? fopen(to, "w") : NULL;
    bool done = out && fill_in(out, template, shell, all);
    if (!done)
        perror(template ? to : from);
    if (template)
        fclose(template);
    if (out && fclose(out) != 0 && done) {
        perror(to);
        done = false;
    }
    return done;
}

int main(int argc, char **argv)
{
    struct completion_commands *all = calloc(1, sizeof *all);
    bool done = argc == 3 && all && collect(all);

    for (size_t i = 0; done && i < sizeof shells / sizeof *shells; i++)
        done = write_shell(&shells[i], argv + 1, all);
    free(all);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
