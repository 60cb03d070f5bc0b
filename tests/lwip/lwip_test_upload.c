/*
 * lwip-upload: whole updates through the port to lwIP, with the responder and the updater over slow
 * flash, from seeds. What is in flash in the end must be what was sent.
 */
#include "lwip_test_device.h"
#include "lwip_test_platform.h"
#include "lwip_test_run.h"
#include "lwip_test_uploader.h"
#include "lwip_test_wire.h"

#include <lwip/priv/tcp_priv.h>
#include <lwip/timeouts.h>
#include <stddef.h>
#include <string.h>

/* With faults, an image that has not arrived after this time never will. */
#define PATIENCE_MS (2 * 3600 * 1000u)

#define LOST_MAX  30 /* of a thousand frames */
#define LATE_MAX  50
#define FAILS_MAX 10 /* of a thousand allocations */

enum upload_count {
    UPLOAD_IMAGES,
    UPLOAD_BYTES,
    UPLOAD_ATTEMPTS,
    UPLOAD_FAILURES, /* that the device noticed */
    UPLOAD_FULL,     /* polls that left the uploader no window */
    UPLOAD_SECONDS,  /* virtual */
    UPLOAD_COUNTS,
};

struct upload {
    struct sim_random random;
    struct lwip_test_device device;
    struct lwip_test_uploader uploader;
    struct sim_image images[SIM_IMAGES_MAX]; /* the board knows them: they stay */
    struct sim_image *image;                 /* the one that is being sent */
    bool is_calm;                            /* nothing goes wrong in this seed */
    enum lwip_test_ip ip;
};

static void choose_faults(struct upload *upload)
{
    uint32_t lost = sim_random_below(&upload->random, LOST_MAX);
    uint32_t late = sim_random_below(&upload->random, LATE_MAX);

    if (upload->is_calm)
        return;
    lwip_test_wire_spoil(lost, late);
    lwip_test_memory_fails(sim_random_below(&upload->random, FAILS_MAX));
}

/* Any size; often the largest that there is room for. */
static void choose_image(struct upload *upload, uint32_t number)
{
    struct sim_board *board = &upload->device.board;
    struct sim_random *random = &upload->random;
    bool is_filesystem = sim_random_chance(random, 250);
    uint32_t max = is_filesystem ? ota_layout_filesystem_max(&board->layout, 1 - board->boot.slot)
                                 : ota_layout_sketch_max(&board->layout, 1 - board->boot.slot);
    uint32_t size =
        sim_random_chance(random, 250) ? max : sim_random_range(random, SIM_SKETCH_MIN, max);

    /* Seeds of images: 1 is what the device came with. */
    lwip_test_require(is_filesystem ? sim_filesystem_make(upload->image, size, number + 2)
                                    : sim_sketch_make(upload->image, size, number + 2),
                      "memory ran out");
}

/* Sleep until somebody has something to do, or one frame's time while there are some. */
static void pass_time(const struct upload *upload, uint64_t uploader_due, bool news)
{
    uint64_t until = lwip_test_elapsed() + sys_timeouts_sleeptime();

    if (uploader_due < until)
        until = uploader_due;
    if (upload->device.due < until)
        until = upload->device.due;
    if (news || until <= lwip_test_elapsed())
        lwip_test_pass(1);
    else
        lwip_test_pass((uint32_t)(until - lwip_test_elapsed()));
}

/* One round of everybody's main loop. The device is called when its port says so, or has news. */
static void step(struct upload *upload)
{
    bool news = lwip_test_wire_deliver(1 + sim_random_below(&upload->random, 20));
    uint64_t uploader_due;

    if (sys_timeouts_sleeptime() == 0) {
        sys_check_timeouts();
        news = true;
    }
    uploader_due = lwip_test_uploader_step(&upload->uploader);
    lwip_test_device_round(&upload->device, news);
    pass_time(upload, uploader_due, news);
}

