#include "shell_terminal.h"

#include <stdio.h>
#include <string.h>

/* A word in two, so that the terminal's echo of the command is not taken for its output. */
#define READY     "printf 'rea''dy\\n'\n"
#define PRINT_RAN "printf ra; printf n; printf '<%s>' "

#define FUNCTION_RAN "espota-c() { " PRINT_RAN "\"$@\"; echo; }\n"

#define BASH_SETUP                                                           \
    "source /usr/share/bash-completion/bash_completion; source " COMPLETIONS \
    "/espota-c.bash\n" FUNCTION_RAN READY
#define ZSH_SETUP \
    "fpath=(" COMPLETIONS " $fpath); autoload -Uz compinit; compinit -u -D\n" FUNCTION_RAN READY
#define FISH_SETUP                                                                        \
    "source " COMPLETIONS "/espota-c.fish\nfunction espota-c; " PRINT_RAN "$argv; echo; " \
    "end\n" READY

static const struct {
    const char *command;     /* of an interactive one, without the user's files */
    const char *batch;       /* that runs a script behind -c */
    const char *without;     /* option that keeps the user's files away */
    const char *completions; /* the file */
    const char *setup;       /* what to type first */
} shells[SHELLS] = {
    [SHELL_BASH] = { .command = "bash --norc --noprofile -i",
                     .batch = "bash",
                     .without = "--norc",
                     .completions = COMPLETIONS "/espota-c.bash",
                     .setup = BASH_SETUP },
    [SHELL_ZSH] = { .command = "zsh -f -i",
                    .batch = "zsh",
                    .without = "-f",
                    .completions = COMPLETIONS "/_espota-c",
                    .setup = ZSH_SETUP },
    [SHELL_FISH] = { .command = "fish --no-config -i",
                     .batch = "fish",
                     .without = "--no-config",
                     .completions = COMPLETIONS "/espota-c.fish",
                     .setup = FISH_SETUP },
};

static const char *const environment[] = {
    SHELL_PATH, "HOME=.", "XDG_CONFIG_HOME=.", "XDG_DATA_HOME=.", "TERM=xterm", NULL,
};

static void type(struct process *shell, const char *text)
{
    cr_assert(process_write(shell, text, strlen(text), E2E_PATIENCE_MS), "%s", shell->out.text);
}

struct process *shell_start(enum shell shell)
{
    struct process *process =
        program_start("script", ARGS("-qec", shells[shell].command, "/dev/null"),
                      &(struct program_options){ .environment = environment });

    type(process, shells[shell].setup);
    cr_assert(process_expect(process, &process->out, "ready\r\n", E2E_PATIENCE_MS), "%s",
              process->out.text);
    return process;
}

void shell_expect(struct process *shell, const char *keys, const char *arguments)
{
    char expected[512];

    snprintf(expected, sizeof expected, "ran%s\r\n", arguments);
    type(shell, keys);
    type(shell, "\r");
    cr_assert(process_expect(shell, &shell->out, expected, E2E_PATIENCE_MS), "no \"%s\": %s",
              arguments, shell->out.text);
}

struct process *shell_run(enum shell shell, const char *script, const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, ARGS(shells[shell].without, "-c", script, shells[shell].batch), args);
    if (shell == SHELL_FISH) /* has no name for the script */
        join_arguments(argv, ARGS(shells[shell].without, "-c", script), args);
    struct process *process = program_start(
        shells[shell].batch, argv, &(struct program_options){ .environment = environment });
    program_finish(process);
    return process;
}

const char *shell_completions(enum shell shell)
{
    return shells[shell].completions;
}
