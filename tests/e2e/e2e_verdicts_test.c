/*
 * Many devices at once, of which a good part go wrong, each in another way: every verdict is
 * right, and nobody waits for the slow ones.
 */
#include "e2e_board.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

E2E_SUITE(verdicts);

#define IMAGE_SIZE 200000

/* A receive buffer this small is full at once when nobody reads. */
#define STALL_BUFFER 4096

enum kind {
    HEALTHY,
    LOCKED,   /* has another password than all others */
    ABSENT,   /* nobody is there */
    SILENT,   /* swallows everything */
    REFUSING, /* says so when it is invited */
    STALLED,  /* connects, and soon reads no more */
    LEAVING,  /* takes everything, and closes without a verdict */
    FAILING,  /* takes everything, and reports an error */
};

static const enum kind kinds[] = {
    HEALTHY, ABSENT,  HEALTHY, REFUSING, HEALTHY, STALLED, HEALTHY, LOCKED,   HEALTHY, LEAVING,
    HEALTHY, FAILING, HEALTHY, SILENT,   HEALTHY, STALLED, HEALTHY, REFUSING, HEALTHY, LOCKED,
};

#define DEVICES (sizeof kinds / sizeof kinds[0])

/* What its result must be. */
static const struct expected {
    const char *status;
    int code;
} expected[] = {
    [HEALTHY] = { "updated", 0 },       [LOCKED] = { "password-rejected", 6 },
    [ABSENT] = { "no-answer", 5 },      [SILENT] = { "no-answer", 5 },
    [REFUSING] = { "device-error", 8 }, [STALLED] = { "transfer-broken", 9 },
    [LEAVING] = { "no-verdict", 10 },   [FAILING] = { "device-error", 8 },
};

static const struct device_step *const scripts[] = {
    [SILENT] = (const struct device_step[]){ DEVICE_END },
    [REFUSING] = (const struct device_step[]){ DEVICE_INVITED,
                                               DEVICE_ANSWER("ERR: ERROR[4]: Not Enough Space"),
                                               DEVICE_END },
    [STALLED] = (const struct device_step[]){ DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT,
                                              DEVICE_READ(STALL_BUFFER), DEVICE_HOLD, DEVICE_END },
    [LEAVING] = (const struct device_step[]){ DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT,
                                              DEVICE_RECEIVE, DEVICE_CLOSE, DEVICE_END },
    [FAILING] =
        (const struct device_step[]){ DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT,
                                      DEVICE_RECEIVE, DEVICE_WRITE("ERROR[7]: MD5 Check Failed"),
                                      DEVICE_CLOSE, DEVICE_END },
};

struct device {
    char address[16];
    struct board board;             /* HEALTHY, LOCKED */
    struct scripted_device *script; /* the others, or NULL */
    size_t place;                   /* of its result among all results, from 1 on; 0: none yet */
};

static struct device devices[DEVICES];
static struct port_text port;

/* Addresses that no other test on this machine has, so that all devices can have one port. */
static void name_device(size_t index)
{
    unsigned own = (unsigned)getpid();

    snprintf(devices[index].address, sizeof devices[index].address, "127.%u.%u.%zu",
             128 + own / 256 % 64, own % 256, index + 1);
}

static void start_device(size_t index)
{
    struct device *device = &devices[index];
    enum kind kind = kinds[index];
    char flash[16];

    name_device(index);
    snprintf(flash, sizeof flash, "flash-%zu", index);
    if (kind == HEALTHY || kind == LOCKED) {
        device->board = board_start(
            flash, ARGS("--bind", device->address, "--port", index ? port.text : "0", "--auth",
                        "md5", "--password", kind == HEALTHY ? "right" : "another"));
        port = device->board.port;
    } else if (kind != ABSENT) {
        device->script = device_play(
            scripts[kind],
            &(struct device_options){ .address = device->address,
                                      .port = (uint16_t)strtoul(port.text, NULL, 10),
                                      .receive_buffer = kind == STALLED ? STALL_BUFFER : 0 });
    }
}

static struct process *run_uploader(const struct e2e_image *image, const char *const *more)
{
    const char *argv[ARGUMENTS_MAX] = { "--json", "-f", image->path.text, "-p", port.text };
    size_t used = 5;

    for (; *more; more++)
        argv[used++] = *more;
    for (size_t i = 0; i < DEVICES; i++) {
        argv[used++] = "-i";
        argv[used++] = devices[i].address;
    }
    argv[used] = NULL;
    return uploader_run(argv);
}

static struct device *find_device(const char *address)
{
    for (size_t i = 0; i < DEVICES; i++) {
        if (strcmp(devices[i].address, address) == 0)
            return &devices[i];
    }
    cr_assert_fail("an unknown device: %s", address);
    return NULL;
}

/* Every result line has its device's verdict; their order is noted. */
static void check_results(const struct process *uploader)
{
    size_t results = 0;

    for (const char *line = uploader->out.text; *line; line = strchr(line, '\n') + 1) {
        json_t *object = json_loadb(line, strcspn(line, "\n"), 0, NULL);
        cr_assert(object, "no JSON: %.200s", line);
        const char *event = json_string_value(json_object_get(object, "event"));
        if (event && strcmp(event, "result") == 0) {
            struct device *device =
                find_device(json_string_value(json_object_get(object, "device")));
            const struct expected *wanted = &expected[kinds[device - devices]];
            cr_assert_eq(device->place, 0, "two results: %s", device->address);
            device->place = ++results;
            cr_assert_str_eq(json_string_value(json_object_get(object, "status")), wanted->status,
                             "%.300s", line);
            cr_assert_eq(json_integer_value(json_object_get(object, "code")), wanted->code);
        }
        json_decref(object);
    }
    cr_assert_eq(results, DEVICES);
}

/* The healthy hold the very image; those that took all of it got nothing else. */
static void check_devices(const struct e2e_image *image)
{
    const struct md5_text md5 = e2e_md5(&image->content);

    for (size_t i = 0; i < DEVICES; i++) {
        struct device_record seen;
        if (kinds[i] == HEALTHY) {
            struct board_image stored = board_updated(&devices[i].board);
            cr_assert_str_eq(stored.md5, md5.text);
            expect_in_flash(&devices[i].board, &stored, image);
        }
        if (!devices[i].script)
            continue;
        scripted_device_finish(devices[i].script, &seen);
        cr_assert(seen.completed, "%s: %s", devices[i].address, seen.problem);
        if (kinds[i] == LEAVING || kinds[i] == FAILING)
            cr_assert_str_eq(seen.connection[0].md5, md5.text);
    }
}

Test(verdicts, are_right_and_nobody_waits_for_the_slow)
{
    struct e2e_image image = e2e_sketch(IMAGE_SIZE);
    size_t last_healthy = 0;
    size_t first_slow = DEVICES;

    for (size_t i = 0; i < DEVICES; i++)
        start_device(i);
    struct process *uploader = run_uploader(
        &image, ARGS("-a", "right", "-t", "5", "--stall-timeout", "5", "--retries", "0"));
    expect_exit(uploader, 1);
    check_results(uploader);
    for (size_t i = 0; i < DEVICES; i++) {
        bool is_slow = kinds[i] == STALLED || kinds[i] == SILENT;
        if (kinds[i] == HEALTHY && devices[i].place > last_healthy)
            last_healthy = devices[i].place;
        if (is_slow && devices[i].place < first_slow)
            first_slow = devices[i].place;
    }
    cr_assert_lt(last_healthy, first_slow);
    check_devices(&image);
}
