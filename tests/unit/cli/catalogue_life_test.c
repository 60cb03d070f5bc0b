/*
 * How devices come, fall silent and go, and how many of them and of their questions there may be.
 */
#include "catalogue_world.h"

static void enter(void)
{
    world_open(AF_UNSPEC);
}

TestSuite(catalogue_life, .init = enter, .fini = world_close);

static void add_kitchen(void)
{
    world_seen("kitchen", 2, AF_INET);
    world_answer("kitchen", 2, AF_INET, "192.168.1.40");
    world_expect("+kitchen 192.168.1.40:8266 2;");
}

Test(catalogue_life, makes_one_device_of_all_sightings)
{
    add_kitchen();
    world_seen("KITCHEN", 2, AF_INET6);
    world_expect("");
    world_seen("Kitchen", 5, AF_INET);
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.40:8266 2,5;");
    world_seen("kitchen", 3, AF_INET6);
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.40:8266 2,3,5;");
    world_unseen("kitchen", 5, AF_INET);
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.40:8266 2,3;");
    cr_expect_eq(world.count, 1);
}

Test(catalogue_life, removes_a_device_with_its_last_sighting)
{
    const struct device **devices;

    add_kitchen();
    world_unseen("kitchen", 3, AF_INET);
    world_unseen("bath", 2, AF_INET);
    world_expect("");
    world_unseen("kitchen", 2, AF_INET);
    world_expect("-kitchen 192.168.1.40:8266 2;");
    cr_expect_eq(world.count, 0);
    cr_expect_eq(catalogue_devices(world.catalogue, &devices), 0);
    add_kitchen();
}

Test(catalogue_life, does_not_tell_of_one_that_was_never_told)
{
    world_seen("kitchen", 2, AF_INET);
    world_unseen("kitchen", 2, AF_INET);
    world_expect("");
    cr_expect_eq(world.count, 0);
}

Test(catalogue_life, tries_another_sighting_when_one_falls_silent)
{
    add_kitchen();
    world_seen("kitchen", 3, AF_INET);
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.40:8266 2,3;");
    world_answer("kitchen", 2, AF_INET, NULL);
    world_expect("");
    cr_expect_not_null(world_query("kitchen", 2, AF_INET, AF_INET));
    world_answer("kitchen", 3, AF_INET, "192.168.1.40");
    world_expect("");
    cr_expect_eq(world.count, 1);
    cr_expect_null(world_query("kitchen", 2, AF_INET, AF_INET));
}

Test(catalogue_life, removes_a_device_when_nothing_answers_and_hears_when_it_is_back)
{
    add_kitchen();
    world_answer("kitchen", 2, AF_INET, NULL);
    world_expect("");
    world_answer("kitchen", 2, AF_INET6, NULL);
    world_expect("-kitchen 192.168.1.40:8266 2;");
    cr_expect_eq(world.count, 1);
    world_later(60000);
    world_answer("kitchen", 2, AF_INET, "192.168.1.41");
    world_expect("+kitchen 192.168.1.41:8266 2;");
}

Test(catalogue_life, goes_on_through_another_interface_when_one_goes)
{
    add_kitchen();
    world_seen("kitchen", 3, AF_INET);
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.40:8266 2,3;");
    world_unseen("kitchen", 2, AF_INET);
    world_expect("");
    world_answer("kitchen", 3, AF_INET, "10.0.0.40");
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 10.0.0.40:8266 3;");
}

Test(catalogue_life, removes_what_is_not_seen_again_in_a_round)
{
    add_kitchen();
    world_seen("bath", 2, AF_INET);
    world_answer("bath", 2, AF_INET, "192.168.1.41");
    world_expect("+bath 192.168.1.41:8266 2;");
    catalogue_begin_round(world.catalogue);
    world_seen("kitchen", 2, AF_INET);
    world_expect("");
    catalogue_end_round(world.catalogue);
    world_run();
    world_expect("-bath 192.168.1.41:8266 2;");
    cr_expect_eq(world.count, 1);
}

