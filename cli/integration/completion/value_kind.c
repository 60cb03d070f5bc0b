#include "cli/integration/completion/value_kind.h"

#include "cli/discover/mdns.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *argument;
    struct value value;
} arguments[] = {
    { "[ADDRESS][:PORT]", { VALUE_UNKNOWN, NULL } },
    { "ADDRESS", { VALUE_ADDRESS, NULL } },
    { "FILE", { VALUE_FILE, NULL } },
    { "FOLDER", { VALUE_FILE, NULL } },
    { "GLOB", { VALUE_UNKNOWN, NULL } },
    { "HOST", { VALUE_DEVICE, NULL } },
    { "IMAGE", { VALUE_FILE, NULL } },
    { "INTERFACE", { VALUE_INTERFACE, NULL } },
    { "MODE", { VALUE_WORD, mdns_mode_words } },
    { "N", { VALUE_UNKNOWN, NULL } },
    { "NUMBER", { VALUE_UNKNOWN, NULL } },
    { "PASSWORD", { VALUE_UNKNOWN, NULL } },
    { "PATH", { VALUE_FILE, NULL } },
    { "PORT", { VALUE_UNKNOWN, NULL } },
    { "PORT[-PORT]", { VALUE_UNKNOWN, NULL } },
    { "SECONDS", { VALUE_UNKNOWN, NULL } },
};

bool value_of(struct value *out, const char *argument)
{
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
        if (strcmp(arguments[i].argument, argument) == 0) {
            *out = arguments[i].value;
            return true;
        }
    }
    return false;
}

const char *value_kind_name(enum value_kind kind)
{
    static const char *const names[] = {
        [VALUE_UNKNOWN] = "unknown", [VALUE_FILE] = "file",           [VALUE_DEVICE] = "device",
        [VALUE_ADDRESS] = "address", [VALUE_INTERFACE] = "interface", [VALUE_WORD] = "word",
    };

    return names[kind];
}
