#include "cli/serve/device_table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct mac station(unsigned number)
{
    return (struct mac){ { 0x18, 0xFE, (uint8_t)(number >> 24), (uint8_t)(number >> 16),
                           (uint8_t)(number >> 8), (uint8_t)number } };
}

static struct device_record device(unsigned number)
{
    struct device_record record = { .first_seen = 1000, .last_seen = 1000, .requests = 1 };

    record.request.family = IMAGE_ESP8266;
    record.request.station = station(number);
    return record;
}

static bool is_there(const struct device_table *table, unsigned number)
{
    struct mac mac = station(number);

    return device_table_find(table, &mac) != NULL;
}

static void written(struct device_table *table, unsigned number)
{
    struct mac mac = station(number);

    device_table_written(table, &mac);
}

/* The numbers of the devices that changed, as text. */
static const char *changes(const struct device_table *table, uint64_t now_ms)
{
    static char text[64];
    const struct device_record *changed[8];
    size_t count = device_table_changes(table, now_ms, 100, changed, 8);

    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%u ", changed[i]->request.station.bytes[5]);
    }
    return text;
}

Test(device_table, what_is_put_is_found_until_it_is_replaced)
{
    struct device_table *table = device_table_new(10);
    struct device_record record = device(1);

    cr_assert_not(is_there(table, 1));
    snprintf(record.request.version, sizeof record.request.version, "A");
    device_table_put(table, &record, 0);
    snprintf(record.request.version, sizeof record.request.version, "B");
    device_table_put(table, &record, 0);
    cr_assert_str_eq(device_table_find(table, &record.request.station)->request.version, "B");
    cr_assert_eq(device_table_count(table), 1);
    cr_assert_not(is_there(table, 2));
    device_table_free(table);
}

Test(device_table, the_device_put_longest_ago_makes_room)
{
    struct device_table *table = device_table_new(3);
    static const unsigned order[] = { 1, 2, 3, 1, 4 };
    size_t count;

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct device_record record = device(order[i]);
        device_table_put(table, &record, i);
    }
    cr_assert(is_there(table, 1) && is_there(table, 3) && is_there(table, 4));
    cr_assert_not(is_there(table, 2));
    cr_assert_eq(device_table_count(table), 3);
    const struct mac *removed = device_table_removed(table, &count);
    cr_assert_eq(count, 1);
    cr_assert_eq(removed[0].bytes[5], 2);
    device_table_removed_written(table, 1);
    cr_assert_null(device_table_removed(table, &count));
    device_table_free(table);
}

Test(device_table, of_too_many_that_made_room_it_says_so)
{
    struct device_table *table = device_table_new(1);
    size_t count;

    for (unsigned i = 0; i < 70000; i++) {
        struct device_record record = device(i);
        device_table_put(table, &record, 0);
    }
    cr_assert(device_table_removed_overflow(table));
    device_table_removed_clear(table);
    cr_assert_not(device_table_removed_overflow(table));
    cr_assert_null(device_table_removed(table, &count));
    device_table_free(table);
}

Test(device_table, what_is_loaded_is_older_than_what_is_there_and_has_not_changed)
{
    struct device_table *table = device_table_new(2);
    struct device_record first = device(1), second = device(2), third = device(3);

    cr_assert(device_table_load(table, &first));
    cr_assert_not(device_table_load(table, &first));
    cr_assert(device_table_load(table, &second));
    cr_assert_not(device_table_load(table, &third));
    cr_assert_str_eq(changes(table, 1000), "");
    device_table_put(table, &third, 0);
    cr_assert_not(is_there(table, 2));
    cr_assert(is_there(table, 1));
    device_table_free(table);
}

Test(device_table, changes_come_oldest_first_and_small_ones_when_they_are_due)
{
    struct device_table *table = device_table_new(10);
    struct device_record first = device(1), second = device(2);

    device_table_load(table, &first);
    device_table_load(table, &second);
    first.last_seen++;
    first.requests++;
    device_table_put(table, &first, 1000);
    cr_assert_str_eq(changes(table, 1099), "");
    cr_assert_str_eq(changes(table, 1100), "1 ");
    snprintf(second.request.version, sizeof second.request.version, "new");
    device_table_put(table, &second, 1050);
    cr_assert_str_eq(changes(table, 1050), "2 ");
    cr_assert_str_eq(changes(table, 1100), "2 1 ");

    /* More of the same does not put it off. */
    first.last_seen++;
    device_table_put(table, &first, 1090);
    cr_assert_str_eq(changes(table, 1100), "2 1 ");
    first.sketch.outcome = OFFER_UPDATED;
    device_table_put(table, &first, 1095);
    cr_assert_str_eq(changes(table, 1095), "2 1 ");
    written(table, 2);
    cr_assert_str_eq(changes(table, 1095), "1 ");
    written(table, 1);
    cr_assert_str_eq(changes(table, 9999), "");
    device_table_put(table, &first, 2000);
    cr_assert_str_eq(changes(table, 9999), "", "nothing has changed");
    device_table_all_changed(table, 2000);
    cr_assert_str_eq(changes(table, 2000), "2 1 ");
    device_table_free(table);
}

