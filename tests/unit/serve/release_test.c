#include "cli/serve/release.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct release named(const char *name, uint32_t rollout)
{
    struct release release = { .rollout = rollout };

    strncpy(release.name, name, sizeof release.name - 1);
    return release;
}

static struct mac nth(uint32_t n)
{
    return (struct mac){ { 0x18, 0xFE, 0x00, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } };
}

static unsigned included(const struct release *release, unsigned devices)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < devices; i++) {
        struct mac mac = nth(i);
        count += release_includes(release, &mac);
    }
    return count;
}

Test(release, none_is_included_at_0_and_everyone_at_100_percent)
{
    struct release none = named("DOOR-8", 0);
    struct release all = named("DOOR-8", RELEASE_WHOLE);

    cr_assert_eq(included(&none, 10000), 0);
    cr_assert_eq(included(&all, 10000), 10000);
}

Test(release, the_share_is_about_right)
{
    static const unsigned percents[] = { 1, 10, 50, 90 };

    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        struct release release = named("DOOR-8", percents[i] * (RELEASE_WHOLE / 100));
        int expected = (int)percents[i] * 100;
        int count = (int)included(&release, 10000);
        /* More than four standard deviations of 10,000 draws. */
        cr_assert_leq(abs(count - expected), 200, "%u%%: %d", percents[i], count);
    }
}

Test(release, a_larger_share_contains_a_smaller_one)
{
    struct release small = named("DOOR-8", 100000);
    struct release large = named("DOOR-8", 100001 + 50000);
    unsigned more = 0;

    for (uint32_t i = 0; i < 10000; i++) {
        struct mac mac = nth(i);
        if (release_includes(&small, &mac))
            cr_assert(release_includes(&large, &mac), "%u", i);
        else
            more += release_includes(&large, &mac);
    }
    cr_assert_gt(more, 0);
}

Test(release, another_release_has_another_choice)
{
    struct release one = named("DOOR-8", RELEASE_WHOLE / 2);
    struct release other = named("DOOR-9", RELEASE_WHOLE / 2);
    unsigned differ = 0;

    for (uint32_t i = 0; i < 10000; i++) {
        struct mac mac = nth(i);
        differ += release_includes(&one, &mac) != release_includes(&other, &mac);
    }
    cr_assert(differ > 4500 && differ < 5500, "%u", differ);
}

/* These were computed with sha256sum: another server must choose the same devices. */
Test(release, the_choice_is_the_same_on_every_server)
{
    static const struct {
        const char *name;
        const char *mac;
        uint32_t rank;
    } known[] = {
        { "DOOR-7-g14f53a19", "18:FE:AA:AA:AA:AA", 972725 },
        { "TEMP-1.0.0", "00:00:00:00:00:00", 690570 },
        { "DOOR 8", "FF:FF:FF:FF:FF:FE", 784961 },
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct release release = named(known[i].name, known[i].rank);
        struct mac mac;
        cr_assert(mac_parse(&mac, known[i].mac));
        cr_assert_not(release_includes(&release, &mac), "%s", known[i].mac);
        release.rollout++;
        cr_assert(release_includes(&release, &mac), "%s", known[i].mac);
    }
}

Test(release, stops_when_too_many_of_those_offered_it_failed)
{
    struct release release = named("DOOR-8", RELEASE_WHOLE);
    struct release_tally tally = { .offered = 100, .updated = 95, .failed = 4 };

    cr_assert_not(release_is_stopped(&release, &tally));
    release.has_stop = true;
    release.stop_if_failing = 50000;
    cr_assert_not(release_is_stopped(&release, &tally));
    tally.failed = 5;
    cr_assert(release_is_stopped(&release, &tally));
    tally.offered = 101;
    cr_assert_not(release_is_stopped(&release, &tally));
    tally.held = 1;
    cr_assert(release_is_stopped(&release, &tally));
}

Test(release, never_stops_before_the_first_failure)
{
    struct release release = named("DOOR-8", RELEASE_WHOLE);
    struct release_tally tally = { 0 };

    release.has_stop = true;
    cr_assert_not(release_is_stopped(&release, &tally));
    tally.offered = 10;
    cr_assert_not(release_is_stopped(&release, &tally));
    tally.failed = 1;
    cr_assert(release_is_stopped(&release, &tally));
}

Test(release, counts_a_fleet_as_large_as_can_be)
{
    struct release release = named("DOOR-8", RELEASE_WHOLE);
    struct release_tally tally = { .offered = UINT32_MAX,
                                   .failed = UINT32_MAX,
                                   .held = UINT32_MAX };

    release.has_stop = true;
    release.stop_if_failing = RELEASE_WHOLE;
    cr_assert(release_is_stopped(&release, &tally));
}

Test(release, an_image_is_of_its_kind)
{
    struct served_image sketch = { 0 };
    struct served_image filesystem = { 0 };
    struct release release = { .sketch = &sketch, .filesystem = &filesystem };

    cr_assert_eq(release_image(&release, UPDATE_SKETCH), &sketch);
    cr_assert_eq(release_image(&release, UPDATE_VERSION), &sketch);
    cr_assert_eq(release_image(&release, UPDATE_FILESYSTEM), &filesystem);
}
