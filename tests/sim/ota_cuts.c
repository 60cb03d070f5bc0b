/*
 * ota-cuts: cut the power of a device everywhere, and look whether it lives.
 *
 * Prints a line for each scenario on each geometry, and the name of each run that went wrong; a run
 * is repeated, with all that happens in it, by --case.
 */
#include "tests/sim/cuts_plan.h"
#include "tests/sim/cuts_trace.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the numbers, -1 is what the plan says, or all. */
struct arguments {
    enum cuts_extent extent;
    const char *run;
    int scenario;
    int geometry;
    int handover;
    int pairs; /* an enum cuts_pairs */
    int seeds;
    enum sim_sabotage_kind sabotage;
    bool verbose;
};

/* --- Names ------------------------------------------------------------------------------------ */

static const char *scenario_name(size_t n)
{
    return n < cuts_scenario_count ? cuts_scenarios[n].name : NULL;
}

static const char *geometry_name(size_t n)
{
    return n < cuts_geometry_count ? cuts_geometries[n].name : NULL;
}

static const char *handover_name(size_t n)
{
    static const char *const names[] = { [OTA_SELECT] = "select", [OTA_EXCHANGE] = "exchange" };

    return n < 2 ? names[n] : NULL;
}

static const char *pairs_name(size_t n)
{
    static const char *const names[] = {
        [CUTS_NO_PAIRS] = "none", [CUTS_PLACES] = "places", [CUTS_PRODUCT] = "product"
    };

    return n < 3 ? names[n] : NULL;
}

/* Those that are at home in a single call of the library. */
static const enum sim_sabotage_kind sabotages[] = { SIM_ONE_RECORD_COPY, SIM_NOT_FIRM };

static const char *sabotage_name(size_t n)
{
    return n < sizeof sabotages / sizeof *sabotages ? sim_sabotage_name(sabotages[n]) : NULL;
}

/* --- Arguments -------------------------------------------------------------------------------- */

#define EXIT_USAGE 2

/* Which of the names this is; when it is none of them, that is told, and the program ends. */
static int choose(const char *what, const char *name, const char *(*nth_name)(size_t n))
{
    for (size_t n = 0; nth_name(n); n++) {
        if (strcmp(name, nth_name(n)) == 0)
            return (int)n;
    }
    fprintf(stderr, "ota-cuts: %s: no such %s; there are:", name, what);
    for (size_t n = 0; nth_name(n); n++)
        fprintf(stderr, " %s", nth_name(n));
    fprintf(stderr, "\n");
    exit(EXIT_USAGE);
}

#define SEEDS_MAX 1000000

static int parse_seeds(const char *arg)
{
    char *end;
    long seeds = strtol(arg, &end, 10);

    if (*end == '\0' && seeds >= 1 && seeds <= SEEDS_MAX)
        return (int)seeds;
    fprintf(stderr, "ota-cuts: %s: not a number of seeds (1 to %d)\n", arg, SEEDS_MAX);
    exit(EXIT_USAGE);
}

enum {
    OPTION_ALL = 'a',
    OPTION_CASE = 'c',
    OPTION_FEW = 'f',
    OPTION_GEOMETRY = 'g',
    OPTION_HANDOVER = 'o',
    OPTION_PAIRS = 'p',
    OPTION_SABOTAGE = 'b',
    OPTION_SCENARIO = 's',
    OPTION_SEEDS = 'n',
    OPTION_VERBOSE = 'v',
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case OPTION_ALL:
        arguments->extent = CUTS_ALL;
        return 0;
    case OPTION_CASE:
        arguments->run = arg;
        return 0;
    case OPTION_FEW:
        arguments->extent = CUTS_FEW;
        return 0;
    case OPTION_GEOMETRY:
        arguments->geometry = choose("geometry", arg, geometry_name);
        return 0;
    case OPTION_HANDOVER:
        arguments->handover = choose("hand-over", arg, handover_name);
        return 0;
    case OPTION_PAIRS:
        arguments->pairs = choose("choice of pairs", arg, pairs_name);
        return 0;
    case OPTION_SABOTAGE:
        arguments->sabotage = sabotages[choose("sabotage", arg, sabotage_name)];
        return 0;
    case OPTION_SEEDS:
        arguments->seeds = parse_seeds(arg);
        return 0;
    case OPTION_SCENARIO:
        arguments->scenario = choose("scenario", arg, scenario_name);
        return 0;
    case OPTION_VERBOSE:
        arguments->verbose = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
    { "all", OPTION_ALL, NULL, 0, "The whole table, which takes hours", 0 },
    { "few", OPTION_FEW, NULL, 0, "What the tests do, which takes minutes", 0 },
    { "scenario", OPTION_SCENARIO, "NAME", 0, "This scenario alone", 0 },
    { "geometry", OPTION_GEOMETRY, "NAME", 0, "This geometry alone, as 4096/256", 0 },
    { "handover", OPTION_HANDOVER, "NAME", 0, "select or exchange alone", 0 },
    { "pairs", OPTION_PAIRS, "HOW", 0,
      "Pairs of cuts: none (and no faults or storms), places or product", 0 },
    { "seeds", OPTION_SEEDS, "N", 0, "Of each cut that leaves bits to chance", 0 },
    { "sabotage", OPTION_SABOTAGE, "NAME", 0,
      "Break the device on purpose: one-record-copy or not-firm; has to end with 1", 0 },
    { "case", OPTION_CASE, "RUN", 0, "Repeat a run that went wrong, and trace it", 0 },
    { "verbose", OPTION_VERBOSE, NULL, 0, "A line for each case", 0 },
    { 0 },
};

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .doc =
        "Cut the power of a simulated device everywhere, and look whether it lives: at every "
        "operation of flash on many geometries, and at every two on the smallest, unless --few or "
        "--all is given.",
};

