#include "cli/serve/status_releases.h"

#include "tests/unit/serve/status_rig.h"

static struct status_rig *rig;
static char *section;

static void arrive(void)
{
    rig = rig_new();
}

static void leave(void)
{
    free(section);
    free(rig);
}

TestSuite(status_releases, .init = arrive, .fini = leave);

static void write_section(void)
{
    free(section);
    section = rig_text(&rig->view, status_releases_write);
}

static unsigned count_of(const char *what)
{
    unsigned count = 0;

    for (const char *at = section; (at = strstr(at, what)) != NULL; at += strlen(what))
        count++;
    return count;
}

static void expect_text(const char *text)
{
    cr_expect_not_null(strstr(section, text), "no \"%s\" in:\n%s", text, section);
}

static void expect_none(const char *text)
{
    cr_expect_null(strstr(section, text), "\"%s\" in:\n%s", text, section);
}

/* Four of five devices with an outcome each; the fifth is to come. */
static void add_a_rollout(void)
{
    static const enum offer_outcome outcomes[] = { OFFER_UPDATED, OFFER_DELIVERED, OFFER_FAILED,
                                                   OFFER_HELD };

    for (unsigned i = 0; i < 5; i++) {
        char mac[MAC_TEXT_SIZE];
        snprintf(mac, sizeof mac, "18:FE:AA:AA:AA:%02X", i);
        struct device_record *record = rig_add(rig, mac, "DOOR-7");
        if (i < 4)
            rig_offer(record, "DOOR-8-g20c1f7aa", outcomes[i], 1);
    }
}

Test(status_releases, a_release_has_a_bar_and_its_numbers_as_text)
{
    add_a_rollout();
    write_section();
    expect_text("<rect class=\"updated\" x=\"0.000%\" width=\"20.000%\" height=\"100%\"/>");
    expect_text("<rect class=\"underway\" x=\"20.000%\" width=\"20.000%\" height=\"100%\"/>");
    expect_text("<rect class=\"failed\" x=\"40.000%\" width=\"20.000%\" height=\"100%\"/>");
    expect_text("<rect class=\"held\" x=\"60.000%\" width=\"20.000%\" height=\"100%\"/>");
    expect_text("<li class=\"updated\"><b>1</b> updated</li>");
    expect_text("<li class=\"underway\"><b>1</b> under way</li>");
    expect_text("<li class=\"failed\"><b>1</b> failed</li>");
    expect_text("<li class=\"held\"><b>1</b> held back</li>");
    expect_text("<li class=\"rest\"><b>1</b> to come</li>");
    expect_text("<li class=\"of\">of 5</li>");
}

Test(status_releases, a_device_that_has_the_release_without_an_offer_counts_as_updated)
{
    rig_add(rig, "18:FE:AA:AA:AA:AA", "DOOR-8-g20c1f7aa");
    write_section();
    expect_text("<li class=\"updated\"><b>1</b> updated</li><li class=\"of\">of 1</li>");
}

Test(status_releases, a_device_that_cannot_take_the_release_is_not_waited_for)
{
    static const enum decision_reason reasons[] = { REASON_OTHER_FAMILY, REASON_NO_SPACE,
                                                    REASON_LARGER_FLASH, REASON_NO_IMAGE };

    for (unsigned i = 0; i < 4; i++) {
        char mac[MAC_TEXT_SIZE];
        snprintf(mac, sizeof mac, "18:FE:AA:AA:AA:%02X", i);
        rig_add(rig, mac, "DOOR-7")->reason = (uint16_t)reasons[i];
    }
    write_section();
    expect_text("<li class=\"unfit\"><b>4</b> cannot take it</li><li class=\"of\">of 4</li>");
    expect_text("<rect class=\"unfit\" x=\"0.000%\" width=\"100.000%\" height=\"100%\"/>");
}

