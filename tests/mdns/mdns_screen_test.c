/*
 * `espota-c discover` on a terminal: a line as soon as a device is found, the sorted table in the
 * place of the lines, and what of this terminals that cannot do it get to see. And that a signal
 * does not cost what has been found.
 */
#include "mdns_peers.h"
#include "mdns_rows.h"

#include <signal.h>
#include <string.h>

WORLD_SUITE(mdns_screen);

#define ESCAPE "\033"

/* What the list begins with, and what it is drawn over with when it has so many lines. */
#define HEADING    "NAME   "
#define OVER(rows) ESCAPE "[" #rows "A\r" ESCAPE "[J" HEADING

/* The test ends it. */
#define ENDLESS "--timeout", "600"

static struct world_host *attic;

static void lan(void)
{
    attic = world_host("attic");
    world_link(&(struct world_link){ .name = "lan", .ipv4 = true }, HOSTS(world_here(), attic));
}

struct terminal {
    const char *type; /* TERM */
    unsigned short columns, rows;
};

static const struct terminal usual = { "TERM=xterm", 100, 24 };

static struct process *start(const struct terminal *terminal, const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, ARGS("discover"), args);
    return program_start(E2E_UPLOADER, argv,
                         &(struct program_options){ .environment = ARGS(terminal->type),
                                                    .stdout_terminal = true,
                                                    .columns = terminal->columns,
                                                    .rows = terminal->rows });
}

static void await(struct process *discover, const char *text)
{
    cr_assert(process_expect(discover, &discover->out, text, 2 * E2E_PATIENCE_MS),
              "no \"%s\": %s%s", text, discover->out.text, discover->err.text);
}

static void finish(struct process *discover, int signal)
{
    process_signal(discover, signal);
    program_finish(discover);
    expect_exit(discover, 128 + signal);
}

/* The text after `mark` has these names in this order, at the beginning of lines. */
static void expect_order(const struct process *discover, const char *mark, const char *first,
                         const char *second)
{
    const char *at = strstr(discover->out.text, mark);
    const char *a = at ? strstr(at + strlen(mark), first) : NULL;
    const char *b = a ? strstr(a, second) : NULL;

    cr_assert(b && a[-1] == '\n' && b[-1] == '\n', "after \"%s\" not %s, %s: %s", mark + 1, first,
              second, discover->out.text);
}

/* The zoo is found before the attic, and stands below it at the end. */
static struct process *find_two(const struct terminal *terminal, const char *const *args)
{
    lan();
    struct process *discover = start(terminal, args);
    peer_device(attic, "zoo", NULL);
    await(discover, "\nzoo ");
    peer_device(attic, "attic", ARGS("--port", "8267"));
    await(discover, "\nattic ");
    return discover;
}

Test(mdns_screen, shows_each_at_once_and_sorts_them_at_the_end)
{
    lan();
    struct process *discover = start(&usual, ARGS("--timeout", "15"));
    peer_device(attic, "zoo", NULL);
    await(discover, "\nzoo ");
    expect_no_out(discover, ESCAPE);
    peer_device(attic, "attic", ARGS("--port", "8267"));
    program_finish(discover);
    expect_exit(discover, 0);
    expect_order(discover, HEADING, "zoo ", "attic ");
    expect_order(discover, OVER(3), "attic ", "zoo ");
    expect_out(discover, ESCAPE);
    expect_silent(discover->err);
}

Test(mdns_screen, an_interrupt_leaves_the_sorted_list)
{
    struct process *discover = find_two(&usual, ARGS(ENDLESS));

    expect_no_out(discover, ESCAPE);
    finish(discover, SIGINT);
    expect_order(discover, OVER(3), "attic ", "zoo ");
    expect_silent(discover->err);
}

Test(mdns_screen, has_no_escape_sequences_where_they_are_not_understood)
{
    static const struct terminal dumb = { "TERM=dumb", 100, 24 };
    struct process *discover = find_two(&dumb, ARGS(ENDLESS));

    finish(discover, SIGTERM);
    expect_no_out(discover, ESCAPE);
    expect_order(discover, "\n\n" HEADING, "attic ", "zoo ");
}

Test(mdns_screen, lines_of_debugging_are_not_drawn_over)
{
    struct process *discover = find_two(&usual, ARGS(ENDLESS, "--debug"));

    finish(discover, SIGINT);
    expect_no_out(discover, ESCAPE);
    expect_order(discover, "\n\n" HEADING, "attic ", "zoo ");
    expect_err(discover, "zoo");
}

