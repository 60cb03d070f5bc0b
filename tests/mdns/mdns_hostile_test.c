/*
 * Somebody on the network sends what nobody should: devices are found all the same, and nothing of
 * it reaches a terminal raw.
 */
#include "mdns_daemon.h"
#include "mdns_peers.h"
#include "mdns_rows.h"

#include <signal.h>
#include <string.h>

WORLD_SUITE(mdns_hostile);

/* A network with somebody hostile, and an honest device. */
struct meeting {
    struct world_host *here;
    struct process *hostile;
};

static struct meeting meet(const char *kind, bool daemon)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");
    struct world_host *cellar = world_host("cellar");

    world_link(&(struct world_link){ .name = "lan", .ipv4 = true }, HOSTS(here, attic, cellar));
    if (daemon)
        world_daemon(here);
    peer_publish(attic, ARGS("lan"), ARGS("honest"));
    return (struct meeting){ here, peer_hostile(cellar, "lan", kind) };
}

/* Something was found; or nothing, if that may be. */
static void expect_found(const struct process *discover, bool or_not)
{
    if (!or_not || discover->exit_code != 4)
        expect_exit(discover, 0);
    expect_printable(&discover->out);
    expect_printable(&discover->err);
}

/* One after the other: who is not read from would stop, with so much to tell. */
static json_t *expect_discover_survives(struct world_host *here, bool or_not)
{
    struct process *table =
        world_run(here, E2E_UPLOADER, ARGS("discover", "--debug", "--timeout", "4"));
    expect_found(table, or_not);

    struct process *watch = discover_watch(here, NULL);
    cr_assert_not(process_ended(watch, 2000));
    process_signal(watch, SIGINT);
    program_finish(watch);
    rows_of(watch);
    expect_printable(&watch->err);

    struct process *discover = discover_run(here, NULL);
    expect_found(discover, or_not);
    return rows_of(discover);
}

static json_t *expect_survives(const char *kind, bool daemon)
{
    json_t *rows = expect_discover_survives(meet(kind, daemon).here, false);

    row_of(rows, "honest");
    return rows;
}

#define HOSTILE(name, kind)              \
    Test(mdns_hostile, name)             \
    {                                    \
        expect_survives(kind, false);    \
    }                                    \
    Test(mdns_hostile, name##_by_daemon) \
    {                                    \
        expect_survives(kind, true);     \
    }

HOSTILE(large_txt, "large-txt")
HOSTILE(odd_names, "odd-names")
HOSTILE(cut_short, "cut-short")
HOSTILE(loops, "loops")
HOSTILE(wrong_counts, "wrong-counts")
HOSTILE(ghosts, "ghosts")

/*
 * Among thousands that come and go there is no room for everybody, in Avahi's cache or ours: but
 * there is an end to what is kept. Avahi may be so busy with them that nobody is answered.
 */
Test(mdns_hostile, flood)
{
    cr_assert_leq(count_rows(expect_discover_survives(meet("flood", false).here, true), NULL),
                  1024);
}

Test(mdns_hostile, flood_by_daemon)
{
    cr_assert_leq(count_rows(expect_discover_survives(meet("flood", true).here, true), NULL), 1024);
}

/* The last that the watch said of the only device that it tells of. */
static bool is_there(const struct process *watch)
{
    json_t *rows = rows_of(watch);
    size_t count = json_array_size(rows);

    return count > 0 && strcmp(row_text(json_array_get(rows, count - 1), "event"), "remove") != 0;
}

/* Once it is over everything is as before, for those who look on and for those who come. */
static void expect_flood_passes(bool daemon)
{
    struct meeting meeting = meet("flood", daemon);
    struct process *watch = discover_watch(meeting.here, ARGS("--match", "honest"));

    cr_assert_not(process_ended(watch, 5000));
    peer_leave(meeting.hostile);
    cr_assert_not(process_ended(watch, 15000), "until what it said is forgotten");
    for (int waited = 0; waited < 2 * E2E_PATIENCE_MS && !is_there(watch); waited += 500)
        cr_assert_not(process_ended(watch, 500));
    cr_assert(is_there(watch), "%s", watch->out.text);
    struct process *discover = discover_run(meeting.here, NULL);
    expect_exit(discover, 0);
    row_of(rows_of(discover), "honest");
}

Test(mdns_hostile, flood_passes)
{
    expect_flood_passes(false);
}

Test(mdns_hostile, flood_passes_by_daemon)
{
    expect_flood_passes(true);
}

Test(mdns_hostile, wrong_txt)
{
    json_t *rows = expect_survives("wrong-txt", false);
    json_t *txt = json_object_get(row_of(rows, "no-pairs"), "txt");

    cr_assert(json_object_get(txt, "board"));
    expect_text(row_of(rows, "no-pairs"), "board", "");
    cr_assert_eq(json_object_size(json_object_get(row_of(rows, "no-keys"), "txt")), 0);
    expect_text(row_of(rows, "twice"), "board", "a");
}

Test(mdns_hostile, binary_txt)
{
    json_t *rows = expect_survives("binary-txt", false);

    cr_assert(strstr(row_text(row_of(rows, "escapes"), "board"), "[31mred"));
    row_of(rows, "not-utf8");
    row_of(rows, "zeros");
    row_of(rows, "all-bytes");
}

/* Port 0 says that the service is not offered. */
Test(mdns_hostile, odd_numbers)
{
    json_t *rows = expect_survives("odd-numbers", false);

    cr_assert_eq(count_rows(rows, "port-zero"), 0);
    cr_assert_eq(json_integer_value(json_object_get(row_of(rows, "last-port"), "port")), 65535);
}

Test(mdns_hostile, other_services)
{
    json_t *rows = expect_survives("other-services", false);

    cr_assert_eq(count_rows(rows, "printer"), 0);
    cr_assert_eq(count_rows(rows, "stranger"), 0);
}

/* The discovery for the Arduino tools hears the same; a flood it hears out first. */
static void expect_arduino_survives(const char *kind, bool is_flood)
{
    struct meeting meeting = meet(kind, false);
    static const char commands[] = "HELLO 1 \"test\"\nSTART_SYNC\n";
    struct process *arduino = world_start(meeting.here, E2E_UPLOADER, ARGS("arduino-discovery"));

    cr_assert(process_write(arduino, commands, sizeof commands - 1, E2E_PATIENCE_MS));
    if (is_flood) {
        cr_assert_not(process_ended(arduino, 5000));
        peer_leave(meeting.hostile);
    }
    cr_assert(process_expect(arduino, &arduino->out, "honest at ", 2 * E2E_PATIENCE_MS), "%s%s",
              arduino->out.text, arduino->err.text);
    cr_assert_not(process_ended(arduino, 2000));
    cr_assert(process_write(arduino, "QUIT\n", 5, E2E_PATIENCE_MS));
    program_finish(arduino);
    expect_exit(arduino, 0);
    expect_printable(&arduino->out);
    expect_printable(&arduino->err);
}

Test(mdns_hostile, arduino_binary_txt)
{
    expect_arduino_survives("binary-txt", false);
}

Test(mdns_hostile, arduino_odd_names)
{
    expect_arduino_survives("odd-names", false);
}

Test(mdns_hostile, arduino_flood)
{
    expect_arduino_survives("flood", true);
}