Test(catalogue_life, asks_a_silent_device_again_in_the_next_round)
{
    size_t asked;

    world_seen("kitchen", 2, AF_INET);
    world_answer("kitchen", 2, AF_INET, NULL);
    world_answer("kitchen", 2, AF_INET6, NULL);
    asked = world.asked;
    catalogue_begin_round(world.catalogue);
    world_seen("kitchen", 2, AF_INET);
    cr_expect_gt(world.asked, asked);
}

Test(catalogue_life, keeps_devices_when_all_questions_are_closed_from_outside)
{
    add_kitchen();
    world_seen("bath", 2, AF_INET);
    world_answer("bath", 2, AF_INET, "192.168.1.41");
    world_expect("+bath 192.168.1.41:8266 2;");
    world.count = 0;
    catalogue_begin_round(world.catalogue);
    catalogue_forget_queries(world.catalogue);
    world_later(1000);
    world_expect("");
    cr_expect_eq(world.count, 0, "what was seen in another way is not asked for");
    world_seen("kitchen", 2, AF_INET);
    world_answer("kitchen", 2, AF_INET, "192.168.1.40");
    world_expect("");
    catalogue_end_round(world.catalogue);
    world_run();
    world_expect("-bath 192.168.1.41:8266 2;");
}

Test(catalogue_life, lets_a_query_fail_while_it_is_opened)
{
    struct catalogue_wish wish;

    catalogue_seen(world.catalogue, &(struct mdns_sighting){ "kitchen", 2, AF_INET });
    for (int asked = 0; asked < 2; asked++) {
        cr_assert(catalogue_next(world.catalogue, 0, &wish));
        cr_assert_eq(wish.kind, CATALOGUE_ASK);
        catalogue_answer(world.catalogue, wish.query, NULL, 0);
    }
    cr_assert(catalogue_next(world.catalogue, 0, &wish));
    cr_expect_eq(wish.kind, CATALOGUE_DROP);
    cr_expect_not(catalogue_next(world.catalogue, 0, &wish));
}

Test(catalogue_life, ignores_answers_to_questions_it_has_given_up)
{
    struct mdns_service service = { .host = "h.local" };
    struct catalogue_query *late;
    struct catalogue_wish wish;

    world_seen("kitchen", 2, AF_INET);
    late = world_query("kitchen", 2, AF_INET, AF_INET6);
    cr_assert(address_parse(&service.address, "2001:db8::7"));
    address_set_port(&service.address, 8266);
    catalogue_unseen(world.catalogue, &(struct mdns_sighting){ "kitchen", 2, AF_INET });
    catalogue_answer(world.catalogue, late, &service, 0);
    for (int dropped = 0; dropped < 2; dropped++) {
        cr_assert(catalogue_next(world.catalogue, 0, &wish));
        cr_expect_eq(wish.kind, CATALOGUE_DROP);
    }
    cr_expect_not(catalogue_next(world.catalogue, 0, &wish));
}

/* --- Many ------------------------------------------------------------------------------------- */

static const char *name_of(unsigned i)
{
    static char name[32];

    snprintf(name, sizeof name, "device-%u", i);
    return name;
}