Test(status_releases, a_device_that_is_meant_to_have_another_release_does_not_count)
{
    add_a_rollout();
    for (size_t i = 0; i < rig->device_count; i++)
        rig->devices[i].request.station.bytes[0] = 0x24;
    write_section();
    expect_text("<li class=\"rest\"><b>5</b> to come</li><li class=\"of\">of 5</li>");
    cr_expect_eq(count_of("no device that has asked is to have it"), RIG_RELEASES - 1);
}

/* A census of so many would keep devices waiting: the tallies, which are at hand, must do. */
Test(status_releases, with_very_many_patterns_the_offers_are_counted_instead)
{
    add_a_rollout();
    rig->fleet.rule_count = 1000000;
    write_section();
    expect_text("Of the devices that each was offered to");
    expect_text("<li class=\"updated\"><b>1</b> updated</li>");
    expect_text("<li class=\"of\">of 4 offered</li>");
    expect_none("to come");
}

static struct release_tally impossible_tally(void *ctx, const char *release)
{
    (void)ctx;
    (void)release;
    return (struct release_tally){ .offered = 4, .updated = 3, .failed = 7, .held = UINT32_MAX };
}

Test(status_releases, a_tally_that_contradicts_itself_does_not_break_the_bar)
{
    rig->fleet.rule_count = 1000000;
    rig_add(rig, "18:FE:AA:AA:AA:AA", "DOOR-7");
    rig->store.tally = impossible_tally;
    write_section();
    expect_text("<rect class=\"updated\" x=\"0.000%\" width=\"75.000%\" height=\"100%\"/>");
    expect_text("<rect class=\"failed\" x=\"75.000%\" width=\"25.000%\" height=\"100%\"/>");
    expect_text("</li><li class=\"of\">of 4 offered</li>");
}

Test(status_releases, the_state_of_each_rollout_is_told_in_words)
{
    rig_offer(rig_add(rig, "5C:00:00:00:00:01", "LAMP-2"), "LAMP-3", OFFER_FAILED, 1);
    rig_add(rig, "24:00:00:00:00:01", "GARDEN-1");
    write_section();
    expect_text("<span class=\"mark updated\">open</span> to every device");
    expect_text("<span class=\"mark underway\">rolling out</span> to 10% of devices"
                "<small>stops when 5% fail</small>");
    expect_text("<span class=\"mark failed\">stopped</span> 1 of 1 failed");
    expect_text("<span class=\"mark\">waiting</span> begins <time "
                "datetime=\"2026-12-01T19:26:36Z\" title=\"2026-12-01 19:26:36 UTC\">2026-12-01 "
                "19:26 UTC</time>");
    expect_text("<line class=\"share\" x1=\"10.0000%\" x2=\"10.0000%\"");
}

/* Clients name the family alone: what a sketch is for is nowhere else to be seen. */
Test(status_releases, the_chip_of_the_sketch_is_told_where_it_is_of_the_releases_family)
{
    struct served_image image = rig->image;

    image.facts.kind = IMAGE_ESP32;
    image.facts.chip = "ESP32-S3";
    rig->releases[1].sketch = &image;
    write_section();
    expect_text("<td data-label=\"Chip\">ESP32-S3</td>");
    image.facts.chip = NULL;
    write_section();
    expect_text("<td data-label=\"Chip\">ESP32</td>");
    image.facts.kind = IMAGE_ESP8266;
    image.facts.chip = "ESP8266";
    write_section();
    expect_text("<td data-label=\"Chip\">ESP32</td>");
}

Test(status_releases, shares_are_told_to_the_last_decimal)
{
    static const struct {
        uint32_t share;
        const char *text;
    } table[] = {
        { 5000, "to 0.5% of" },       { 1, "to 0.0001% of" }, { 123456, "to 12.3456% of" },
        { 999999, "to 99.9999% of" }, { 0, "to 0% of" },      { 200000, "to 20% of" }
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        rig->releases[0].rollout = table[i].share;
        write_section();
        expect_text(table[i].text);
    }
}
