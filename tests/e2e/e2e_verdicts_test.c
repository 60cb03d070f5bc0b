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
    BREAKING, /* soon reads no more, and reports an error of few bytes */
};

/* What its result must be. */
static const struct expected {
    const char *status;
    int code;
} expected[] = {
    [HEALTHY] = { "updated", 0 },       [LOCKED] = { "password-rejected", 6 },
    [ABSENT] = { "no-answer", 5 },      [SILENT] = { "no-answer", 5 },
    [REFUSING] = { "device-error", 8 }, [STALLED] = { "transfer-broken", 9 },
    [LEAVING] = { "no-verdict", 10 },   [FAILING] = { "device-error", 8 },
    [BREAKING] = { "device-error", 8 },
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
    /* Not before the timers of the invitations have rung: they have a look as well. */
    [BREAKING] = (const struct device_step[]){ DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT,
                                               DEVICE_READ(STALL_BUFFER), DEVICE_SLEEP(2000),
                                               DEVICE_WRITE("ERROR[4]: No Space\n"), DEVICE_HOLD,
                                               DEVICE_END },
};

#define DEVICES_MAX 80

static struct device {
    enum kind kind;
    char address[16];
    struct board board;             /* HEALTHY, LOCKED */
    struct scripted_device *script; /* the others, or NULL */
    bool has_result;
} devices[DEVICES_MAX];

static size_t device_count;
static struct port_text port;

/* These end only once they are released: the uploader is given limits that no test waits for. */
static bool is_slow(const struct device *device)
{
    return device->kind == STALLED || device->kind == SILENT;
}

/* Addresses that no other test on this machine has, so that all devices can have one port. */
static void name_device(struct device *device)
{
    unsigned own = (unsigned)getpid();

    snprintf(device->address, sizeof device->address, "127.%u.%u.%zu", 128 + own / 256 % 64,
             own % 256, (size_t)(device - devices) + 1);
}

static void start_board(struct device *device, const char *password)
{
    char flash[16];

    snprintf(flash, sizeof flash, "flash-%zu", (size_t)(device - devices));
    device->board = board_start(flash, ARGS("--bind", device->address, "--port", port.text,
                                            "--auth", "md5", "--password", password));
}

/* The first one's port, which the system chooses, is that of all. */
static void start_device(enum kind kind)
{
    struct device *device = &devices[device_count++];

    device->kind = kind;
    name_device(device);
    if (kind == HEALTHY || kind == LOCKED) {
        start_board(device, kind == HEALTHY ? "right" : "another");
        port = device->board.port;
    } else if (kind != ABSENT) {
        device->script = device_play(
            scripts[kind],
            &(struct device_options){ .address = device->address,
                                      .port = (uint16_t)strtoul(port.text, NULL, 10),
                                      .receive_buffer =
                                          kind == STALLED || kind == BREAKING ? STALL_BUFFER : 0 });
        port = port_text(scripted_device_port(device->script));
    }
}

static struct process *start_uploader(const struct e2e_image *image)
{
    const struct temp_path list = temp_path(&e2e_folder, "list");
    FILE *file = fopen(list.text, "w");

    cr_assert(file, "%s", list.text);
    for (size_t i = 0; i < device_count; i++)
        fprintf(file, "%s\n", devices[i].address);
    cr_assert_eq(fclose(file), 0);
    return program_start(E2E_UPLOADER,
                         ARGS("--json", "-f", image->path.text, "-p", port.text, "-i", "@list",
                              "-a", "right", "--jobs", "100", "-t", "300", "--stall-timeout", "300",
                              "--retries", "0"),
                         NULL);
}

static struct device *find_device(const char *address)
{
    for (size_t i = 0; i < device_count; i++) {
        if (strcmp(devices[i].address, address) == 0)
            return &devices[i];
    }
    cr_assert_fail("an unknown device: %s", address);
    return NULL;
}