Test(catalogue_life, asks_for_some_at_a_time_and_for_all_in_the_end)
{
    const unsigned many = 500;
    const struct device **devices;
    char address[32];

    for (unsigned i = 0; i < many; i++)
        world_seen(name_of(i), 2, AF_INET);
    cr_expect_eq(world.count, (size_t)CATALOGUE_IN_FLIGHT_MAX);
    for (unsigned answered = 0; answered < many; answered++) {
        struct catalogue_query *query = NULL;
        for (size_t i = 0; i < world.count && !query; i++) {
            if (world.queries[i]->state == CATALOGUE_QUERY_ASKED &&
                world.queries[i]->address_family == AF_INET)
                query = world.queries[i];
        }
        snprintf(address, sizeof address, "10.0.%u.%u", answered / 250, answered % 250 + 1);
        world_reply(query, address, 8266, "", 0);
        world.events[0] = '\0';
        cr_assert_leq(world.count, answered + 1 + CATALOGUE_IN_FLIGHT_MAX);
    }
    cr_expect_eq(catalogue_devices(world.catalogue, &devices), many);
    for (unsigned i = 1; i < many; i++)
        cr_expect_lt(strcasecmp(devices[i - 1]->name, devices[i]->name), 0);
    free(devices);
    cr_expect_eq(world.count, many);
}

/* Answer whatever is asked until nothing is asked any more. */
static void answer_all(void)
{
    for (size_t i = 0; i < world.count;) {
        struct catalogue_query *query = world.queries[i];
        if (query->state != CATALOGUE_QUERY_ASKED) {
            i++;
            continue;
        }
        world_reply(query, query->address_family == AF_INET ? "10.0.0.1" : NULL, 8266, "", 0);
        world.events[0] = '\0';
        i = 0;
    }
}

Test(catalogue_life, ignores_devices_beyond_the_limit)
{
    const struct device **devices;

    for (unsigned i = 0; i < FINDER_DEVICES_MAX; i++)
        cr_assert(world_seen(name_of(i), 2, AF_INET));
    cr_expect_not(world_seen("one too many", 2, AF_INET));
    cr_expect(world_seen(name_of(7), 3, AF_INET));
    answer_all();
    cr_expect_eq(catalogue_devices(world.catalogue, &devices), FINDER_DEVICES_MAX);
    free(devices);
    cr_expect_leq(world.count, (size_t)CATALOGUE_OPEN_MAX + 1, "%zu are open", world.count);
    world_unseen(name_of(7), 2, AF_INET);
    world_unseen(name_of(7), 3, AF_INET);
    cr_expect(world_seen("one too many", 2, AF_INET));
}

Test(catalogue_life, ignores_names_that_are_none)
{
    char name[DEVICE_NAME_MAX + 1];

    memset(name, 'x', sizeof name);
    name[DEVICE_NAME_MAX] = '\0';
    cr_expect_not(world_seen(name, 2, AF_INET));
    name[DEVICE_NAME_MAX - 1] = '\0';
    cr_expect(world_seen(name, 2, AF_INET));
    cr_expect_not(world_seen("", 2, AF_INET));
}

Test(catalogue_life, withstands_a_flood_of_names_that_come_and_go_at_once)
{
    size_t ignored = 0;

    for (unsigned i = 0; i < 100000; i++) {
        const struct mdns_sighting sighting = { name_of(i), 2, AF_INET };
        ignored += !catalogue_seen(world.catalogue, &sighting);
        catalogue_unseen(world.catalogue, &sighting);
    }
    cr_expect_eq(ignored, 100000u - FINDER_DEVICES_MAX, "so many wait to be forgotten");
    world_run();
    world_expect("");
    cr_expect_eq(world.count, 0);
    cr_expect(world_seen("kitchen", 2, AF_INET));
}

Test(catalogue_life, remembers_some_interfaces_of_a_device_seen_everywhere)
{
    const struct device **devices;

    add_kitchen();
    for (unsigned i = 100; i > 2; i--)
        world_seen("kitchen", i, AF_INET);
    world_later(CATALOGUE_GRACE_MS);
    cr_assert_eq(catalogue_devices(world.catalogue, &devices), 1);
    cr_expect_eq(devices[0]->interface_count, (size_t)DEVICE_INTERFACES_MAX);
    for (size_t i = 1; i < DEVICE_INTERFACES_MAX; i++)
        cr_expect_lt(devices[0]->interfaces[i - 1], devices[0]->interfaces[i]);
    free(devices);
    cr_expect_eq(world.count, 1);
}
