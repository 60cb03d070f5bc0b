#include "cli/push/wanted.h"

#include "cli/discover/target.h"
#include "cli/printable.h"
#include "cli/push/device_list.h"
#include "cli/push/list_file.h"
#include "cli/push/password_pool.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Devices of one run, at most. */
#define WANTED_MAX 100000u

/* Reading one list. */
struct reading {
    struct wanted_list *wanted;
    const char *path;
    const char *name; /* of the list, printable */
    struct device_list list;
    struct failure *failure;
};

static bool is_glob(const struct wanted *wanted)
{
    struct address address;

    return target_kind(wanted->text, &address) == TARGET_GLOB;
}

static bool add(struct wanted_list *wanted, const struct wanted *device, struct failure *failure)
{
    if (wanted->count == WANTED_MAX)
        return failure_set(failure, EXIT_BAD_USAGE, "more than %u devices are named", WANTED_MAX);
    if (wanted->count == wanted->room) {
        size_t room = wanted->room > 0 ? 2 * wanted->room : 16;
        struct wanted *list = realloc(wanted->list, room * sizeof *list);
        if (!list)
            return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
        wanted->list = list;
        wanted->room = room;
    }
    wanted->list[wanted->count++] = *device;
    return true;
}

/* --- Lists ------------------------------------------------------------------------------------ */

/* A failure of the line that was read last. False. */
static bool complain(const struct reading *reading, enum exit_code code, const char *text)
{
    struct failure copy;

    failure_set(&copy, code, "%.500s:%u: %s", reading->name, reading->list.line, text);
    *reading->failure = copy;
    return false;
}

/* A copy that lives as long as the list; NULL with the failure filled in. */
static const char *keep(const struct reading *reading, const struct device_slice *slice)
{
    struct wanted_list *wanted = reading->wanted;
    size_t count = wanted->text_count;

    if ((count & (count + 1)) == 0) { /* room for 1, 3, 7 and so on is used up */
        char **texts = realloc(wanted->texts, (2 * count + 1) * sizeof *texts);
        if (!texts) {
            complain(reading, EXIT_LOCAL_FAILURE, strerror(ENOMEM));
            return NULL;
        }
        wanted->texts = texts;
    }
    char *text = strndup(slice->text, slice->len);
    if (!text) {
        complain(reading, EXIT_LOCAL_FAILURE, strerror(ENOMEM));
        return NULL;
    }
    wanted->texts[wanted->text_count++] = text;
    return text;
}

/* The password of a line's own file, whose path is relative to the folder of the list. */
static const struct push_password *read_password(const struct reading *reading,
                                                 const struct device_slice *file)
{
    const char *slash = strrchr(reading->path, '/');
    size_t folder = slash && file->text[0] != '/' ? (size_t)(slash + 1 - reading->path) : 0;
    char path[PATH_MAX];
    struct failure why;

    if (folder + file->len >= sizeof path) {
        complain(reading, EXIT_BAD_USAGE, "the path of the auth-file is too long");
        return NULL;
    }
    memcpy(path, reading->path, folder);
    memcpy(path + folder, file->text, file->len);
    path[folder + file->len] = '\0';
    const struct push_password *password =
        password_pool_get(&reading->wanted->passwords, path, &why);
    if (!password)
        complain(reading, why.code, why.text);
    return password;
}

static bool take_line(const struct reading *reading, const struct device_line *line)
{
    struct wanted device = { .text = keep(reading, &line->name), .port = line->port };

    if (!device.text)
        return false;
    if (line->auth_file.len > 0) {
        device.password = read_password(reading, &line->auth_file);
        if (!device.password)
            return false;
    }
    return add(reading->wanted, &device, reading->failure);
}

static bool take_lines(struct reading *reading, const char *text, size_t len)
{
    struct device_line line;
    enum device_list_step step;
    bool any = false;

    device_list_begin(&reading->list, text, len);
    while ((step = device_list_next(&reading->list, &line)) == DEVICE_LIST_DEVICE) {
        if (!take_line(reading, &line))
            return false;
        any = true;
    }
    if (step == DEVICE_LIST_BAD)
        return complain(reading, EXIT_BAD_USAGE, reading->list.why);
    return any || failure_set(reading->failure, EXIT_BAD_USAGE, "%.500s: it names no device",
                              reading->name);
}

static bool read_list(struct wanted_list *wanted, const char *path, struct failure *failure)
{
    char name[4 * 256];
    size_t len;
    struct reading reading = { .wanted = wanted, .path = path, .name = name, .failure = failure };

    if (strcmp(path, "-") == 0)
        snprintf(name, sizeof name, "standard input");
    else
        printable(name, sizeof name, failure_path(path));
    char *text = list_file_read(path, name, &len, failure);
    bool ok = text && take_lines(&reading, text, len);
    free(text);
    return ok;
}

/* --- The command line ------------------------------------------------------------------------- */

static bool take_option(struct wanted_list *wanted, const char *text, struct failure *failure)
{
    if (strcmp(text, "-") == 0)
        return read_list(wanted, text, failure);
    if (text[0] == '@')
        return read_list(wanted, text + 1, failure);
    return add(wanted, &(struct wanted){ .text = text }, failure);
}

static bool gather(struct wanted_list *wanted, const struct upload_options *options,
                   struct failure *failure)
{
    static const struct wanted all = { .text = "*", .is_all = true };

    for (size_t i = 0; i <= options->device_count; i++) {
        if (options->all && i == options->before_all && !add(wanted, &all, failure))
            return false;
        if (i < options->device_count && !take_option(wanted, options->devices[i], failure))
            return false;
    }
    return true;
}

/* A board narrows patterns alone. */
static bool check_board(const struct wanted_list *wanted, const struct upload_options *options,
                        struct failure *failure)
{
    bool any_glob = !options->board;

    for (size_t i = 0; i < wanted->count && !any_glob; i++)
        any_glob = is_glob(&wanted->list[i]);
    return any_glob || failure_set(failure, EXIT_BAD_USAGE,
                                   "--board goes with --all, or a pattern such as 'kitchen-*'");
}

bool wanted_gather(struct wanted_list *wanted, const struct upload_options *options,
                   struct failure *failure)
{
    if (gather(wanted, options, failure) && check_board(wanted, options, failure))
        return true;
    wanted_free(wanted);
    return false;
}

bool wanted_are_several(const struct wanted_list *wanted)
{
    return wanted->count > 1 || (wanted->count == 1 && is_glob(&wanted->list[0]));
}

void wanted_free(struct wanted_list *wanted)
{
    for (size_t i = 0; i < wanted->text_count; i++)
        free(wanted->texts[i]);
    free(wanted->texts);
    free(wanted->list);
    password_pool_free(wanted->passwords);
    *wanted = (struct wanted_list){ .count = 0 };
}
