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
    wanted->list[wanted->count] = *device;
    wanted->list[wanted->count++].name = device->text;
    return true;
}

/* Have a text of the heap, or NULL, released with the list. NULL without memory. */
static const char *keep(struct wanted_list *wanted, char *text)
{
    size_t count = wanted->text_count;

    if (text && (count & (count + 1)) == 0) { /* room for 1, 3, 7 and so on is used up */
        char **texts = reallocarray(wanted->texts, 2 * count + 1, sizeof *texts);
        if (!texts) {
            free(text);
            return NULL;
        }
        wanted->texts = texts;
    }
    if (text)
        wanted->texts[wanted->text_count++] = text;
    return text;
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
static const char *copy(const struct reading *reading, const struct device_slice *slice)
{
    const char *text = keep(reading->wanted, strndup(slice->text, slice->len));

    if (!text)
        complain(reading, EXIT_LOCAL_FAILURE, strerror(ENOMEM));
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
    struct wanted device = { .text = copy(reading, &line->name), .port = line->port };

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

/* --- What is named several times -------------------------------------------------------------- */

/* By text, then by what tells devices of one text apart. */
static int compare(const struct wanted *a, const struct wanted *b)
{
    int order = strcmp(a->text, b->text);

    if (order == 0)
        order = (int)a->port - (int)b->port;
    return order != 0 ? order : (int)a->is_all - (int)b->is_all;
}

/* The same for qsort(); of equal ones that comes first which was named first. */
static int compare_places(const void *a, const void *b)
{
    const struct wanted *left = *(struct wanted *const *)a;
    const struct wanted *right = *(struct wanted *const *)b;
    int order = compare(left, right);

    return order != 0 ? order : (left > right) - (left < right);
}

/* Those of one text with several ports, as at a host with several devices, are told apart by that.
 */
static bool name_by_port(struct wanted_list *wanted, struct wanted **same, size_t count)
{
    struct address address;
    bool needs_brackets = same[0]->text[0] != '[' && strchr(same[0]->text, ':') &&
                          address_parse(&address, same[0]->text);

    if (same[0]->port == same[count - 1]->port || is_glob(same[0]))
        return true;
    for (size_t i = 0; i < count; i++) {
        char *name = NULL;
        if (same[i]->port == 0)
            continue;
        if (asprintf(&name, needs_brackets ? "[%s]:%u" : "%s:%u", same[i]->text, same[i]->port) < 0)
            name = NULL;
        same[i]->name = keep(wanted, name);
        if (!same[i]->name)
            return false;
    }
    return true;
}

/* One that is named again has no name; its password is that of the one before, which has none. */
static void drop_repeated(struct wanted **same, size_t count)
{
    for (size_t i = count; --i > 0;) {
        if (compare(same[i], same[i - 1]) != 0)
            continue;
        same[i]->name = NULL;
        if (!same[i - 1]->password)
            same[i - 1]->password = same[i]->password;
    }
}

/* Sorted, as they are in `places`. */
static bool name_all(struct wanted_list *wanted, struct wanted **places)
{
    size_t count;

    for (size_t first = 0; first < wanted->count; first += count) {
        count = 1;
        while (first + count < wanted->count &&
               strcmp(places[first]->text, places[first + count]->text) == 0)
            count++;
        if (!name_by_port(wanted, places + first, count))
            return false;
        drop_repeated(places + first, count);
    }
    return true;
}

/* Leave out what is named again, and name what is left. */
static bool settle_names(struct wanted_list *wanted, struct failure *failure)
{
    struct wanted **places = calloc(wanted->count + 1, sizeof(struct wanted *));
    size_t left = 0;

    for (size_t i = 0; places && i < wanted->count; i++)
        places[i] = &wanted->list[i];
    if (places)
        qsort(places, wanted->count, sizeof *places, compare_places);
    if (!places || !name_all(wanted, places)) {
        free(places);
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    }
    free(places);
    for (size_t i = 0; i < wanted->count; i++) {
        if (wanted->list[i].name)
            wanted->list[left++] = wanted->list[i];
    }
    wanted->repeated = wanted->count - left;
    wanted->count = left;
    return true;
}

bool wanted_gather(struct wanted_list *wanted, const struct upload_options *options,
                   struct failure *failure)
{
    if (gather(wanted, options, failure) && check_board(wanted, options, failure) &&
        settle_names(wanted, failure))
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
