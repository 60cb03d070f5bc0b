/* What is no update, and when nobody is asked at all. */
#include "tests/unit/device/puller_break.h"

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller_wanted, .init = setup);

/* The identity of a device that runs the image. */
static void identify(void)
{
    rig.identity.sketch_size = RIG_IMAGE_SIZE;
    sketch_md5(rig.image, RIG_IMAGE_SIZE, rig.identity.sketch_md5);
}

/* A server that tells nothing but the length. */
static void offer_plainly(void)
{
    rig_head(&rig, "HTTP/1.0 200 OK\r\nContent-Length: %u\r\n", (unsigned)RIG_IMAGE_SIZE);
}

static void install(void)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
    cr_assert(rig_restart(&rig));
    identify();
}

static bool has_told_no_update(void)
{
    return ota_puller_is_idle(&rig.puller) &&
           ota_puller_result(&rig.puller) == OTA_PULL_NO_UPDATE &&
           ota_puller_error(&rig.puller) == 0 && rig.event.kind == OTA_PULL_EVENT_DONE &&
           rig.event.result == OTA_PULL_NO_UPDATE && rig.event.error == 0;
}

static void expect_no_update(const char *text)
{
    cr_assert(has_told_no_update());
    cr_assert_str_eq(rig.event_text, text);
    cr_assert_not(rig.is_open);
    cr_assert_not(ota_updater_is_running(&rig.updater));
    cr_assert(rig_stages_nothing(&rig));
}

/* --- The sketch that runs --------------------------------------------------------------------- */

Test(puller_wanted, the_running_sketch_is_no_update_without_md5_either)
{
    install();
    for (unsigned i = 0; i < 3; i++) {
        rig_ask(&rig);
        offer_plainly();
        rig_image(&rig, 0, RIG_IMAGE_SIZE);
        expect_no_update("No Error");
        cr_assert_not(ota_puller_is_given_up(&rig.puller));
    }
    cr_assert_eq(rig.events[OTA_PULL_EVENT_DONE], 4);
}

/* The first time it takes the place of the sketch before; then flash holds it already. */
Test(puller_wanted, the_running_sketch_is_written_once_however_often_it_comes)
{
    uint64_t operations;

    install();
    rig_ask(&rig);
    offer_plainly();
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    operations = rig.nor.operations;
    rig_ask(&rig);
    offer_plainly();
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    expect_no_update("No Error");
    cr_assert_eq(rig.nor.operations, operations);
}

Test(puller_wanted, the_running_sketch_is_known_however_it_comes)
{
    identify();
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_give_rest(&rig, REST "ETag: \"one\"\r\n");
    rig_image(&rig, BROKEN_AT, RIG_IMAGE_SIZE);
    expect_no_update("No Error");
}

Test(puller_wanted, the_running_sketch_is_known_behind_another_one_that_broke)
{
    identify();
    rig_set_image(&rig, 6);
    rig_break_offer(&rig, "ETag: \"six\"\r\n");
    rig_set_image(&rig, 5);
    offer_plainly();
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    expect_no_update("No Error");
}

Test(puller_wanted, what_differs_in_one_byte_is_an_update)
{
    install();
    rig.image[RIG_IMAGE_SIZE - 1] ^= 1;
    rig_ask(&rig);
    offer_plainly();
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

Test(puller_wanted, an_identity_of_another_size_is_of_another_sketch)
{
    identify();
    rig.identity.sketch_size++;
    rig_ask(&rig);
    offer_plainly();
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

/* Where the server says what it has, flash is looked at, and mended if need be. */
Test(puller_wanted, a_running_sketch_that_is_damaged_is_installed_anew)
{
    struct ota_record record;

    install();
    record = rig_record(&rig);
    rig.cells[rig.layout.slot[record.active].offset + 15000] ^= 1;
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

/* --- The sketch that was given up ------------------------------------------------------------- */

Test(puller_wanted, what_was_given_up_is_told_by_its_md5_before_anything_begins)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    sketch_md5(rig.image, RIG_IMAGE_SIZE, md5);
    rig.identity.given_up_md5 = md5;
    rig_ask(&rig);
    rig_offer(&rig);
    expect_no_update(OTA_PULL_GIVEN_UP_TEXT);
    cr_assert(ota_puller_is_given_up(&rig.puller));
    cr_assert_eq(rig.events[OTA_PULL_EVENT_OFFERED], 0);
    cr_assert_eq(rig.nor.operations, 0);
    rig_answer(&rig, "HTTP/1.1 304 X\r\n\r\n");
    expect_no_update("No Error");
    cr_assert_not(ota_puller_is_given_up(&rig.puller));
}

Test(puller_wanted, what_was_given_up_is_known_at_the_end_without_md5)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    sketch_md5(rig.image, RIG_IMAGE_SIZE, md5);
    rig.identity.given_up_md5 = md5;
    rig_ask(&rig);
    offer_plainly();
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    expect_no_update(OTA_PULL_GIVEN_UP_TEXT);
    cr_assert(ota_puller_is_given_up(&rig.puller));
}

Test(puller_wanted, what_was_given_up_is_known_by_the_answer_after_a_break)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    sketch_md5(rig.image, RIG_IMAGE_SIZE, md5);
    rig.identity.given_up_md5 = md5;
    rig_set_image(&rig, 6);
    rig_break_offer(&rig, "");
    rig_set_image(&rig, 5);
    rig_offer(&rig);
    expect_no_update(OTA_PULL_GIVEN_UP_TEXT);
}

Test(puller_wanted, another_one_than_was_given_up_is_an_update)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    sketch_md5(rig.image, RIG_IMAGE_SIZE, md5);
    md5[DIGEST_MD5_SIZE - 1] ^= 1;
    rig.identity.given_up_md5 = md5;
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

