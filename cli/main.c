/*
 * espota-c: finds the command and runs it. Without a command's name, the table's first is meant.
 */
#include "cli/commands.h"
#include "cli/discover/mdns_daemon.h"
#include "cli/discover/mdns_libraries.h"
#include "cli/exit_code.h"
#include "cli/external.h"
#include "cli/version.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print_version(FILE *out, struct argp_state *state)
{
    const struct linked_library *const lists[] = {
        version_base_libraries, mdns_libraries, mdns_daemon_libraries, external_libraries, NULL,
    };

    (void)state;
    version_print(out, lists);
}

static void list_commands(FILE *out)
{
    fputs("Commands, each with its own --help:\n", out);
    for (const struct command *command = commands; command->name; command++)
        fprintf(out, "  %-17s %s\n", command->name, command->summary);
}

static bool asks_for_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0 ||
           strcmp(argument, "-?") == 0;
}

/* Files and sockets must not take the places of closed standard streams: messages go there. */
static void fill_standard_streams(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    fill_standard_streams();
    argp_program_version_hook = print_version;
    if (argc < 2) {
        fputs("Usage: espota-c [COMMAND] [OPTION...]\n"
              "   as in: espota-c -i 192.168.1.40 -f sketch.bin\n\n",
              stderr);
        list_commands(stderr);
        return EXIT_BAD_USAGE;
    }
    if (asks_for_help(argv[1])) {
        list_commands(stdout);
        putchar('\n');
    }
    char title[64] = "espota-c"; /* what messages call the command */
    argv[0] = title;
    if (argv[1][0] == '-')
        return commands->run(argc, argv);

    const struct command *command = command_find(argv[1]);
    if (!command) {
        fprintf(stderr, "espota-c: there is no command \"%s\"; an image is named with -f\n",
                argv[1]);
        list_commands(stderr);
        return EXIT_BAD_USAGE;
    }
    snprintf(title, sizeof title, "espota-c %s", command->name);
    argv[1] = title;
    return command->run(argc - 1, argv + 1);
}
