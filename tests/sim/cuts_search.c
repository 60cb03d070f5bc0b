#include "tests/sim/cuts_search.h"

#include "tests/sim/cuts_happen.h"
#include "tests/sim/cuts_memory.h"
#include "tests/sim/sim_snapshot.h"

#include <stdlib.h>

/* A drive, with what there was before each of its calls. */
struct recording {
    struct call {
        struct sim_snapshot snapshot;
        struct cuts_drive drive;
        uint64_t operations; /* of flash, before it */
    } calls[CUTS_CALLS_MAX + 1];
    unsigned count;
    uint64_t begin; /* operations at the beginning */
    uint64_t end;
};

/* A case at work. */
struct search {
    const struct cuts_options *options;
    struct cuts_totals *totals;
    struct cuts_bench bench;
    struct sim_sabotage sabotage;
    struct recording undisturbed;
    struct recording recovery;   /* from the first of two cuts on */
    struct cuts_memory finished; /* devices that were driven to the end */
    struct cuts_memory searched; /* devices behind a first cut that had all second ones */
    struct cuts_run run;
    uint64_t violations;
    uint32_t turn; /* of kinds and seeds of second cuts */
    bool out_of_memory;
};

static bool leaves_bits_to_chance(unsigned kind)
{
    return kind != NOR_CUT_BEFORE && kind != NOR_CUT_AFTER && kind != NOR_CUT_HALF;
}

static bool is_enough(const struct search *s)
{
    unsigned max = s->options->violations_max;

    return s->out_of_memory || (max > 0 && s->violations >= max);
}

static void report(struct search *s, const char *what)
{
    s->violations++;
    s->totals->violations++;
    if (s->options->on_violation)
        s->options->on_violation(s->options->ctx, &s->run, what);
}

/* Drive to the end, keeping all that is needed to come back to any call. */
static bool record(struct search *s, struct recording *out, struct cuts_drive *drive)
{
    struct sim_board *board = &s->bench.board;

    out->count = 0;
    out->begin = board->nor.operations;
    do {
        struct call *call = &out->calls[out->count++];
        if (!sim_snapshot_take(&call->snapshot, board)) {
            s->out_of_memory = true;
            return false;
        }
        call->drive = *drive;
        call->operations = board->nor.operations;
    } while (cuts_drive_step(drive, &s->bench) && out->count <= CUTS_CALLS_MAX);
    out->end = board->nor.operations;
    return !drive->wrong;
}

static void free_recording(struct recording *recording)
{
    for (unsigned i = 0; i <= CUTS_CALLS_MAX; i++)
        sim_snapshot_free(&recording->calls[i].snapshot);
}

/* Come back to the call with the operation at which the power is cut, and let that happen. */
static bool cut(struct search *s, const struct recording *from, const struct cuts_event *event,
                struct cuts_drive *drive)
{
    uint64_t operation = from->begin + event->at;
    unsigned i = from->count - 1;

    while (i > 0 && from->calls[i].operations >= operation)
        i--;
    const struct call *call = &from->calls[i];
    sim_snapshot_restore(&call->snapshot, &s->bench.board);
    *drive = call->drive;
    cuts_plan_cut(drive, &s->bench, event, operation - call->operations);
    (void)cuts_drive_step(drive, &s->bench);
    if (!drive->wrong && !sim_board_is_off(&s->bench.board))
        drive->wrong = "the simulation does not repeat itself";
    if (drive->wrong)
        report(s, drive->wrong);
    return !drive->wrong;
}

/* Drive on to the end, unless that was done before. */
static void finish(struct search *s, struct cuts_drive *drive)
{
    if (cuts_memory_add(&s->finished, drive, &s->bench) && !cuts_drive_finish(drive, &s->bench))
        report(s, drive->wrong);
}

static void try_second_cut(struct search *s, uint32_t operation, unsigned kind)
{
    struct cuts_event *second = &s->run.events[1];
    struct cuts_drive drive;

    *second = (struct cuts_event){ kind, operation, s->turn++ % s->options->seeds };
    s->run.event_count = 2;
    if (s->run.events[0].kind < NOR_CUT_KINDS) {
        s->totals->pairs++;
        s->totals->kinds[s->run.events[0].kind][kind]++;
    } else {
        s->totals->faults++;
    }
    if (cut(s, &s->recovery, second, &drive))
        finish(s, &drive);
}

/* An event has just come; cut the power everywhere behind it. */
static void try_second_cuts(struct search *s, struct cuts_drive *drive, bool all_kinds)
{
    if (!record(s, &s->recovery, drive)) {
        if (!s->out_of_memory)
            report(s, drive->wrong);
        return;
    }
    uint32_t operations = (uint32_t)(s->recovery.end - s->recovery.begin);
    for (uint32_t at = 1; at <= operations && !is_enough(s); at++) {
        for (unsigned kind = 0; kind < NOR_CUT_KINDS && all_kinds; kind++)
            try_second_cut(s, at, kind);
        if (!all_kinds)
            try_second_cut(s, at, s->turn % NOR_CUT_KINDS);
    }
}

static void try_cut(struct search *s, struct cuts_event first, bool with_pairs)
{
    struct cuts_drive drive;

    s->run.events[0] = first;
    s->run.event_count = 1;
    s->totals->cuts++;
    if (!cut(s, &s->undisturbed, &first, &drive))
        return;
    if (!with_pairs)
        finish(s, &drive);
    else if (cuts_memory_add(&s->searched, &drive, &s->bench))
        try_second_cuts(s, &drive, s->options->pairs == CUTS_PRODUCT);
}