Test(mdns_screen, a_list_longer_than_the_terminal_is_printed_again)
{
    static const struct terminal low = { "TERM=xterm", 100, 3 };
    struct process *discover = find_two(&low, ARGS(ENDLESS));

    finish(discover, SIGINT);
    expect_no_out(discover, ESCAPE);
    expect_order(discover, "\n\n" HEADING, "attic ", "zoo ");
}

/* Eight times a kitchen in Japan: 16 characters, 48 bytes, 32 columns. The table is 72 and more. */
#define KITCHEN  "\u53f0\u6240\u53f0\u6240"
#define KITCHENS KITCHEN KITCHEN KITCHEN KITCHEN

static struct process *find_kitchens(const struct terminal *terminal)
{
    lan();
    struct process *discover = start(terminal, ARGS(ENDLESS));
    peer_device(attic, KITCHENS, NULL);
    await(discover, "\n" KITCHENS "  10.1.0.");
    peer_device(attic, "bath", ARGS("--port", "8267"));
    await(discover, "\nbath                              10.1.0.");
    finish(discover, SIGINT);
    return discover;
}

Test(mdns_screen, wide_characters_that_fit_are_drawn_over)
{
    struct process *discover = find_kitchens(&usual);

    expect_order(discover, OVER(3), "bath ", KITCHENS);
}

Test(mdns_screen, wide_characters_that_are_wrapped_are_not_drawn_over)
{
    static const struct terminal narrow = { "TERM=xterm", 78, 24 };
    struct process *discover = find_kitchens(&narrow);

    expect_no_out(discover, ESCAPE);
    expect_order(discover, "\n\n" HEADING, "bath ", KITCHENS);
}

Test(mdns_screen, a_device_that_comes_and_goes_has_one_line)
{
    lan();
    struct process *discover = start(&usual, ARGS(ENDLESS));
    struct process *watch = discover_watch(world_here(), NULL);

    for (int i = 0; i < 3; i++) {
        struct process *device = peer_device(attic, "kitchen", NULL);
        await(discover, "\nkitchen ");
        expect_event(watch, "add", "kitchen");
        process_signal(device, SIGTERM);
        program_finish(device);
        expect_event(watch, "remove", "kitchen");
    }
    peer_device(attic, "bath", NULL);
    await(discover, "\nbath ");
    expect_said_at(__FILE__, __LINE__, discover, &discover->out, "\nkitchen ", 1);
    finish(discover, SIGINT);
}

Test(mdns_screen, watching_shows_what_comes_and_goes)
{
    lan();
    struct process *discover = start(&usual, ARGS("--watch"));
    struct process *device = peer_device(attic, "kitchen", NULL);

    await(discover, " + kitchen ");
    process_signal(device, SIGTERM);
    program_finish(device);
    await(discover, " - kitchen ");
    peer_device(attic, "kitchen", NULL);
    finish(discover, SIGINT);
    expect_no_out(discover, ESCAPE);
    expect_no_out(discover, HEADING);
}

/* ---- signals where there is no terminal ---- */

/* Debugging tells what has been found; the list itself comes at the end. */
static struct process *interrupted(const char *const *args, int signal)
{
    const char *argv[ARGUMENTS_MAX];

    lan();
    join_arguments(argv, ARGS("discover", ENDLESS, "--debug"), args);
    struct process *discover = program_start(E2E_UPLOADER, argv, NULL);
    peer_device(attic, "zoo", NULL);
    peer_device(attic, "attic", ARGS("--port", "8267"));
    cr_assert(process_expect(discover, &discover->err, "found zoo\n", 2 * E2E_PATIENCE_MS) &&
                  process_expect(discover, &discover->err, "found attic\n", 2 * E2E_PATIENCE_MS),
              "%s", discover->err.text);
    expect_silent(discover->out);
    finish(discover, signal);
    return discover;
}

Test(mdns_screen, an_interrupt_does_not_cost_the_list_in_a_pipe)
{
    struct process *discover = interrupted(NULL, SIGINT);

    cr_assert_eq(strncmp(discover->out.text, HEADING, strlen(HEADING)), 0);
    expect_order(discover, HEADING, "attic ", "zoo ");
}

Test(mdns_screen, an_end_does_not_cost_the_objects)
{
    json_t *rows = rows_of(interrupted(ARGS("--json"), SIGTERM));

    cr_assert_eq(json_array_size(rows), 2);
    expect_sorted(rows);
}

Test(mdns_screen, an_interrupt_before_anything_is_found_needs_no_explanation)
{
    lan();
    struct process *discover = start(&usual, ARGS(ENDLESS, "--debug"));

    cr_assert(process_expect(discover, &discover->err, "asked ", 2 * E2E_PATIENCE_MS));
    finish(discover, SIGINT);
    expect_silent(discover->out);
    expect_no_err(discover, "no device found");
}