Test(device_table, every_member_of_a_record_but_two_is_worth_writing_at_once)
{
    struct device_table *table = device_table_new(1);
    struct device_record record = device(1);
    unsigned written_at_once = 0;

#define CHANGE(statement)                                            \
    do {                                                             \
        statement;                                                   \
        device_table_put(table, &record, 0);                         \
        cr_expect_str_eq(changes(table, 0), "1 ", "%s", #statement); \
        written(table, 1);                                           \
        written_at_once++;                                           \
    } while (0)

    CHANGE((void)0);
    CHANGE(record.request.family = IMAGE_ESP32);
    CHANGE(record.request.mode = UPDATE_FILESYSTEM);
    CHANGE(record.request.sent = 7);
    CHANGE(record.request.access_point.bytes[0] = 1);
    CHANGE(record.request.free_space = 1);
    CHANGE(record.request.sketch_size = 1);
    CHANGE(record.request.chip_size = 1);
    CHANGE(record.request.sketch_md5[15] = 1);
    CHANGE(record.request.sketch_sha256[31] = 1);
    CHANGE(record.request.version[0] = 'a');
    CHANGE(record.request.sdk_version[0] = 'a');
    CHANGE(record.address[0] = 'a');
    CHANGE(record.first_seen = 1);
    CHANGE(record.status = 304);
    CHANGE(record.reason = 1);
    CHANGE(record.sketch.release[0] = 'a');
    CHANGE(record.sketch.md5[0] = 1);
    CHANGE(record.sketch.attempts = 1);
    CHANGE(record.sketch.when = 1);
    CHANGE(record.sketch.outcome = OFFER_MADE);
    CHANGE(record.filesystem.outcome = OFFER_MADE);
#undef CHANGE
    cr_assert_eq(written_at_once, 22);
    record.last_seen++;
    record.requests++;
    device_table_put(table, &record, 0);
    cr_assert_str_eq(changes(table, 0), "");
    device_table_free(table);
}

struct visited {
    unsigned numbers[8];
    size_t count;
    size_t enough;
};

static bool visit(void *ctx, const struct device_record *record)
{
    struct visited *visited = ctx;

    visited->numbers[visited->count++] = record->request.station.bytes[5];
    return visited->count != visited->enough;
}

Test(device_table, devices_are_visited_last_put_first)
{
    struct device_table *table = device_table_new(10);
    struct visited all = { 0 }, some = { 0 }, enough = { .enough = 1 };

    for (unsigned i = 1; i <= 4; i++) {
        struct device_record record = device(i);
        device_table_put(table, &record, 0);
    }
    struct device_record again = device(2);
    device_table_put(table, &again, 0);
    device_table_each(table, 0, visit, &all);
    device_table_each(table, 2, visit, &some);
    device_table_each(table, 0, visit, &enough);
    cr_assert_eq(all.count, 4);
    cr_assert_eq(all.numbers[0], 2);
    cr_assert_eq(all.numbers[1], 4);
    cr_assert_eq(all.numbers[2], 3);
    cr_assert_eq(all.numbers[3], 1);
    cr_assert_eq(some.count, 2);
    cr_assert_eq(enough.count, 1);
    device_table_free(table);
}

/* A plain count over all devices, to compare the running ones with. */
struct recount {
    const char *release;
    struct release_tally tally;
};

static bool count_again(void *ctx, const struct device_record *record)
{
    struct recount *recount = ctx;
    const struct device_offer *offers[] = { &record->sketch, &record->filesystem };
    unsigned named = 0, failed = 0, held = 0, updated = 0;

    for (size_t i = 0; i < 2; i++) {
        if (strcmp(offers[i]->release, recount->release) != 0)
            continue;
        named++;
        failed += offers[i]->outcome == OFFER_FAILED;
        held += offers[i]->outcome == OFFER_HELD;
        updated += offers[i]->outcome == OFFER_UPDATED;
    }
    recount->tally.offered += named > 0;
    recount->tally.failed += failed > 0;
    recount->tally.held += failed == 0 && held > 0;
    recount->tally.updated += failed == 0 && held == 0 && updated > 0;
    return true;
}

/* Reproducible numbers (xorshift). */
static unsigned next(uint32_t *seed, unsigned below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed % below;
}

static void offer(struct device_offer *offer, uint32_t *seed, unsigned releases)
{
    unsigned release = next(seed, releases);

    *offer = (struct device_offer){ 0 };
    if (release == 0)
        return;
    snprintf(offer->release, sizeof offer->release, "release-%u", release);
    offer->outcome = (enum offer_outcome)next(seed, OFFER_HELD + 1);
}

static void compare(const struct device_table *table, unsigned releases)
{
    for (unsigned i = 1; i < releases; i++) {
        char name[32];
        struct recount recount = { .release = name };
        snprintf(name, sizeof name, "release-%u", i);
        device_table_each(table, 0, count_again, &recount);
        struct release_tally tally = device_table_tally(table, name);
        cr_assert_eq(tally.offered, recount.tally.offered, "%s", name);
        cr_assert_eq(tally.updated, recount.tally.updated, "%s", name);
        cr_assert_eq(tally.failed, recount.tally.failed, "%s", name);
        cr_assert_eq(tally.held, recount.tally.held, "%s", name);
    }
}

Test(device_table, running_tallies_are_what_a_count_over_all_gives)
{
    struct device_table *table = device_table_new(300);
    uint32_t seed = 20261122;
    struct device_record record;

    for (unsigned i = 0; i < 200; i++) {
        record = device(i);
        offer(&record.sketch, &seed, 200);
        cr_assert(device_table_load(table, &record));
    }
    /* Few releases and many in turn, so that names come, go, and come back. */
    for (unsigned i = 0; i < 20000; i++) {
        unsigned releases = i / 2000 % 2 ? 200 : 5;
        record = device(next(&seed, 400));
        offer(&record.sketch, &seed, releases);
        offer(&record.filesystem, &seed, releases);
        device_table_put(table, &record, i);
        if (i % 1000 == 999)
            compare(table, 200);
    }
    cr_assert_eq(device_table_count(table), 300);
    cr_assert_eq(device_table_tally(table, "release-200").offered, 0);
    cr_assert_eq(device_table_tally(table, "").offered, 0);
    device_table_free(table);
}