/* --- Searching -------------------------------------------------------------------------------- */

static bool is_wanted(int wanted, size_t n)
{
    return wanted < 0 || (size_t)wanted == n;
}

static void on_violation(void *ctx, const struct cuts_run *run, const char *what)
{
    char name[CUTS_RUN_NAME_MAX];

    (void)ctx;
    cuts_run_name(run, name);
    printf("  %s: %s\n", name, what);
}

static void print_totals(const char *name, const struct cuts_totals *totals)
{
    printf("%-44s %6llu %8llu %9llu %8llu %7llu %6llu\n", name,
           (unsigned long long)totals->operations, (unsigned long long)totals->cuts,
           (unsigned long long)totals->pairs, (unsigned long long)totals->faults,
           (unsigned long long)totals->storms, (unsigned long long)totals->violations);
    fflush(stdout);
}

static void add(struct cuts_totals *sum, const struct cuts_totals *totals)
{
    sum->operations += totals->operations;
    sum->cuts += totals->cuts;
    sum->pairs += totals->pairs;
    sum->faults += totals->faults;
    sum->storms += totals->storms;
    sum->violations += totals->violations;
    for (unsigned i = 0; i < NOR_CUT_KINDS; i++) {
        for (unsigned j = 0; j < NOR_CUT_KINDS; j++)
            sum->kinds[i][j] += totals->kinds[i][j];
    }
}

/* What the plan says, unless the command line does. */
static void amend(const struct arguments *arguments, struct cuts_options *how)
{
    how->sabotage = arguments->sabotage;
    if (arguments->seeds > 0)
        how->seeds = (unsigned)arguments->seeds;
    if (arguments->pairs < 0)
        return;
    how->pairs = (enum cuts_pairs)arguments->pairs;
    how->faults = how->faults && how->pairs != CUTS_NO_PAIRS;
    how->storms = how->pairs != CUTS_NO_PAIRS ? how->storms : 0;
}

/* All cases of a line of the table. */
static void search_line(const struct arguments *arguments, const struct cuts_scenario *scenario,
                        const struct cuts_geometry *geometry, enum ota_handover handover,
                        struct cuts_totals *sum)
{
    struct cuts_options how = { .violations_max = 8, .on_violation = on_violation };
    struct cuts_totals line = { 0 };
    struct cuts_case which;
    char name[CUTS_NAME_MAX];

    for (unsigned n = 0;
         cuts_plan(arguments->extent, scenario, geometry, handover, n, &which, &how); n++) {
        struct cuts_totals totals = { 0 };
        amend(arguments, &how);
        if (!cuts_search(&which, &how, &totals)) {
            fprintf(stderr, "ota-cuts: out of memory\n");
            exit(EXIT_USAGE);
        }
        cuts_case_name(&which, name);
        if (arguments->verbose)
            print_totals(name, &totals);
        add(&line, &totals);
    }
    if (line.cuts + line.violations > 0 && !arguments->verbose) {
        snprintf(name, sizeof name, "%s:%s:%s", scenario->name, handover_name(handover),
                 geometry->name);
        print_totals(name, &line);
    }
    add(sum, &line);
}

static void print_kinds(const struct cuts_totals *totals)
{
    printf("\nPairs, by the kinds of the first and the second cut:\n%-10s", "");
    for (unsigned j = 0; j < NOR_CUT_KINDS; j++)
        printf(" %9s", cuts_kind_name(j));
    for (unsigned i = 0; i < NOR_CUT_KINDS; i++) {
        printf("\n%-10s", cuts_kind_name(i));
        for (unsigned j = 0; j < NOR_CUT_KINDS; j++)
            printf(" %9llu", (unsigned long long)totals->kinds[i][j]);
    }
    printf("\n");
}

static int search(const struct arguments *arguments)
{
    struct cuts_totals sum = { 0 };

    printf("%-44s %6s %8s %9s %8s %7s %6s\n", "case", "oper.", "cuts", "pairs", "faults", "storms",
           "wrong");
    for (size_t g = 0; g < cuts_geometry_count; g++) {
        for (size_t i = 0; i < 2 * cuts_scenario_count; i++) {
            enum ota_handover handover = i % 2 == 0 ? OTA_SELECT : OTA_EXCHANGE;
            if (is_wanted(arguments->geometry, g) && is_wanted(arguments->scenario, i / 2) &&
                is_wanted(arguments->handover, handover))
                search_line(arguments, &cuts_scenarios[i / 2], &cuts_geometries[g], handover, &sum);
        }
    }
    print_totals("all", &sum);
    if (sum.pairs > 0)
        print_kinds(&sum);
    return sum.violations > 0;
}

int main(int argc, char **argv)
{
    struct arguments arguments = { .extent = CUTS_MANY,
                                   .scenario = -1,
                                   .geometry = -1,
                                   .handover = -1,
                                   .pairs = -1,
                                   .seeds = -1 };
    struct cuts_run run;

    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    if (!arguments.run)
        return search(&arguments);
    if (!cuts_run_parse(&run, arguments.run)) {
        fprintf(stderr, "ota-cuts: %s: no such run\n", arguments.run);
        return EXIT_USAGE;
    }
    return cuts_trace(&run, stdout) != NULL;
}
