/*
 * Devices by mDNS: whatever is seen and answered, in whatever order, the catalogue keeps within its
 * limits and tells of each device in order; and what it tells is a row and a JSON object that can
 * be shown as they are.
 */
#include "cli/discover/catalogue.h"
#include "cli/discover/discover_json.h"
#include "cli/discover/discover_table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAMES_MAX   256 /* sightings, and so names, of one input */
#define QUERIES_MAX (NAMES_MAX * CATALOGUE_ENTRY_QUERIES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *at;
    size_t left;
};

struct world {
    struct catalogue *catalogue;
    uint64_t now_ms;
    char told[NAMES_MAX][DEVICE_NAME_MAX];
    size_t told_count;
    struct catalogue_query *queries[QUERIES_MAX]; /* open */
    size_t query_count;
    size_t seen; /* times */
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static uint8_t byte(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

/* A text of at most `max` bytes as long as the next byte says; it ends at a NUL as well. */
static void text(struct input *in, char *out, size_t max)
{
    size_t len = byte(in) % (max + 1);

    if (len > in->left)
        len = in->left;
    if (len > 0)
        memcpy(out, in->at, len);
    out[len] = '\0';
    in->at += len;
    in->left -= len;
}

/* --- What is told ----------------------------------------------------------------------------- */

static void check_text(const char *shown)
{
    json_t *utf8 = json_string(shown);

    require(utf8 != NULL);
    json_decref(utf8);
    for (const unsigned char *at = (const unsigned char *)shown; *at; at++)
        require(*at >= 0x20 && *at != 0x7F && !(at[0] == 0xC2 && at[1] < 0xA0));
}

static void check_row(const struct device *device)
{
    struct discover_widths widths = discover_widths_usual();
    struct discover_row row;
    char *line = NULL;
    size_t len = 0;

    discover_row_fill(&row, device);
    discover_widths_add(&widths, &row);
    FILE *out = open_memstream(&line, &len);
    require(out != NULL);
    discover_row_print(out, &row, &widths);
    fclose(out);
    require(len > 0 && line[len - 1] == '\n' && strlen(line) == len);
    line[len - 1] = '\0';
    check_text(line);
    free(line);
}

static void check_json(const struct device *device)
{
    char *line = discover_json_line(device, "add");

    require(line != NULL);
    check_text(line);
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    require(object && json_object_size(object) == 9);
    require(json_is_string(json_object_get(object, "name")));
    require(json_is_string(json_object_get(object, "hostname")));
    require(json_is_object(json_object_get(object, "txt")));
    json_decref(object);
    free(line);
}

static void check_device(const struct device *device)
{
    char shown[4 * DEVICE_HOST_MAX];
    size_t len = strlen(device->name);

    require(len > 0 && len < DEVICE_NAME_MAX && device->txt_len <= ANSWER_TXT_MAX);
    require(strlen(device->host) < DEVICE_HOST_MAX);
    require(device->interface_count <= DEVICE_INTERFACES_MAX);
    require(address_port(&device->address) != 0);
    require(device_is_called(device, device->name));
    device_matches(device, "*[!a]?");
    check_text(device_host_text(device, shown, sizeof shown));
    check_row(device);
    check_json(device);
}

static void tell(struct world *world, const struct catalogue_wish *wish)
{
    size_t i = 0;

    check_device(wish->device);
    while (i < world->told_count && strcasecmp(world->told[i], wish->device->name) != 0)
        i++;
    require((i < world->told_count) == (wish->event != FINDER_ADDED));
    if (wish->event == FINDER_ADDED)
        memcpy(world->told[world->told_count++], wish->device->name, DEVICE_NAME_MAX);
    else if (wish->event == FINDER_REMOVED)
        memmove(world->told[i], world->told[--world->told_count], DEVICE_NAME_MAX);
}

static void drop(struct world *world, const struct catalogue_query *query)
{
    size_t i = 0;

    while (i < world->query_count && world->queries[i] != query)
        i++;
    require(i < world->query_count);
    world->queries[i] = world->queries[--world->query_count];
}

/* What holds whenever there is nothing left to wish. */
static void check_rest(const struct world *world)
{
    const struct device **devices;
    size_t count = catalogue_devices(world->catalogue, &devices);
    size_t in_flight = 0;

    require(count == world->told_count && (count == 0) == (devices == NULL));
    for (size_t i = 1; i < count; i++)
        require(strcasecmp(devices[i - 1]->name, devices[i]->name) < 0);
    free(devices);
    for (size_t i = 0; i < world->query_count; i++) {
        require(world->queries[i]->entry != NULL);
        in_flight += world->queries[i]->state == CATALOGUE_QUERY_ASKED &&
                     world->queries[i]->asked_ms + CATALOGUE_FLIGHT_MS > world->now_ms;
    }
    require(in_flight <= CATALOGUE_IN_FLIGHT_MAX);
}

static void run(struct world *world)
{
    struct catalogue_wish wish;

    while (catalogue_next(world->catalogue, world->now_ms, &wish)) {
        switch (wish.kind) {
        case CATALOGUE_ASK:
            require(world->query_count < QUERIES_MAX);
            require(wish.query->address_family == wish.address_family);
            world->queries[world->query_count++] = wish.query;
            break;
        case CATALOGUE_DROP:
            drop(world, wish.query);
            break;
        case CATALOGUE_TELL:
            tell(world, &wish);
            break;
        }
    }
    check_rest(world);
}

/* --- What is taken in ------------------------------------------------------------------------- */

/* One of a few names, or any. */
static void take_name(struct input *in, char name[DEVICE_NAME_MAX])
{
    uint8_t which = byte(in);

    if (which < 0xC0)
        snprintf(name, DEVICE_NAME_MAX, "%c", which % 3 ? 'a' + which % 16 : 'A' + which % 16);
    else
        text(in, name, DEVICE_NAME_MAX - 1);
}

static void take_sighting(struct world *world, struct input *in, bool seen)
{
    char name[DEVICE_NAME_MAX];
    uint8_t where = byte(in);
    const struct mdns_sighting sighting = {
        .name = name,
        .interface = where >> 1,
        .family = where & 1 ? AF_INET : AF_INET6,
    };

    take_name(in, name);
    if (!seen)
        catalogue_unseen(world->catalogue, &sighting);
    else if (world->seen < NAMES_MAX)
        world->seen += catalogue_seen(world->catalogue, &sighting);
}

static void take_answer(struct world *world, struct input *in)
{
    char host[DEVICE_HOST_MAX];
    uint8_t which = byte(in);
    uint8_t kind = byte(in);
    struct mdns_service service = { .host = host };
    uint8_t bytes[16];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = kind & 2 ? byte(in) : (uint8_t)(kind + i);
    if (kind & 1) {
        service.address.len = sizeof service.address.u.v4;
        service.address.u.v4.sin_family = AF_INET;
        memcpy(&service.address.u.v4.sin_addr, bytes, 4);
    } else {
        service.address.len = sizeof service.address.u.v6;
        service.address.u.v6.sin6_family = AF_INET6;
        memcpy(&service.address.u.v6.sin6_addr, bytes, 16);
        if (kind & 4)
            memcpy(&service.address.u.v6.sin6_addr, "\xfe\x80\0\0\0\0\0", 8);
    }
    address_set_port(&service.address, kind & 8 ? byte(in) : 8266);
    text(in, host, 255);
    /* The rest of the input, a part of it, or much more of it than there is. */
    size_t len = byte(in);
    size_t times = kind & 16 ? 300 : 1;
    if (len > in->left)
        len = in->left;
    uint8_t *txt = malloc(len * times + 1);
    require(txt != NULL);
    for (size_t i = 0; i < times && len > 0; i++)
        memcpy(txt + i * len, in->at, len);
    in->at += len;
    in->left -= len;
    service.txt = txt;
    service.txt_len = len * times;
    if (world->query_count > 0)
        catalogue_answer(world->catalogue, world->queries[which % world->query_count],
                         kind & 32 ? NULL : &service, world->now_ms);
    free(txt);
}

static void forget(struct world *world)
{
    run(world);
    catalogue_begin_round(world->catalogue);
    catalogue_forget_queries(world->catalogue);
    world->query_count = 0;
}

static void step(struct world *world, struct input *in)
{
    uint8_t what = byte(in);

    switch (what & 7) {
    case 0:
    case 1:
        take_sighting(world, in, true);
        break;
    case 2:
        take_sighting(world, in, false);
        break;
    case 3:
    case 4:
        take_answer(world, in);
        break;
    case 5:
        world->now_ms += byte(in);
        break;
    case 6:
        if (what & 8)
            catalogue_begin_round(world->catalogue);
        else
            catalogue_end_round(world->catalogue);
        break;
    case 7:
        forget(world);
        break;
    }
    if ((what & 0x80) == 0)
        run(world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *world = calloc(1, sizeof *world);
    struct input in = { data, size };

    require(world != NULL);
    if (byte(&in) % 4 != 3)
        world->catalogue = catalogue_new(AF_UNSPEC);
    else
        world->catalogue = catalogue_new(byte(&in) & 1 ? AF_INET : AF_INET6);
    require(world->catalogue != NULL);
    while (in.left > 0)
        step(world, &in);
    run(world);
    catalogue_free(world->catalogue);
    free(world);
    return 0;
}
