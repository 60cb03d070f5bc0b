/*
 * Interactive shells on a terminal, with the completions of espota-c: bash, zsh and fish.
 *
 * What is typed is read as a person's is. The command espota-c itself is a function there, which
 * prints "ran<ARGUMENT><ARGUMENT>..."; the completions run the real one.
 */
#ifndef TESTS_SHELL_TERMINAL_H
#define TESTS_SHELL_TERMINAL_H

#include "tests/e2e/e2e.h"

enum shell {
    SHELL_BASH,
    SHELL_ZSH,
    SHELL_FISH,
    SHELLS,
};

/* Start it, in the test's folder, and wait until it takes commands. */
struct process *shell_start(enum shell shell);

/* Type `keys`, where a tab completes, and Enter. It must run espota-c with these arguments. */
void shell_expect(struct process *shell, const char *keys, const char *arguments);

/* Have a shell that is no terminal's run a script, and end; `args` are the script's. */
struct process *shell_run(enum shell shell, const char *script, const char *const *args);

/* The file of completions for it. */
const char *shell_completions(enum shell shell);

#endif
