/*
 * A store that has more devices than it may remember.
 */
#include "tests/unit/serve/store_world.h"

static struct temp temp;
static struct temp_path path;

static void begin(void)
{
    cr_assert(temp_create(&temp));
    path = temp_path(&temp, "record.db");
}

static void end(void)
{
    temp_remove(&temp);
}

TestSuite(store_limit, .init = begin, .fini = end);

static bool note_number(void *ctx, const struct device_record *record)
{
    unsigned **at = ctx;

    *(*at)++ = record->request.station.bytes[5];
    return true;
}

Test(store_limit, beyond_its_limit_the_one_not_seen_for_longest_goes_also_from_the_file)
{
    struct store_sqlite_options options = { .path = path.text, .device_limit = 3 };
    struct store_sqlite_note note;
    unsigned numbers[4];
    unsigned *next = numbers;

    world_make(path.text, 5);
    struct store store = world_open_with(options, &note);
    cr_assert_eq(store.count(store.ctx), 3);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_str_eq(world_ask(path.text, "SELECT group_concat(version) FROM device"),
                     "DOOR-2,DOOR-3,DOOR-4");
    store.each(store.ctx, 0, note_number, &next);
    cr_assert_eq(numbers[0], 4);
    cr_assert_eq(numbers[2], 2);

    world_put(&store, 2, 1);
    world_put(&store, 9, 1);
    /* One that made room and is back is not to go. */
    world_put(&store, 3, 1);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_str_eq(world_ask(path.text, "SELECT group_concat(version) FROM device"),
                     "DOOR-2,DOOR-3,DOOR-9");
    store.close(store.ctx);
}

Test(store_limit, one_that_made_room_and_is_back_stays_in_the_file)
{
    struct store_sqlite_options options = { .path = path.text, .device_limit = 300 };
    struct store_sqlite_note note;
    struct store store = world_open_with(options, &note);

    /* So many went after the first that it is written again before its going comes up. */
    world_put(&store, 0, 900);
    world_put(&store, 0, 1);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device WHERE version = 'DOOR-0'"),
                     "1");
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device"), "300");
    store.close(store.ctx);
}

Test(store_limit, more_devices_than_can_be_noted_make_room_and_are_gone_from_the_file)
{
    struct store_sqlite_options options = { .path = path.text, .device_limit = 100 };
    struct store_sqlite_note note;
    struct store store = world_open_with(options, &note);

    world_put(&store, 0, 100);
    cr_assert_str_eq(world_flush(&store), "");
    world_put(&store, 100, 70000);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device WHERE version = 'DOOR-0'"),
                     "0");
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device"), "100");
    store.close(store.ctx);
}