/* An answer that names none does not name zeros. */
Test(puller_wanted, no_md5_is_not_the_one_that_was_given_up)
{
    static const uint8_t zeros[DIGEST_MD5_SIZE];

    rig.identity.given_up_md5 = zeros;
    rig_ask(&rig);
    offer_plainly();
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

/* Digests of sketches say nothing of file systems. */
Test(puller_wanted, a_file_system_is_no_sketch)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    for (unsigned tells_md5 = 0; tells_md5 < 2; tells_md5++) {
        rig_init(&rig);
        identify();
        sketch_md5(rig.image, RIG_IMAGE_SIZE, md5);
        rig.identity.given_up_md5 = md5;
        cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_FILESYSTEM, rig.now));
        rig_pass(&rig, 0);
        rig_connected(&rig);
        if (tells_md5)
            rig_offer(&rig);
        else
            offer_plainly();
        rig_image(&rig, 0, RIG_IMAGE_SIZE);
        cr_assert_eq(ota_puller_result(&rig.puller), OTA_PULL_OK);
        cr_assert_eq(rig_record(&rig).pending, OTA_PENDING_FILESYSTEM);
    }
}

/* --- Nobody is asked -------------------------------------------------------------------------- */

Test(puller_wanted, nobody_is_asked_while_an_update_is_running)
{
    cr_assert_eq(ota_updater_begin(&rig.updater, 1000, OTA_SKETCH), OTA_OK);
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_SKETCH, rig.now));
    cr_assert(rig_has_said(&rig, OTA_ERROR_RUNNING, "Update already running"));
    rig_pass(&rig, 0);
    cr_assert_eq(rig.connects, 0);
    cr_assert(ota_updater_is_running(&rig.updater));
    cr_assert_eq(ota_updater_size(&rig.updater), 1000);
}

Test(puller_wanted, nobody_is_asked_when_an_update_has_begun_since_the_start)
{
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_SKETCH, rig.now));
    cr_assert_eq(ota_updater_begin(&rig.updater, 1000, OTA_SKETCH), OTA_OK);
    rig_pass(&rig, 0);
    cr_assert(rig_has_said(&rig, OTA_ERROR_RUNNING, "Update already running"));
    cr_assert_eq(rig.connects, 0);
    cr_assert(ota_updater_is_running(&rig.updater));
}

Test(puller_wanted, nobody_is_asked_while_a_restart_is_due)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
    rig_ask(&rig);
    cr_assert(rig_has_said(&rig, OTA_ERROR_BOOTSTRAP, ota_error_text(OTA_ERROR_BOOTSTRAP)));
    cr_assert_eq(rig.connects, 1);
    cr_assert(rig_stages_image(&rig));
}

Test(puller_wanted, nobody_is_asked_while_the_sketch_is_on_trial)
{
    static uint8_t buffer[4096];
    const struct ota_boot_config config = { .flash = &rig.nor.flash,
                                            .layout = &rig.layout,
                                            .buffer = buffer,
                                            .buffer_size = sizeof buffer };
    char line[OTA_PULL_ERROR_LINE_MAX];
    struct ota_boot boot;

    install();
    rig_set_image(&rig, 6);
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(ota_boot(&config, &boot) && boot.trial);
    ota_updater_init(&rig.updater, &rig.updater_config);
    rig.connects = 0;
    rig_ask(&rig);
    cr_assert(rig_has_said(&rig, OTA_ERROR_BOOTSTRAP, "The sketch is on trial: confirm it"));
    ota_puller_error_line(&rig.puller, line, sizeof line);
    cr_assert_str_eq(line, "Update error: ERROR[11]: The sketch is on trial: confirm it");
    cr_assert_eq(rig.connects, 0);
    cr_assert_eq(ota_boot_confirm(&rig.nor.flash, &rig.layout), OTA_OK);
    rig_ask(&rig);
    cr_assert_eq(rig.connects, 1);
}

Test(puller_wanted, nobody_is_asked_when_the_record_is_damaged)
{
    install();
    memset(rig.cells + rig.layout.record[0].offset, 0, 64);
    memset(rig.cells + rig.layout.record[1].offset, 0, 64);
    rig.connects = 0;
    rig_ask(&rig);
    cr_assert(
        rig_has_said(&rig, OTA_ERROR_FLASH_CONFIG, "Flash config wrong: both records are damaged"));
    cr_assert_eq(rig.connects, 0);
}

Test(puller_wanted, nobody_is_asked_for_a_file_system_where_there_is_no_place_for_one)
{
    cr_assert_eq(ota_layout_arrange(&rig.layout, &rig.nor.flash, 0, 0, 0), true);
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_FILESYSTEM, rig.now));
    cr_assert(rig_has_failed(&rig, OTA_PULL_SPACE));
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_SKETCH, rig.now));
    cr_assert_not(ota_puller_is_idle(&rig.puller));
}

/* To look is not to begin: the application hears of nothing, and what was before is still known. */
static unsigned starts;

static void count_start(void *ctx)
{
    (void)ctx;
    starts++;
}

Test(puller_wanted, to_look_whether_an_update_could_begin_begins_none)
{
    install();
    starts = 0;
    rig.updater_config.events.start = count_start;
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert_eq(starts, 1);
    cr_assert_eq(ota_updater_size(&rig.updater), RIG_IMAGE_SIZE);
    rig_ask(&rig);
    cr_assert_eq(starts, 1);
    cr_assert_eq(ota_updater_size(&rig.updater), RIG_IMAGE_SIZE);
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}
