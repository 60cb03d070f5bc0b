#include "cli/push/passed_over.h"

#include <stdlib.h>
#include <string.h>

/* Devices that are told one by one. */
#define TOLD_MAX 10

struct passed_device {
    char name[DEVICE_NAME_MAX];
    char *why;
};

static bool has(const struct passed_over *passed, const struct device *device)
{
    for (size_t i = 0; i < passed->count; i++) {
        if (strcmp(passed->list[i].name, device->name) == 0)
            return true;
    }
    return false;
}

void passed_over_add(struct passed_over *passed, const struct device *device, const char *why)
{
    if (has(passed, device))
        return;
    if (passed->count == passed->room) {
        size_t room = passed->room > 0 ? 2 * passed->room : 16;
        struct passed_device *list = realloc(passed->list, room * sizeof *list);
        if (!list)
            return;
        passed->list = list;
        passed->room = room;
    }
    struct passed_device *entry = &passed->list[passed->count];
    memcpy(entry->name, device->name, sizeof entry->name);
    entry->why = strdup(why);
    passed->count += entry->why != NULL;
}

void passed_over_tell(const struct passed_over *passed, struct report *report)
{
    for (size_t i = 0; i < passed->count && i < TOLD_MAX; i++) {
        struct device device = { .txt_len = 0 };
        char name[4 * DEVICE_NAME_MAX];
        memcpy(device.name, passed->list[i].name, sizeof device.name);
        report_note(report, NULL, "passed over: %s: %s",
                    device_name_text(&device, name, sizeof name), passed->list[i].why);
    }
    if (passed->count > TOLD_MAX)
        report_note(report, NULL, "passed over: %zu more devices", passed->count - TOLD_MAX);
}

void passed_over_free(struct passed_over *passed)
{
    for (size_t i = 0; i < passed->count; i++)
        free(passed->list[i].why);
    free(passed->list);
    *passed = (struct passed_over){ .count = 0 };
}
