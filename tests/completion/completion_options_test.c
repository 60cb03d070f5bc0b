/*
 * Completions offer every command and every option that --help lists, and values of options.
 */
#include "cli/commands.h"
#include "shell_terminal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

E2E_SUITE(completion_options);

/* Print what is offered behind the command $2, in which -- stands for no more than options. */
static const char *const listings[SHELLS] = {
    [SHELL_BASH] = "source /usr/share/bash-completion/bash_completion; source $1\n"
                   "COMP_WORDS=(espota-c $2 -) COMP_CWORD=2 COMP_LINE=\"espota-c $2 -\"\n"
                   "COMP_POINT=${#COMP_LINE}; _espota_c espota-c; printf '[%s]\\n' "
                   "\"${COMPREPLY[@]}\"",
    [SHELL_ZSH] = "_arguments() { for a; print -r -- \"[${${${a#\\*}%%[\\[=]*}%+}]\" }\n"
                  "words=(espota-c $2 -) CURRENT=3; source $1",
    [SHELL_FISH] = "source $argv[1]; for p in - --; complete -C \"espota-c $argv[2] $p\" | "
                   "string replace -r '(\\t.*)?$' ']' | string replace -r '^' '['; end",
};

static void expect_offered(const struct process *listing, const char *option, size_t len,
                           const char *command)
{
    char text[64];

    snprintf(text, sizeof text, "[%.*s]\n", (int)len, option);
    cr_expect_not_null(strstr(listing->out.text, text), "%s of %s is not offered: %s", option,
                       command, listing->out.text);
}

/* "  -i, --ip=HOST   Address": each spelling at a line's beginning. Returns how many. */
static size_t expect_line(const struct process *listing, const char *line, const char *command)
{
    size_t indent = strspn(line, " ");
    size_t count = 0;

    line += indent;
    while (indent > 0 && indent <= 6 && *line == '-') {
        expect_offered(listing, line, strcspn(line, " ,=[\n"), command);
        count++;
        line += strcspn(line, " ,\n");
        line += strspn(line, ",");
        line += *line == ' ' && line[1] == '-';
    }
    return count;
}

static void expect_all(enum shell shell, const char *command)
{
    struct process *help = uploader_run(ARGS(command, "--help"));
    struct process *listing =
        shell_run(shell, listings[shell], ARGS(shell_completions(shell), command));
    size_t count = 0;

    expect_exit(help, 0);
    for (const char *line = help->out.text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        count += expect_line(listing, line, command);
    }
    cr_assert_gt(count, 3u, "%s", help->out.text);
}

static void expect_all_of_all(enum shell shell)
{
    for (const struct command *command = commands; command->name; command++)
        expect_all(shell, command->name);
}

Test(completion_options, bash_offers_all_that_help_lists)
{
    expect_all_of_all(SHELL_BASH);
}

Test(completion_options, zsh_offers_all_that_help_lists)
{
    expect_all_of_all(SHELL_ZSH);
}

Test(completion_options, fish_offers_all_that_help_lists)
{
    expect_all_of_all(SHELL_FISH);
}

static void expect_values(enum shell shell)
{
    struct temp_path list = temp_path(&e2e_folder, "my list");

    e2e_sketch(4096);
    cr_assert(file_write(list.text, "", 0), "%s", list.text);
    struct process *terminal = shell_start(shell);

    shell_expect(terminal, "espota-c insp\tsket\t", "<inspect><sketch.bin>");
    shell_expect(terminal, "espota-c -f sket\t", "<-f><sketch.bin>");
    shell_expect(terminal, "espota-c upload --auth-file sket\t",
                 "<upload><--auth-file><sketch.bin>");
    shell_expect(terminal, "espota-c --mdns=emb\t", "<--mdns=embedded>");
    shell_expect(terminal, "espota-c disc\t--mdns em\t--na\t",
                 "<discover><--mdns><embedded><--names>");
    shell_expect(terminal, "espota-c -f x --wait-o\t", "<-f><x><--wait-online>");
    shell_expect(terminal, "espota-c serve --catalog sket\t", "<serve><--catalog><sketch.bin>");
    if (shell != SHELL_FISH) /* which has no files there, whatever the program */
        shell_expect(terminal, "espota-c -fsket\t", "<-fsketch.bin>");
    shell_expect(terminal, "espota-c -i @my\t-f x", "<-i><@my list><-f><x>");
    shell_expect(terminal, "espota-c upload --ip=@m\t", "<upload><--ip=@my list>");
}

Test(completion_options, bash_offers_values)
{
    expect_values(SHELL_BASH);
}

Test(completion_options, fish_offers_values)
{
    expect_values(SHELL_FISH);
}

Test(completion_options, zsh_offers_values)
{
    expect_values(SHELL_ZSH);
}

/* Stands in for the program: the devices are a file's, and who asks for them is counted. */
#define PROGRAM                                                                       \
    "#!/bin/sh\nif [ \"$1\" = discover ]; then echo >>asked; cat devices; exit; fi\n" \
    "printf ran; printf '<%s>' \"$@\"; echo\n"

static struct process *start_with(enum shell shell, const char *devices)
{
    struct temp_path names = temp_path(&e2e_folder, "devices");
    struct temp_path folder = temp_path(&e2e_folder, "bin");
    struct temp_path program = temp_path(&e2e_folder, "bin/espota-c");

    cr_assert(file_write(names.text, devices, strlen(devices)), "%s", names.text);
    cr_assert_eq(mkdir(folder.text, 0755), 0, "%s", folder.text);
    cr_assert(file_write(program.text, PROGRAM, strlen(PROGRAM)), "%s", program.text);
    cr_assert_eq(chmod(program.text, 0755), 0, "%s", program.text);
    return shell_start(shell);
}

static void expect_home(enum shell shell)
{
    struct process *terminal = start_with(shell, "kitchen\nattic\n");

    shell_expect(terminal, "~/bin/espota-c -i ki\t-f x", "<-i><kitchen><-f><x>");
}

Test(completion_options, bash_asks_a_program_in_the_home_folder)
{
    expect_home(SHELL_BASH);
}

Test(completion_options, fish_asks_a_program_in_the_home_folder)
{
    expect_home(SHELL_FISH);
}

Test(completion_options, zsh_asks_a_program_in_the_home_folder)
{
    expect_home(SHELL_ZSH);
}

/* Where there is no device, looking again takes as long. */
static void expect_asked_once(enum shell shell)
{
    struct process *terminal = start_with(shell, "");
    size_t size = 0;

    shell_expect(terminal, "bin/espota-c -i ki\t\t\t -f x", "<-i><ki><-f><x>");
    free(file_read(temp_path(&e2e_folder, "asked").text, &size));
    cr_assert_eq(size, 1u, "asked %zu times", size);
}

Test(completion_options, bash_remembers_that_there_is_no_device)
{
    expect_asked_once(SHELL_BASH);
}

Test(completion_options, fish_remembers_that_there_is_no_device)
{
    expect_asked_once(SHELL_FISH);
}

Test(completion_options, zsh_remembers_that_there_is_no_device)
{
    expect_asked_once(SHELL_ZSH);
}
