/*
 * Devices among many that do not answer, be it that nobody is there, or that they have no address
 * of the kind that is asked for.
 */
#include "catalogue_world.h"

static void enter(void)
{
    world_open(AF_UNSPEC);
}

TestSuite(catalogue_crowd, .init = enter, .fini = world_close);

static const char *name_of(unsigned i)
{
    static char name[32];

    snprintf(name, sizeof name, "crowd-%u", i);
    return name;
}

static void see_crowd(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct mdns_sighting sighting = { name_of(i), 2, AF_INET };
        catalogue_seen(world.catalogue, &sighting);
    }
    world_run();
}

/* Let time pass as a caller would, which wakes when it was told to. */
static void pass(unsigned ms)
{
    const uint64_t until = world.now_ms + ms;
    uint64_t at;

    while (catalogue_wake(world.catalogue, &at) && at <= until)
        world_later(at > world.now_ms ? (unsigned)(at - world.now_ms) : 0);
    world_later((unsigned)(until - world.now_ms));
}

/* Answer every question for an address of this family that is open, and what comes of that. */
static void answer_family(int address_family, const char *address)
{
    for (size_t i = 0; i < world.count;) {
        struct catalogue_query *query = world.queries[i++];
        if (query->state != CATALOGUE_QUERY_ASKED || query->address_family != address_family)
            continue;
        world_reply(query, address, 8266, "", 0);
        world.events[0] = '\0';
        i = 0;
    }
}

Test(catalogue_crowd, of_names_that_nothing_answers_for_hides_nobody)
{
    see_crowd(200);
    cr_expect_eq(world.count, (size_t)CATALOGUE_IN_FLIGHT_MAX);
    world_seen("kitchen", 2, AF_INET);
    cr_expect_null(world_query("kitchen", 2, AF_INET, AF_INET));
    pass(5 * CATALOGUE_FLIGHT_MS);
    world_answer("kitchen", 2, AF_INET, "192.168.1.40");
    world_expect("+kitchen 192.168.1.40:8266 2;");
}

Test(catalogue_crowd, of_devices_without_ipv4_is_told_in_seconds)
{
    const struct device **devices;

    see_crowd(200);
    for (unsigned ms = 0; ms < 2000; ms += 50) {
        answer_family(AF_INET6, "2001:db8::7");
        pass(50);
    }
    cr_expect_eq(catalogue_devices(world.catalogue, &devices), 200);
    free(devices);
}

Test(catalogue_crowd, is_asked_completely_and_never_too_much_at_once)
{
    size_t most = 0;

    see_crowd(FINDER_DEVICES_MAX);
    for (unsigned ms = 0; ms < 8000; ms += 50) {
        pass(50);
        most = world.count > most ? world.count : most;
    }
    cr_expect_eq(world.asked, 2 * FINDER_DEVICES_MAX);
    cr_expect_leq(most, (size_t)CATALOGUE_OPEN_MAX, "%zu were open", most);
}

Test(catalogue_crowd, that_is_asked_again_does_not_keep_others_waiting)
{
    see_crowd(FINDER_DEVICES_MAX - 1);
    pass(8000);
    catalogue_begin_round(world.catalogue);
    see_crowd(FINDER_DEVICES_MAX - 1);
    world_seen("kitchen", 2, AF_INET);
    world_answer("kitchen", 2, AF_INET, "192.168.1.40");
    world_expect("+kitchen 192.168.1.40:8266 2;");
}

Test(catalogue_crowd, is_asked_again_less_and_less_often)
{
    unsigned rounds = 0;

    world_seen("ghost", 2, AF_INET);
    for (unsigned round = 1; round <= 64; round++) {
        size_t asked = world.asked;
        answer_family(AF_INET, NULL);
        answer_family(AF_INET6, NULL);
        catalogue_begin_round(world.catalogue);
        world_seen("ghost", 2, AF_INET);
        rounds += world.asked > asked;
    }
    cr_expect_geq(rounds, 8);
    cr_expect_leq(rounds, 16, "in %u of 64 rounds", rounds);
}

Test(catalogue_crowd, that_never_answered_makes_room_for_others)
{
    see_crowd(FINDER_DEVICES_MAX);
    cr_expect_not(catalogue_has_room(world.catalogue));
    cr_expect_not(world_seen("kitchen", 2, AF_INET), "they have had no time to answer");
    pass(8000);
    cr_expect_not(world_seen("kitchen", 2, AF_INET), "an answer may have been lost");
    catalogue_begin_round(world.catalogue);
    see_crowd(FINDER_DEVICES_MAX);
    pass(8000);
    cr_expect(world_seen("kitchen", 2, AF_INET));
    world_answer("kitchen", 2, AF_INET, "192.168.1.40");
    world_expect("+kitchen 192.168.1.40:8266 2;");
}

Test(catalogue_crowd, that_answered_stays)
{
    see_crowd(FINDER_DEVICES_MAX);
    answer_family(AF_INET, "10.0.0.1");
    pass(8000);
    cr_expect_not(world_seen("kitchen", 2, AF_INET));
    world_unseen(name_of(7), 2, AF_INET);
    cr_expect(catalogue_has_room(world.catalogue));
}
