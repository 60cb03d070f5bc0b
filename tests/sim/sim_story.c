#include "sim_story.h"

#include <stdio.h>

static const char *hardware_text(enum sim_hardware_fault fault)
{
    switch (fault) {
    case SIM_SOUND:
        return "sound";
    case SIM_WORN:
        return "worn in one unit";
    case SIM_BAD_CELL:
        return "bad in one bit";
    case SIM_TRANSIENT:
        return "failing now and then";
    }
    return "unknown";
}

static const char *habit_text(enum sim_habit_kind habit)
{
    switch (habit) {
    case SIM_HABIT_CONFIRMS:
        return "confirms itself";
    case SIM_HABIT_NEVER:
        return "hangs";
    case SIM_HABIT_CRASHES:
        return "crashes before it confirms itself";
    case SIM_HABIT_GIVES_UP:
        return "gives up its trial";
    case SIM_HABIT_REGRETS:
        return "confirms itself, and goes back later";
    case SIM_HABITS:
        break;
    }
    return "unknown";
}

void sim_story_scenario(const struct sim_run *run)
{
    const struct sim_scenario *s = &run->scenario;
    const struct ota_flash *flash = &run->board.port;
    const struct ota_layout *layout = &run->board.layout;
    const struct sim_trace *trace = &run->trace;

    sim_say(trace, "seed", "%llu: %s, flash of %u bytes (erases %u, blocks of %u, programs %u)",
            (unsigned long long)s->seed, layout->handover == OTA_SELECT ? "select" : "exchange",
            (unsigned)flash->size, (unsigned)flash->erase_size, (unsigned)flash->block_size,
            (unsigned)flash->write_size);
    sim_say(trace, "seed", "slots of %u and %u bytes, spare %u, file system %u; flash is %s",
            (unsigned)layout->slot[0].size, (unsigned)layout->slot[1].size,
            (unsigned)layout->spare_size, (unsigned)layout->filesystem.size,
            hardware_text(s->hardware.fault));
    sim_say(trace, "seed", "up to %u power cuts; a trial has %u boots; password: %s", s->cuts,
            (unsigned)run->truth.trial_boots,
            !s->traits.password                ? "none"
            : s->traits.dialect == AUTH_PBKDF2 ? "64 digits"
                                               : "32 digits");
    sim_say(trace, "seed", "network: %u us and up to %u more, loses %u, repeats %u in a thousand",
            (unsigned)s->weather.delay_us, (unsigned)s->weather.jitter_us,
            (unsigned)s->weather.loss, (unsigned)s->weather.duplicate);
    for (unsigned i = 0; i < s->image_count; i++)
        sim_say(trace, "seed", "image %u: %s of %u bytes%s%s", i,
                s->images[i].target == OTA_SKETCH ? "sketch" : "file system",
                (unsigned)s->images[i].body.size,
                s->images[i].target == OTA_SKETCH ? ", which " : "",
                s->images[i].target == OTA_SKETCH ? habit_text(s->habits[i].kind) : "");
}

/* --- Flash ------------------------------------------------------------------------------------ */

static const char *place_of(const struct sim_run *run, uint32_t offset)
{
    const struct ota_layout *layout = &run->board.layout;
    const struct {
        const struct ota_area *area;
        const char *name;
    } places[] = {
        { &layout->record[0], "record 0" },     { &layout->record[1], "record 1" },
        { &layout->slot[0], "slot 0" },         { &layout->slot[1], "slot 1" },
        { &layout->filesystem, "file system" },
    };

    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        const struct ota_area *area = places[i].area;
        if (offset >= area->offset && offset - area->offset < area->size)
            return places[i].name;
    }
    return "nowhere";
}

void sim_story_flash(struct sim_run *run)
{
    struct sim_bundle *bundle = &run->bundle;

    if (bundle->erases + bundle->programs > 0)
        sim_say(&run->trace, "flash", "%s: %u erases, %u programs", bundle->where, bundle->erases,
                bundle->programs);
    bundle->erases = 0;
    bundle->programs = 0;
}

