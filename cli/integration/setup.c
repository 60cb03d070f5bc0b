#include "cli/integration/setup.h"

#include "cli/exit_code.h"
#include "cli/integration/arduino_setup.h"
#include "cli/printable.h"

#include <stdio.h>
#include <string.h>

static const struct target {
    const char *name;
    const char *summary;
    int (*run)(const struct setup_options *options);
} targets[] = {
    { "arduino", "Arduino IDE 1.8 and 2, arduino-cli", arduino_setup_run },
};

#define TARGET_COUNT (sizeof targets / sizeof *targets)

int setup_run(int argc, char **argv)
{
    struct setup_options options;
    char name[256];

    setup_options_parse(&options, argc, argv);
    for (size_t i = 0; options.what && i < TARGET_COUNT; i++) {
        if (strcmp(targets[i].name, options.what) == 0)
            return targets[i].run(&options);
    }
    if (options.what)
        fprintf(stderr, "espota-c setup: \"%s\" is nothing that can be set up\n",
                printable(name, sizeof name, options.what));
    fputs("What can be set up:\n", stderr);
    for (size_t i = 0; i < TARGET_COUNT; i++)
        fprintf(stderr, "  espota-c setup %-10s %s\n", targets[i].name, targets[i].summary);
    return EXIT_BAD_USAGE;
}
