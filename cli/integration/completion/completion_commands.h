/*
 * What completions are made of: the commands with all their options.
 */
#ifndef CLI_COMPLETION_COMMANDS_H
#define CLI_COMPLETION_COMMANDS_H

#include "cli/integration/completion/option_list.h"

#define COMPLETION_COMMANDS_MAX 16

struct completion_command {
    const char *name;
    const char *summary;
    struct option_list options;
};

struct completion_commands {
    struct completion_command all[COMPLETION_COMMANDS_MAX];
    size_t count;
};

#endif
