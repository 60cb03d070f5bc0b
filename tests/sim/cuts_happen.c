#include "tests/sim/cuts_happen.h"

#include <string.h>

/* A body begins a copy of the record, and its first mark follows behind whole write units. */
#define BODY_SIZE 88u
#define BODY_BIT  20u /* in the size of slot 0's image */

void cuts_plan_cut(struct cuts_drive *drive, struct cuts_bench *bench,
                   const struct cuts_event *event, uint64_t operations)
{
    bench->board.cut_seed = 1 + event->seed;
    drive->resets_after_cut = event->seed & 1;
    drive->steady_after_cut = event->seed & 2;
    sim_board_cut_in(&bench->board, operations, (enum nor_cut)event->kind);
}

static void rot(struct sim_board *board, uint32_t seed)
{
    const struct ota_area *copy = &board->layout.record[seed % 2];
    uint8_t *cells = board->nor.cells + copy->offset;
    uint32_t unit = board->port.write_size < 4 ? 4 : board->port.write_size;

    switch (seed / 2 % 3) {
    case 0:
        cells[BODY_BIT] ^= 1;
        break;
    case 1:
        memset(cells + (BODY_SIZE + unit - 1) / unit * unit, 0xFF, unit);
        break;
    default:
        for (uint32_t i = 0; i < copy->size; i++)
            cells[i] = (uint8_t)(i * 7 + 1);
        break;
    }
}

static void wear(struct sim_board *board, uint32_t seed)
{
    const struct ota_layout *layout = &board->layout;
    const struct ota_area *slot = layout->slot;
    uint32_t unit = board->port.erase_size;
    const struct ota_area areas[CUTS_WEARS] = {
        layout->record[0],
        layout->record[1],
        { slot[1].offset, unit },
        { slot[1].offset + slot[1].size - unit, unit },
        { slot[0].offset, unit },
        { slot[0].offset + slot[0].size - unit, unit },
        { layout->filesystem.offset, unit },
    };

    board->nor.worn_offset = areas[seed % CUTS_WEARS].offset;
    board->nor.worn_size = areas[seed % CUTS_WEARS].size;
}

void cuts_make_fault(struct cuts_drive *drive, struct cuts_bench *bench,
                     const struct cuts_event *event)
{
    drive->end_starts = 0;
    if (event->kind == CUTS_ROT) {
        rot(&bench->board, event->seed);
        return;
    }
    wear(&bench->board, event->seed);
    drive->worn = true;
}

/* Make a call that is told of. */
static bool step(struct cuts_drive *drive, struct cuts_bench *bench,
                 void (*on_call)(void *ctx, const struct cuts_drive *drive), void *ctx)
{
    bool more = cuts_drive_step(drive, bench);

    if (more && on_call)
        on_call(ctx, drive);
    return more;
}

const char *cuts_repeat(const struct cuts_run *run, struct cuts_bench *bench,
                        void (*on_call)(void *ctx, const struct cuts_drive *drive), void *ctx)
{
    struct cuts_drive drive;
    bool more = true;

    cuts_drive_init(&drive);
    for (unsigned i = 0; i < run->event_count && more; i++) {
        const struct cuts_event *event = &run->events[i];
        if (event->kind < NOR_CUT_KINDS) {
            cuts_plan_cut(&drive, bench, event, event->at);
            while (more && !sim_board_is_off(&bench->board))
                more = step(&drive, bench, on_call, ctx);
        } else {
            for (uint32_t call = 0; call < event->at && more; call++)
                more = step(&drive, bench, on_call, ctx);
            cuts_make_fault(&drive, bench, event);
        }
    }
    while (step(&drive, bench, on_call, ctx))
        ;
    return drive.wrong;
}