/* Whether a first cut is followed by second ones: with resets between them, by later ones. */
static bool has_seconds(const struct search *s, const struct cuts_event *first)
{
    enum cuts_pairs pairs = s->options->pairs;

    if (first->seed % 2 != 0 || first->seed > 2)
        return false;
    return pairs == CUTS_PRODUCT ||
           (pairs == CUTS_PLACES && first->at % NOR_CUT_KINDS == first->kind);
}

/* All ways of a cut at one operation. */
static void try_operation(struct search *s, uint32_t operation)
{
    for (unsigned kind = 0; kind < NOR_CUT_KINDS && !is_enough(s); kind++) {
        unsigned seeds = leaves_bits_to_chance(kind) ? s->options->seeds : 2;
        for (uint32_t seed = 0; seed < seeds && !is_enough(s); seed++) {
            struct cuts_event first = { kind, operation, seed };
            try_cut(s, first, has_seconds(s, &first));
        }
    }
}

/* All faults before a call. */
static void try_faults(struct search *s, unsigned i)
{
    const struct call *call = &s->undisturbed.calls[i];

    for (uint32_t n = 0; n < CUTS_ROTS + CUTS_WEARS && !is_enough(s); n++) {
        bool rots = n < CUTS_ROTS;
        struct cuts_drive drive = call->drive;
        s->run.events[0] =
            (struct cuts_event){ rots ? CUTS_ROT : CUTS_WEAR, i, rots ? n : n - CUTS_ROTS };
        s->run.event_count = 1;
        sim_snapshot_restore(&call->snapshot, &s->bench.board);
        cuts_make_fault(&drive, &s->bench, &s->run.events[0]);
        /* What came of other devices does not tell what comes of this one. */
        cuts_memory_free(&s->finished);
        try_second_cuts(s, &drive, false);
    }
}

/* --- Storms ----------------------------------------------------------------------------------- */

/* The most operations between two cuts: as many as a start or a call may make. */
#define STORM_DISTANCE 30u

static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % below;
}

/* In some storms flash is worn before the first cut, or a copy of the record rots. */
static void begin_storm(struct search *s, struct cuts_drive *drive, uint64_t *state)
{
    const struct recording *from = &s->undisturbed;
    struct cuts_event *fault = &s->run.events[0];

    s->run.event_count = 0;
    sim_snapshot_restore(&from->calls[0].snapshot, &s->bench.board);
    *drive = from->calls[0].drive;
    if (draw(state, 3) > 0)
        return;
    bool rots = draw(state, 4) == 0;
    *fault = (struct cuts_event){ rots ? CUTS_ROT : CUTS_WEAR, 0, 0 };
    fault->at = draw(state, from->count);
    fault->seed = draw(state, rots ? CUTS_ROTS : CUTS_WEARS);
    s->run.event_count = 1;
    sim_snapshot_restore(&from->calls[fault->at].snapshot, &s->bench.board);
    *drive = from->calls[fault->at].drive;
    cuts_make_fault(drive, &s->bench, fault);
}

static void try_storm(struct search *s, uint32_t seed)
{
    uint64_t state = seed;
    struct cuts_drive drive;
    bool more = true;

    begin_storm(s, &drive, &state);
    uint32_t distance = 1 + draw(&state, STORM_DISTANCE);
    uint32_t count = 3 + draw(&state, CUTS_EVENTS_MAX - 3);
    while (s->run.event_count < count && more) {
        struct cuts_event *event = &s->run.events[s->run.event_count++];
        event->kind = draw(&state, NOR_CUT_KINDS);
        event->at = 1 + draw(&state, distance);
        event->seed = draw(&state, 1000);
        cuts_plan_cut(&drive, &s->bench, event, event->at);
        while (more && !sim_board_is_off(&s->bench.board))
            more = cuts_drive_step(&drive, &s->bench);
    }
    s->totals->storms++;
    if (!cuts_drive_finish(&drive, &s->bench))
        report(s, drive.wrong);
}

/* --- All of it -------------------------------------------------------------------------------- */

static void search(struct search *s)
{
    uint32_t operations = (uint32_t)(s->undisturbed.end - s->undisturbed.begin);

    s->totals->operations += operations;
    for (uint32_t at = 1; at <= operations && !is_enough(s); at++)
        try_operation(s, at);
    for (unsigned i = 0; i < s->undisturbed.count && s->options->faults && !is_enough(s); i++)
        try_faults(s, i);
    for (uint32_t seed = 0; seed < s->options->storms && !is_enough(s); seed++)
        try_storm(s, seed);
}

static bool begin(struct search *s, const struct cuts_case *c)
{
    s->run.which = *c;
    if (!cuts_bench_init(&s->bench, c))
        return false;
    if (sim_sabotage_begin(&s->sabotage, s->options->sabotage, &s->bench.board))
        return true;
    cuts_bench_free(&s->bench);
    return false;
}

static void end(struct search *s)
{
    free_recording(&s->undisturbed);
    free_recording(&s->recovery);
    cuts_memory_free(&s->finished);
    cuts_memory_free(&s->searched);
    sim_sabotage_end(&s->sabotage);
    cuts_bench_free(&s->bench);
}

bool cuts_search(const struct cuts_case *c, const struct cuts_options *options,
                 struct cuts_totals *totals)
{
    struct search *s = calloc(1, sizeof *s);
    struct cuts_drive drive;

    if (!s)
        return false;
    s->options = options;
    s->totals = totals;
    if (!begin(s, c)) {
        free(s);
        return false;
    }
    cuts_drive_init(&drive);
    if (record(s, &s->undisturbed, &drive))
        search(s);
    else if (!s->out_of_memory)
        report(s, drive.wrong);
    bool done = !s->out_of_memory;
    end(s);
    free(s);
    return done;
}