void sim_story_operation(struct sim_run *run, const struct sim_operation *operation)
{
    struct sim_bundle *bundle = &run->bundle;

    if (!run->trace.on)
        return;
    const char *where = place_of(run, operation->offset);
    if (bundle->where != where)
        sim_story_flash(run);
    bundle->where = where;
    bundle->erases += operation->is_erase;
    bundle->programs += !operation->is_erase;
    if (operation->ok)
        return;
    sim_story_flash(run);
    sim_say(&run->trace, run->board.nor.off ? "power" : "flash", "%s of %u bytes at %u %s%s",
            operation->is_erase ? "erase" : "program", (unsigned)operation->len,
            (unsigned)operation->offset, run->board.nor.off ? "is cut short: " : "fails",
            run->board.nor.off ? nor_cut_text(run->board.nor.cut) : "");
}

static const char *name_image(const struct sim_run *run, const struct sim_image *image,
                              char out[16])
{
    if (!image)
        return "none";
    snprintf(out, 16, "image %u", (unsigned)(image - run->scenario.images));
    return out;
}

static const char *boot_event_text(enum ota_boot_event event)
{
    switch (event) {
    case OTA_BOOT_NOTHING:
        return "as before";
    case OTA_BOOT_ADOPTED:
        return "adopted";
    case OTA_BOOT_TRYING:
        return "tried for the first time";
    case OTA_BOOT_TRYING_MORE:
        return "tried again";
    case OTA_BOOT_GIVEN_UP:
        return "another was given up";
    case OTA_BOOT_ROLLED_BACK:
        return "rolled back, as asked for";
    case OTA_BOOT_MOVED:
        return "a file system was moved";
    case OTA_BOOT_DROPPED:
        return "another was not whole, or could not be handed over to";
    }
    return "unknown event";
}

void sim_story_start(struct sim_run *run)
{
    const struct sim_board *board = &run->board;
    char name[16];

    if (!run->trace.on)
        return;
    sim_story_flash(run);
    if (sim_board_is_off(board))
        sim_say(&run->trace, "power", "has gone while the bootloader worked");
    else if (!board->running)
        sim_say(&run->trace, "boot", "runs nothing that is known: %s",
                ota_boot_fault_text(board->boot.fault));
    else
        sim_say(&run->trace, "boot", "runs %s in slot %u: %s%s%s",
                name_image(run, board->running, name), board->boot.slot,
                boot_event_text(board->boot.event), board->boot.fault ? "; " : "",
                board->boot.fault ? ota_boot_fault_text(board->boot.fault) : "");
}

void sim_story_event(struct sim_run *run, const struct ota_event *event)
{
    static const char *const words[] = {
        [OTA_EVENT_INVITED] = "is invited",
        [OTA_EVENT_AUTHENTICATED] = "accepts a proof",
        [OTA_EVENT_REFUSED] = "refuses",
        [OTA_EVENT_CONNECTED] = "is connected",
        [OTA_EVENT_UPDATED] = "has the image: it counts",
        [OTA_EVENT_FAILED] = "gives the update up",
    };

    if (!run->trace.on || event->kind == OTA_EVENT_PROGRESS || event->kind == OTA_EVENT_RESTART)
        return;
    sim_story_flash(run);
    sim_say(&run->trace, "device", "%s%s%s", words[event->kind], event->text ? ": " : "",
            event->text ? event->text : "");
}

void sim_story_beliefs(const struct sim_run *run)
{
    static const char *const pending[] = { "nothing", "sketch", "file system", "rollback" };
    char confirmed[16], other[16], filesystem[16];

    for (unsigned i = 0; i < run->truth.count && run->trace.on; i++) {
        const struct sim_belief *belief = &run->truth.beliefs[i];
        sim_say(&run->trace, "truth", "confirmed %s, pending %s (%s), %u boots%s, file system %s",
                name_image(run, belief->confirmed, confirmed), pending[belief->pending],
                name_image(run, belief->other, other), (unsigned)belief->boots,
                belief->given_up ? ", given up, or torn" : "",
                name_image(run, belief->filesystem, filesystem));
    }
}
