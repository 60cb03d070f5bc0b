/*
 * Which address of a device is told, and when.
 */
#include "catalogue_world.h"

static void enter(void)
{
    world_open(AF_UNSPEC);
}

TestSuite(catalogue, .init = enter, .fini = world_close);

Test(catalogue, tells_a_device_once_its_address_is_known)
{
    const struct device **devices;

    cr_expect(world_seen("kitchen", 2, AF_INET));
    world_expect("");
    cr_expect_eq(catalogue_devices(world.catalogue, &devices), 0);
    cr_expect_null(devices);
    world_answer("kitchen", 2, AF_INET, "192.168.1.40");
    world_expect("+kitchen 192.168.1.40:8266 2;");
    cr_assert_eq(catalogue_devices(world.catalogue, &devices), 1);
    cr_expect_str_eq(devices[0]->name, "kitchen");
    cr_expect_str_eq(devices[0]->host, "host.local");
    free(devices);
}

Test(catalogue, asks_for_both_families_and_keeps_one_question_open)
{
    world_seen("kitchen", 2, AF_INET);
    cr_expect_eq(world.count, 2);
    cr_expect_not_null(world_query("kitchen", 2, AF_INET, AF_INET6));
    world_answer("kitchen", 2, AF_INET, "192.168.1.40");
    cr_expect_eq(world.count, 1);
    cr_expect_not_null(world_query("kitchen", 2, AF_INET, AF_INET));
}

Test(catalogue, asks_for_an_ipv4_address_over_ipv4_where_it_can)
{
    catalogue_seen(world.catalogue, &(struct mdns_sighting){ "kitchen", 2, AF_INET6 });
    catalogue_seen(world.catalogue, &(struct mdns_sighting){ "kitchen", 3, AF_INET });
    world_run();
    cr_expect_not_null(world_query("kitchen", 3, AF_INET, AF_INET));
    cr_expect_not_null(world_query("kitchen", 2, AF_INET6, AF_INET6));
}

Test(catalogue, lets_an_ipv6_address_wait_for_an_ipv4_one)
{
    uint64_t at;

    world_seen("kitchen", 2, AF_INET);
    world_answer("kitchen", 2, AF_INET6, "2001:db8::7");
    world_expect("");
    cr_assert(catalogue_wake(world.catalogue, &at));
    cr_expect_eq(at, world.now_ms + CATALOGUE_GRACE_MS);
    world_later(CATALOGUE_GRACE_MS - 1);
    world_expect("");
    world_answer("kitchen", 2, AF_INET, "192.168.1.40");
    world_expect("+kitchen 192.168.1.40:8266 2;");
    world_later(1000);
    world_expect("");
    cr_expect_not(catalogue_wake(world.catalogue, &at));
    cr_expect_eq(world.count, 1);
}

Test(catalogue, tells_an_ipv6_address_when_no_ipv4_one_comes_in_time)
{
    world_seen("kitchen", 2, AF_INET);
    world_answer("kitchen", 2, AF_INET6, "2001:db8::7");
    world_later(CATALOGUE_GRACE_MS);
    world_expect("+kitchen [2001:db8::7]:8266 2;");
    world_answer("kitchen", 2, AF_INET, "192.168.1.40");
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.40:8266 2;");
    cr_expect_eq(world.count, 1);
}

Test(catalogue, tells_an_ipv6_address_at_once_when_there_is_no_ipv4_one)
{
    world_seen("kitchen", 2, AF_INET);
    world_answer("kitchen", 2, AF_INET6, "2001:db8::7");
    world_answer("kitchen", 2, AF_INET, NULL);
    world_expect("+kitchen [2001:db8::7]:8266 2;");
    cr_expect_eq(world.count, 1);
    cr_expect_not_null(world_query("kitchen", 2, AF_INET, AF_INET6));
}

Test(catalogue, tells_a_link_local_address_with_its_scope_if_there_is_nothing_else)
{
    const struct device **devices;

    world_seen("kitchen", 7, AF_INET);
    world_answer("kitchen", 7, AF_INET6, "fe80::1");
    world_expect("");
    world_answer("kitchen", 7, AF_INET, NULL);
    cr_assert_eq(catalogue_devices(world.catalogue, &devices), 1);
    cr_expect_eq(devices[0]->address.u.v6.sin6_scope_id, 7);
    free(devices);
}

