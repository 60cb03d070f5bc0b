#include "cli/commands.h"

#include "cli/discover/discover.h"
#include "cli/discover/discover_options.h"
#include "cli/external.h"
#include "cli/image/inspect.h"
#include "cli/integration/arduino_discovery.h"
#include "cli/integration/setup.h"
#include "cli/integration/setup_options.h"
#include "cli/push/upload.h"
#include "cli/push/upload_options.h"

#include <string.h>

/* Its libraries are not wanted here. */
static int serve_run(int argc, char **argv)
{
    (void)argc;
    return external_run("espota-c-serve", argv);
}

const struct command commands[] = {
    { "upload", "send an image to devices (the command when none is named)", upload_run,
      &upload_argp },
    { "discover", "list the devices of the network", discover_run, &discover_argp },
    { "inspect", "show what an image is, and whether it is whole", inspect_run, &inspect_argp },
    { "serve", "answer devices that ask for updates by HTTP", serve_run, NULL },
    { "setup", "make the Arduino tools upload by espota-c", setup_run, &setup_argp },
    { "arduino-discovery", "tell the Arduino IDE 2 or arduino-cli of the devices (they run it)",
      arduino_discovery_run, &arduino_discovery_argp },
    { 0 },
};

const struct command *command_find(const char *name)
{
    for (const struct command *command = commands; command->name; command++) {
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}
