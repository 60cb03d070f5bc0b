/*
 * espota-c: the command table. Without a command's name, upload is meant.
 */
#include "cli/discover/discover.h"
#include "cli/exit_code.h"
#include "cli/external.h"
#include "cli/image/inspect.h"
#include "cli/integration/arduino_discovery.h"
#include "cli/push/upload.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Its libraries are not wanted here. */
static int serve_run(int argc, char **argv)
{
    (void)argc;
    return external_run("espota-c-serve", argv);
}

static const struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    { "upload", "send an image to devices (the command when none is named)", upload_run },
    { "discover", "list the devices of the network", discover_run },
    { "inspect", "show what an image is, and whether it is whole", inspect_run },
    { "serve", "answer devices that ask for updates by HTTP", serve_run },
    { "arduino-discovery", "tell the Arduino IDE 2 or arduino-cli of the devices (they run it)",
      arduino_discovery_run },
};

#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static void list_commands(FILE *out)
{
    fputs("Commands, each with its own --help:\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-17s %s\n", commands[i].name, commands[i].summary);
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
        return upload_run(argc, argv);

    const struct command *command = find_command(argv[1]);
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
