#include "tests/unit/device/puller_rig.h"

#include <criterion/criterion.h>

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller, .init = setup);

Test(puller, asks_and_installs_what_is_offered)
{
    rig_ask(&rig);
    cr_assert_str_eq(rig.host, "192.0.2.1");
    cr_assert_eq(rig.port, 8080);
    cr_assert_not(rig.tls);
    rig_offer(&rig);
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_OFFERED);
    cr_assert_eq(rig.event.total, RIG_IMAGE_SIZE);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "DOOR-8");
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_DONE);
    cr_assert_eq(rig.event.result, OTA_PULL_OK);
}
