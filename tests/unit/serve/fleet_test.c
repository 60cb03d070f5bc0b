#include "cli/serve/fleet.h"

#include "cli/serve/fleet_file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RELEASES                                                                              \
    "[release A]\nsketch = a.bin\n[release B]\nsketch = b.bin\n[release C]\nsketch = c.bin\n" \
    "[release D]\nsketch = d.bin\n"

static struct fleet *parse(const char *text)
{
    struct failure failure;
    struct fleet *fleet = fleet_file_parse("c.ini", text, strlen(text), &failure);

    cr_assert_not_null(fleet, "%s", failure.text);
    return fleet;
}

/* The name of the release that a device is to have; "" for none. */
static const char *found(const struct fleet *fleet, const char *text)
{
    struct mac mac;

    cr_assert(mac_parse(&mac, text));
    const struct release *release = fleet_find(fleet, &mac);
    return release ? release->name : "";
}

Test(fleet, the_most_exact_section_counts_whatever_its_place)
{
    struct fleet *fleet = parse(RELEASES "[default]\nrelease = D\n"
                                         "[device *]\nrelease = C\n"
                                         "[device 18:FE:*]\nrelease = B\n"
                                         "[device 18:FE:AA:AA:AA:AA]\nrelease = A\n"
                                         "[device 18:FE:AA:*]\nrelease = C\n");

    cr_expect_str_eq(found(fleet, "18:FE:AA:AA:AA:AA"), "A");
    cr_expect_str_eq(found(fleet, "18:FE:AA:AA:AA:AB"), "C");
    cr_expect_str_eq(found(fleet, "18:FE:AB:00:00:00"), "B");
    cr_expect_str_eq(found(fleet, "00:00:00:00:00:00"), "C");
    fleet_free(fleet);
}

Test(fleet, of_equally_exact_sections_the_first_counts)
{
    struct fleet *fleet = parse(RELEASES "[device *:01]\nrelease = B\n"
                                         "[device 18:*]\nrelease = A\n");

    cr_expect_str_eq(found(fleet, "18:00:00:00:00:01"), "B");
    cr_expect_str_eq(found(fleet, "18:00:00:00:00:02"), "A");
    fleet_free(fleet);
}

Test(fleet, a_device_without_section_has_the_default_or_none)
{
    struct fleet *with = parse(RELEASES "[default]\nrelease = D\n");
    struct fleet *without = parse(RELEASES "[device 18:FE:*]\nrelease = A\n");

    cr_expect_str_eq(found(with, "00:00:00:00:00:00"), "D");
    cr_expect_str_eq(found(without, "00:00:00:00:00:00"), "");
    fleet_free(with);
    fleet_free(without);
}

Test(fleet, patterns_are_those_of_the_shell_in_any_case)
{
    struct fleet *fleet = parse(RELEASES "[device 18:fe:aa:[0-3]?:*]\nrelease = A\n"
                                         "[device 18:fe:aa:[!0-3a-c]?:*]\nrelease = B\n"
                                         "[device ??:fe:bb:00:00:0f]\nrelease = C\n");

    cr_expect_str_eq(found(fleet, "18:FE:AA:3F:00:00"), "A");
    cr_expect_str_eq(found(fleet, "18:FE:AA:40:00:00"), "B");
    cr_expect_str_eq(found(fleet, "18:FE:AA:C0:00:00"), "");
    cr_expect_str_eq(found(fleet, "99:FE:BB:00:00:0F"), "C");
    cr_expect_str_eq(found(fleet, "99:FE:BB:00:00:1F"), "");
    fleet_free(fleet);
}

Test(fleet, releases_are_found_by_name)
{
    struct fleet *fleet = parse("[release zebra]\nsketch = z\n[release Ant 1]\nsketch = a\n"
                                "[release ant]\nfilesystem = b\n");

    cr_assert_eq(fleet_release(fleet, "zebra"), &fleet->releases[0]);
    cr_assert_eq(fleet_release(fleet, "Ant 1"), &fleet->releases[1]);
    cr_assert_eq(fleet_release(fleet, "ant"), &fleet->releases[2]);
    cr_assert_null(fleet_release(fleet, "Ant"));
    cr_assert_null(fleet_release(fleet, ""));
    fleet_free(fleet);
}

Test(fleet, freeing_none_is_allowed)
{
    fleet_free(NULL);
}

#define MANY 100000u

Test(fleet, every_one_of_100000_devices_is_found)
{
    size_t room = MANY * 64;
    char *text = malloc(room);
    size_t used = 0;
    static const char names[] = "ABCD";

    cr_assert_not_null(text);
    used += (size_t)snprintf(text, room, "%s", RELEASES);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t n = i * 2654435761u; /* in no order */
        used += (size_t)snprintf(text + used, room - used,
                                 "[device 18:FE:%02X:%02X:%02X:%02X]\nrelease = %c\n", n >> 24,
                                 n >> 16 & 0xFF, n >> 8 & 0xFF, n & 0xFF, names[i % 4]);
    }
    cr_assert_lt(used, FLEET_FILE_MAX);
    struct fleet *fleet = parse(text);
    cr_assert_eq(fleet->rule_count, MANY);
    cr_assert_eq(fleet->exact_count, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t n = i * 2654435761u;
        struct mac mac = { { 0x18, 0xFE, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                             (uint8_t)n } };
        const struct release *release = fleet_find(fleet, &mac);
        cr_assert(release && release->name[0] == names[i % 4], "%u", i);
    }
    fleet_free(fleet);
    free(text);
}