Test(catalogue, prefers_any_other_address_to_a_link_local_one)
{
    catalogue_seen(world.catalogue, &(struct mdns_sighting){ "kitchen", 2, AF_INET });
    catalogue_seen(world.catalogue, &(struct mdns_sighting){ "kitchen", 3, AF_INET });
    world_run();
    world_answer("kitchen", 2, AF_INET6, "fe80::1");
    world_answer("kitchen", 3, AF_INET6, "2001:db8::7");
    world_answer("kitchen", 2, AF_INET, NULL);
    world_expect("");
    world_answer("kitchen", 3, AF_INET, NULL);
    world_expect("+kitchen [2001:db8::7]:8266 2,3;");
    cr_expect_eq(world.count, 1);
}

Test(catalogue, stays_with_the_first_of_two_addresses_that_are_as_good)
{
    struct catalogue_query *first;

    catalogue_seen(world.catalogue, &(struct mdns_sighting){ "kitchen", 2, AF_INET });
    catalogue_seen(world.catalogue, &(struct mdns_sighting){ "kitchen", 3, AF_INET });
    world_run();
    first = world_query("kitchen", 2, AF_INET, AF_INET6);
    world_answer("kitchen", 2, AF_INET6, "fe80::1");
    world_answer("kitchen", 3, AF_INET6, "fe80::2");
    world_answer("kitchen", 2, AF_INET, NULL);
    world_answer("kitchen", 3, AF_INET, NULL);
    cr_assert_eq(world.count, 1);
    cr_expect_eq(world.queries[0], first);
}

Test(catalogue, asks_a_new_sighting_for_a_better_address)
{
    world_seen("kitchen", 2, AF_INET6);
    world_reply(world_query("kitchen", 2, AF_INET6, AF_INET6), "2001:db8::7", 8266, "", 0);
    world_reply(world_query("kitchen", 2, AF_INET6, AF_INET), NULL, 0, "", 0);
    world_expect("+kitchen [2001:db8::7]:8266 2;");
    world_seen("kitchen", 2, AF_INET);
    world_answer("kitchen", 2, AF_INET, "192.168.1.40");
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.40:8266 2;");
    cr_expect_eq(world.count, 1);
}

Test(catalogue, sticks_to_ipv6_when_told_so)
{
    world_close();
    world_open(AF_INET6);
    world_seen("kitchen", 2, AF_INET);
    cr_expect_eq(world.count, 1);
    world_answer("kitchen", 2, AF_INET6, "2001:db8::7");
    world_expect("+kitchen [2001:db8::7]:8266 2;");
}

Test(catalogue, sticks_to_ipv4_when_told_so)
{
    world_close();
    world_open(AF_INET);
    world_seen("kitchen", 2, AF_INET);
    cr_expect_eq(world.count, 1);
    cr_expect_not_null(world_query("kitchen", 2, AF_INET, AF_INET));
    world_answer("kitchen", 2, AF_INET, NULL);
    world_expect("");
}

Test(catalogue, does_not_take_an_answer_of_the_wrong_kind)
{
    world_seen("kitchen", 2, AF_INET);
    world_answer("kitchen", 2, AF_INET, "2001:db8::7");
    world_later(1000);
    world_expect("");
}

Test(catalogue, does_not_take_addresses_that_no_device_has)
{
    world_seen("a", 2, AF_INET);
    world_answer("a", 2, AF_INET, "0.0.0.0");
    world_seen("b", 2, AF_INET);
    world_answer("b", 2, AF_INET, "224.0.0.251");
    world_seen("c", 2, AF_INET);
    world_answer("c", 2, AF_INET, "255.255.255.255");
    world_seen("d", 2, AF_INET);
    world_answer("d", 2, AF_INET6, "ff02::fb");
    world_seen("e", 2, AF_INET);
    world_answer("e", 2, AF_INET6, "::");
    world_later(1000);
    world_expect("");
}

