#include "tests/sim/cuts_trace.h"

#include "tests/sim/cuts_happen.h"

#include <string.h>

struct trace {
    FILE *out;
    struct cuts_bench bench;
    uint64_t starts;
};

static const char *image_name(const struct cuts_bench *bench, const struct sim_image *image)
{
    static const char *const names[CUTS_IMAGES] = {
        [CUTS_OLD] = "the old sketch",        [CUTS_NEW] = "the new sketch",
        [CUTS_THIRD] = "the third sketch",    [CUTS_TOO_LARGE] = "a sketch that is too large",
        [CUTS_FILES] = "the old file system", [CUTS_FILES_NEW] = "the new file system",
    };

    return image ? names[image - bench->images] : "nothing that is known";
}

/* "slot 1 + 0x100" */
static void print_place(const struct trace *trace, uint32_t offset)
{
    const struct ota_layout *layout = &trace->bench.board.layout;
    const struct {
        const char *name;
        const struct ota_area *area;
    } areas[] = {
        { "bootloader", &layout->bootloader }, { "record 0", &layout->record[0] },
        { "record 1", &layout->record[1] },    { "slot 0", &layout->slot[0] },
        { "slot 1", &layout->slot[1] },        { "file system", &layout->filesystem },
    };

    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
        if (offset >= areas[i].area->offset &&
            offset - areas[i].area->offset < areas[i].area->size) {
            fprintf(trace->out, "%s + 0x%x", areas[i].name, offset - areas[i].area->offset);
            return;
        }
    }
    fprintf(trace->out, "no area, 0x%x", offset);
}

static void on_operation(void *ctx, const struct sim_operation *operation)
{
    const struct trace *trace = ctx;
    const struct sim_board *board = &trace->bench.board;

    fprintf(trace->out, "  %4llu %-7s ", (unsigned long long)board->nor.operations,
            operation->is_erase ? "erase" : "program");
    print_place(trace, operation->offset);
    fprintf(trace->out, ", %u bytes", operation->len);
    if (board->nor.off)
        fprintf(trace->out, ": cut, %s", nor_cut_text(board->nor.cut));
    else if (!operation->ok)
        fprintf(trace->out, ": refused");
    fprintf(trace->out, "\n");
}

static const char *event_text(enum ota_boot_event event)
{
    static const char *const texts[] = {
        [OTA_BOOT_NOTHING] = "",
        [OTA_BOOT_ADOPTED] = ", adopted",
        [OTA_BOOT_TRYING] = ", for the first time",
        [OTA_BOOT_TRYING_MORE] = ", another time",
        [OTA_BOOT_GIVEN_UP] = ", as the one on trial was given up",
        [OTA_BOOT_ROLLED_BACK] = ", as was asked for",
        [OTA_BOOT_MOVED] = ", and the file system was moved",
        [OTA_BOOT_DROPPED] = ", and something was dropped",
    };

    return texts[event];
}

/* After a call. */
static void on_call(void *ctx, const struct cuts_drive *drive)
{
    struct trace *trace = ctx;
    struct sim_board *board = &trace->bench.board;
    uint64_t random = board->nor.random;
    struct ota_record record;

    if (sim_board_is_off(board)) {
        fprintf(trace->out, "off\n");
    } else if (board->starts != trace->starts) {
        fprintf(trace->out, "start: %s runs%s from slot %u%s\n",
                image_name(&trace->bench, board->running), board->boot.trial ? " on trial" : "",
                board->boot.slot, event_text(board->boot.event));
    } else {
        fprintf(trace->out, "the application has acted; goal %u is next\n", drive->goal);
    }
    trace->starts = board->starts;
    if (sim_board_is_off(board))
        return;
    /* Looking must not change what unstable bits read as afterwards. */
    enum ota_record_state state = sim_board_record(board, &record);
    board->nor.random = random;
    fprintf(trace->out, "       record: state %d, sequence %u, copies %u, active %u, pending %u\n",
            (int)state, record.sequence, record.copies, record.active, record.pending);
}

const char *cuts_trace(const struct cuts_run *run, FILE *out)
{
    struct trace trace = { .out = out };
    const char *wrong;

    if (!cuts_bench_init(&trace.bench, &run->which))
        return "out of memory";
    trace.bench.board.on_operation = on_operation;
    trace.bench.board.operation_ctx = &trace;
    wrong = cuts_repeat(run, &trace.bench, on_call, &trace);
    fprintf(out, "%s\n", wrong ? wrong : "nothing is wrong");
    cuts_bench_free(&trace.bench);
    return wrong;
}