/* That the image counts, and is what was sent. */
static void check_staged(const struct upload *upload)
{
    const struct lwip_test_device *device = &upload->device;
    const struct sim_image *image = upload->image;

    lwip_test_require(device->updated && device->stored.size == image->body.size &&
                          memcmp(device->stored.md5, image->body.md5, sizeof image->body.md5) == 0,
                      "another image counts than the one that was sent");
    lwip_test_require(memcmp(device->board.nor.cells + device->stored.offset, image->bytes,
                             image->body.size) == 0,
                      "flash holds something else than what was sent");
    if (upload->is_calm)
        lwip_test_require(upload->uploader.told && upload->uploader.attempts == 1 &&
                              device->failures == 0,
                          "an update failed though nothing went wrong");
}

/* That it is in use. */
static void check_started(const struct upload *upload)
{
    const struct sim_board *board = &upload->device.board;
    const struct sim_image *image = upload->image;
    const char *fault = sim_board_fault(board);

    lwip_test_require(!fault, fault ? fault : "");
    if (image->target == OTA_SKETCH)
        lwip_test_require(board->running == image,
                          "another sketch runs than the one that was sent");
    else
        lwip_test_require(memcmp(board->nor.cells + board->layout.filesystem.offset, image->bytes,
                                 image->body.size) == 0,
                          "the file system is not where it belongs");
}

static void push(struct upload *upload)
{
    struct lwip_test_device *device = &upload->device;
    uint64_t began = lwip_test_elapsed();

    lwip_test_uploader_push(&upload->uploader, upload->image, upload->ip);
    while (!device->wants_restart) {
        step(upload);
        lwip_test_require(lwip_test_elapsed() - began < PATIENCE_MS, "an update has no end");
    }
    lwip_test_uploader_stop(&upload->uploader);
    check_staged(upload);
    lwip_test_device_restart(device);
    check_started(upload);
}

static void push_images(struct upload *upload, uint32_t images, uint64_t *counts)
{
    lwip_test_require(images < SIM_IMAGES_MAX, "too many images");
    for (uint32_t i = 0; i < images; i++) {
        upload->image = &upload->images[i];
        choose_faults(upload);
        choose_image(upload, i);
        sim_board_know(&upload->device.board, upload->image);
        push(upload);
        counts[UPLOAD_IMAGES]++;
        counts[UPLOAD_BYTES] += upload->image->body.size;
        counts[UPLOAD_ATTEMPTS] += upload->uploader.attempts;
    }
    for (uint32_t i = 0; i < images; i++)
        sim_image_free(&upload->images[i]);
}

static void run(uint64_t seed, uint32_t steps, enum lwip_test_ip ip, uint64_t *counts)
{
    static struct upload upload;

    upload.random.state = seed;
    upload.is_calm = seed % 3 == 0;
    upload.ip = ip;
    lwip_test_wire_open(sim_random_fork(&upload.random));
    lwip_test_uploader_open(&upload.uploader, sim_random_fork(&upload.random));
    lwip_test_device_open(&upload.device, &upload.random);
    push_images(&upload, steps, counts);
    lwip_test_uploader_close(&upload.uploader);
    lwip_test_device_close(&upload.device);
    lwip_test_wire_close();
    counts[UPLOAD_FAILURES] += upload.device.failures;
    counts[UPLOAD_FULL] += upload.device.full;
    counts[UPLOAD_SECONDS] += lwip_test_elapsed() / 1000;
}

int main(int argc, char **argv)
{
    static const char *const names[UPLOAD_COUNTS + 1] = {
        [UPLOAD_IMAGES] = "images",     [UPLOAD_BYTES] = "bytes", [UPLOAD_ATTEMPTS] = "attempts",
        [UPLOAD_FAILURES] = "failures", [UPLOAD_FULL] = "full",   [UPLOAD_SECONDS] = "seconds",
    };
    static const struct lwip_test_program program = {
        .doc = "Update a device through the port to lwIP, from seeds.\v"
               "Exits with 0 when all went well, 1 when it did not, and 2 for a bad command line.",
        .steps = 4,
        .steps_doc = "Images, one after the other; up to 7",
        .names = names,
        .run = run,
    };

    return lwip_test_run(&program, argc, argv);
}