Test(catalogue, tells_what_changes)
{
    struct catalogue_query *query;

    world_seen("kitchen", 2, AF_INET);
    query = world_query("kitchen", 2, AF_INET, AF_INET);
    world_reply(query, "192.168.1.40", 8266, "\x03k=1", 4);
    world_expect("+kitchen 192.168.1.40:8266 2;");
    world_reply(query, "192.168.1.40", 8266, "\x03k=1", 4);
    world_expect("");
    world_reply(query, "192.168.1.40", 8266, "\x03k=2", 4);
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.40:8266 2;");
    world_reply(query, "192.168.1.40", 3232, "\x03k=2", 4);
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.40:3232 2;");
    world_reply(query, "192.168.1.41", 3232, "\x03k=2", 4);
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.41:3232 2;");
}

/* Avahi tells of a port and a TXT record that changed together one after the other. */
Test(catalogue, makes_one_event_of_a_change_in_pieces)
{
    struct catalogue_query *query;

    world_seen("kitchen", 2, AF_INET);
    query = world_query("kitchen", 2, AF_INET, AF_INET);
    world_reply(query, "192.168.1.40", 8266, "\x03k=1", 4);
    world_expect("+kitchen 192.168.1.40:8266 2;");
    world_reply(query, "192.168.1.40", 3232, "\x03k=1", 4);
    world_later(10);
    world_reply(query, "192.168.1.40", 3232, "\x03k=2", 4);
    world_expect("");
    world_later(CATALOGUE_GRACE_MS);
    world_expect("~kitchen 192.168.1.40:3232 2;");
    world_reply(query, "192.168.1.41", 3232, "\x03k=2", 4);
    world_reply(query, "192.168.1.40", 3232, "\x03k=2", 4);
    world_later(CATALOGUE_GRACE_MS);
    world_expect("");
}

Test(catalogue, makes_one_event_of_changes_at_one_moment)
{
    struct catalogue_query *query;
    struct mdns_service service = { .host = "host.local" };

    world_seen("kitchen", 2, AF_INET);
    query = world_query("kitchen", 2, AF_INET, AF_INET);
    cr_assert(address_parse(&service.address, "192.168.1.40"));
    address_set_port(&service.address, 1);
    catalogue_answer(world.catalogue, query, &service, world.now_ms);
    catalogue_seen(world.catalogue, &(struct mdns_sighting){ "kitchen", 3, AF_INET });
    address_set_port(&service.address, 2);
    catalogue_answer(world.catalogue, query, &service, world.now_ms);
    world_run();
    world_expect("+kitchen 192.168.1.40:2 2,3;");
}

Test(catalogue, tells_no_device_at_port_0)
{
    struct catalogue_query *query;

    world_seen("kitchen", 2, AF_INET);
    world_seen("kitchen", 3, AF_INET);
    query = world_query("kitchen", 2, AF_INET, AF_INET);
    world_reply(query, "192.168.1.40", 0, "", 0);
    world_later(1000);
    world_expect("");
    cr_expect_eq(world.count, 1, "it is heard when that changes, and nobody else is asked");
    world_reply(query, "192.168.1.40", 8266, "", 0);
    world_expect("+kitchen 192.168.1.40:8266 2,3;");
    world_reply(query, "192.168.1.40", 0, "", 0);
    world_expect("-kitchen 192.168.1.40:8266 2,3;");
}

Test(catalogue, keeps_8_kib_of_a_txt_record_cut_at_a_string)
{
    static uint8_t txt[65535];
    const struct device **devices;

    memset(txt, 99, sizeof txt);
    world_seen("kitchen", 2, AF_INET);
    world_reply(world_query("kitchen", 2, AF_INET, AF_INET), "192.168.1.40", 8266, txt, sizeof txt);
    cr_assert_eq(catalogue_devices(world.catalogue, &devices), 1);
    cr_expect_leq(devices[0]->txt_len, (size_t)ANSWER_TXT_MAX);
    cr_expect_eq(devices[0]->txt_len, 8100);
    free(devices);
}

Test(catalogue, cuts_a_txt_record_where_a_string_is_cut_short)
{
    const struct device **devices;

    world_seen("kitchen", 2, AF_INET);
    world_reply(world_query("kitchen", 2, AF_INET, AF_INET), "192.168.1.40", 8266, "\x03k=1\x02q",
                6);
    cr_assert_eq(catalogue_devices(world.catalogue, &devices), 1);
    cr_expect_eq(devices[0]->txt_len, 4);
    free(devices);
}