/* True when the line is a result; it must be its device's first, and the right one. */
static bool take_line(const char *line)
{
    json_t *object = json_loads(line, 0, NULL);

    cr_assert(object, "no JSON: %.200s", line);
    const char *event = json_string_value(json_object_get(object, "event"));
    bool is_result = event && strcmp(event, "result") == 0;
    if (is_result) {
        struct device *device = find_device(json_string_value(json_object_get(object, "device")));
        const struct expected *wanted = &expected[device->kind];
        cr_assert_not(device->has_result, "two results: %s", device->address);
        device->has_result = true;
        cr_assert_str_eq(json_string_value(json_object_get(object, "status")), wanted->status,
                         "%.300s", line);
        cr_assert_eq(json_integer_value(json_object_get(object, "code")), wanted->code);
    }
    json_decref(object);
    return is_result;
}

static void read_results(struct process *uploader, size_t wanted)
{
    static char line[16384];

    for (size_t results = 0; results < wanted; results += take_line(line))
        cr_assert(process_read_line(uploader, &uploader->out, line, sizeof line, E2E_PATIENCE_MS),
                  "%zu results instead of %zu; stdout:\n%s", results, wanted, uploader->out.text);
}

/* Let a scripted one end, and with it its port and its connection. */
static void finish_script(struct device *device, const struct md5_text *md5)
{
    struct device_record seen;

    scripted_device_finish(device->script, &seen);
    device->script = NULL;
    cr_assert(seen.completed, "%s: %s", device->address, seen.problem);
    if (device->kind == LEAVING || device->kind == FAILING)
        cr_assert_str_eq(seen.connection[0].md5, md5->text);
}

/* The healthy hold the very image; those that took all of it got nothing else. */
static void check_devices(const struct e2e_image *image, const struct md5_text *md5)
{
    for (size_t i = 0; i < device_count; i++) {
        if (devices[i].kind == HEALTHY) {
            struct board_image stored = board_updated(&devices[i].board);
            cr_assert_str_eq(stored.md5, md5->text);
            expect_in_flash(&devices[i].board, &stored, image);
        }
        if (devices[i].script)
            finish_script(&devices[i], md5);
    }
}

/* All that are not slow have their result while the slow ones still have none. */
static void upload_to_all(void)
{
    struct e2e_image image = e2e_sketch(IMAGE_SIZE);
    struct md5_text md5 = e2e_md5(&image.content);
    struct process *uploader = start_uploader(&image);
    size_t slow = 0;

    for (size_t i = 0; i < device_count; i++)
        slow += is_slow(&devices[i]);
    read_results(uploader, device_count - slow);
    for (size_t i = 0; i < device_count; i++) {
        cr_assert(!is_slow(&devices[i]) || !devices[i].has_result, "%s", devices[i].address);
        if (is_slow(&devices[i]))
            finish_script(&devices[i], &md5);
    }
    read_results(uploader, slow);
    program_finish(uploader);
    expect_exit(uploader, 1);
    check_devices(&image, &md5);
}

Test(verdicts, are_right_and_nobody_waits_for_the_slow)
{
    static const enum kind kinds[] = {
        HEALTHY, ABSENT,  HEALTHY, REFUSING, HEALTHY, STALLED, HEALTHY, LOCKED,   HEALTHY, LEAVING,
        HEALTHY, FAILING, HEALTHY, SILENT,   HEALTHY, STALLED, HEALTHY, REFUSING, HEALTHY, LOCKED,
    };

    port = port_text(0);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        start_device(kinds[i]);
    upload_to_all();
}

/* More at once than are looked at in one turn: the last ones have theirs all the same. */
Test(verdicts, of_few_bytes_are_heard_in_a_crowd)
{
    port = port_text(0);
    for (size_t i = 0; i < DEVICES_MAX; i++)
        start_device(i < DEVICES_MAX - 5 ? STALLED : BREAKING);
    upload_to_all();
}
