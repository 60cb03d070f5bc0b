#include "tests/sim/cuts_case.h"

#include <stdio.h>
#include <string.h>

/*
 * The smallest ones come first. Slots of the largest units are small, as time is spent by the
 * byte; two units make the difference between images that matter.
 */
const struct cuts_geometry cuts_geometries[] = {
    { "256/4", 256, 4, 2, 1, 1, 0 },
    { "256/1", 256, 1, 2, 1, 1, 0 },
    { "256/16", 256, 16, 2, 1, 1, 0 },
    { "256/256", 256, 256, 2, 1, 1, 0 },
    { "256/4,spare", 256, 4, 5, 2, 1, 0 },
    { "256/4,blocks", 256, 4, 8, 4, 4, 0 },
    { "256/4,pieces", 256, 4, 3, 1, 1, 64 },
    { "4096/4", 4096, 4, 2, 1, 1, 0 },
    { "4096/1", 4096, 1, 2, 1, 1, 0 },
    { "4096/16", 4096, 16, 2, 1, 1, 0 },
    { "4096/256", 4096, 256, 2, 1, 1, 0 },
    { "4096/256,spare", 4096, 256, 5, 2, 1, 0 },
    { "4096/256,pieces", 4096, 256, 2, 1, 1, 1024 },
    { "65536/4", 65536, 4, 2, 1, 1, 0 },
    { "65536/1", 65536, 1, 2, 1, 1, 0 },
    { "65536/16", 65536, 16, 2, 1, 1, 0 },
    { "65536/256", 65536, 256, 2, 1, 1, 0 },
    { "65536/16,spare", 65536, 16, 4, 2, 1, 0 },
};
const size_t cuts_geometry_count = sizeof cuts_geometries / sizeof *cuts_geometries;

const struct cuts_scenario cuts_scenarios[] = {
    { "update", { { CUTS_CONFIRMED, CUTS_NEW } }, 1, 1, false, false },
    { "late", { { CUTS_CONFIRMED, CUTS_NEW } }, 1, 2, false, false },
    { "expire", { { CUTS_TRIED, CUTS_NEW }, { CUTS_EXPIRED, CUTS_OLD } }, 2, 0, false, false },
    { "revert", { { CUTS_TRIED, CUTS_NEW }, { CUTS_ROLLED_BACK, CUTS_OLD } }, 2, 0, false, false },
    { "back",
      { { CUTS_CONFIRMED, CUTS_NEW }, { CUTS_ROLLED_BACK, CUTS_OLD } },
      2,
      0,
      false,
      false },
    { "return",
      { { CUTS_CONFIRMED, CUTS_NEW }, { CUTS_CONFIRMED, CUTS_OLD } },
      2,
      0,
      false,
      false },
    { "retry",
      { { CUTS_TRIED, CUTS_NEW }, { CUTS_EXPIRED, CUTS_OLD }, { CUTS_CONFIRMED, CUTS_NEW } },
      3,
      0,
      false,
      false },
    { "switch", { { CUTS_CONFIRMED, CUTS_NEW } }, 1, 0, false, true },
    { "abort", { { CUTS_ABORTED, CUTS_NEW }, { CUTS_CONFIRMED, CUTS_THIRD } }, 2, 0, false, false },
    { "void",
      { { CUTS_CONFIRMED, CUTS_NEW }, { CUTS_ABORTED, CUTS_THIRD }, { CUTS_PREVIOUS, CUTS_OLD } },
      3,
      0,
      false,
      false },
    { "refuse",
      { { CUTS_REFUSED, CUTS_TOO_LARGE }, { CUTS_CONFIRMED, CUTS_NEW } },
      2,
      0,
      false,
      false },
    { "wire", { { CUTS_CONFIRMED, CUTS_OLD }, { CUTS_CONFIRMED, CUTS_NEW } }, 2, 0, true, false },
    { "files", { { CUTS_MOVED, CUTS_FILES_NEW } }, 1, 0, false, false },
    { "files-sketch",
      { { CUTS_MOVED, CUTS_FILES_NEW }, { CUTS_CONFIRMED, CUTS_NEW } },
      2,
      0,
      false,
      false },
    { "sketch-files",
      { { CUTS_CONFIRMED, CUTS_NEW }, { CUTS_MOVED, CUTS_FILES_NEW } },
      2,
      0,
      false,
      false },
};
const size_t cuts_scenario_count = sizeof cuts_scenarios / sizeof *cuts_scenarios;

static const char *const size_names[CUTS_SIZES] = { "tiny", "one", "several", "largest" };

/* --- Names ------------------------------------------------------------------------------------ */

void cuts_case_name(const struct cuts_case *c, char out[CUTS_NAME_MAX])
{
    snprintf(out, CUTS_NAME_MAX, "%s:%s:%s:%s:%s", c->scenario->name,
             c->handover == OTA_SELECT ? "select" : "exchange", c->geometry->name,
             size_names[c->old_size], size_names[c->new_size]);
}

static bool parse_size(enum cuts_size *out, const char *name)
{
    for (unsigned i = 0; i < CUTS_SIZES; i++) {
        if (strcmp(name, size_names[i]) == 0) {
            *out = (enum cuts_size)i;
            return true;
        }
    }
    return false;
}

static bool parse_words(struct cuts_case *out, char *const words[5])
{
    out->scenario = NULL;
    out->geometry = NULL;
    for (size_t i = 0; i < cuts_scenario_count; i++) {
        if (strcmp(words[0], cuts_scenarios[i].name) == 0)
            out->scenario = &cuts_scenarios[i];
    }
    for (size_t i = 0; i < cuts_geometry_count; i++) {
        if (strcmp(words[2], cuts_geometries[i].name) == 0)
            out->geometry = &cuts_geometries[i];
    }
    out->handover = strcmp(words[1], "select") == 0 ? OTA_SELECT : OTA_EXCHANGE;
    return out->scenario && out->geometry &&
           (out->handover == OTA_SELECT || strcmp(words[1], "exchange") == 0) &&
           parse_size(&out->old_size, words[3]) && parse_size(&out->new_size, words[4]);
}

bool cuts_case_parse(struct cuts_case *out, const char *name, size_t len)
{
    char copy[CUTS_NAME_MAX];
    char *words[5];
    unsigned count = 0;

    if (len >= sizeof copy)
        return false;
    memcpy(copy, name, len);
    copy[len] = '\0';
    for (char *at = copy; at && count < 5; count++) {
        words[count] = at;
        at = strchr(at, ':');
        if (at)
            *at++ = '\0';
    }
    return count == 5 && parse_words(out, words);
}

/* --- The bench -------------------------------------------------------------------------------- */

static uint32_t size_of(const struct cuts_geometry *geometry, enum cuts_size size)
{
    switch (size) {
    case CUTS_TINY:
        return geometry->erase_size - 3;
    case CUTS_ONE:
        return geometry->erase_size;
    case CUTS_SEVERAL:
        return (geometry->slot_units - 1) * geometry->erase_size + 41;
    case CUTS_LARGEST:
    case CUTS_SIZES:
        break;
    }
    return geometry->slot_units * geometry->erase_size;
}

/*
 * Bootloader, a gap, records, slots, a gap and the file system: blocks of unlike content beside
 * each other, so that an operation that reaches too far is seen.
 */
static void lay_out(struct sim_board_spec *spec, const struct cuts_case *c)
{
    const struct cuts_geometry *geometry = c->geometry;
    uint32_t unit = geometry->erase_size;
    uint32_t block = geometry->block_units * unit;
    struct ota_layout *layout = &spec->layout;
    uint32_t at = unit;

    spec->geometry = (struct ota_flash){ .erase_size = unit,
                                         .write_size = geometry->write_size,
                                         .block_size = block };
    layout->handover = c->handover;
    layout->spare_size = c->handover == OTA_EXCHANGE ? geometry->spare_units * unit : 0;
    layout->bootloader = (struct ota_area){ 0, unit };
    layout->slot[0].size = geometry->slot_units * unit;
    layout->slot[1].size = layout->slot[0].size + layout->spare_size;
    uint32_t record = (uint32_t)ota_layout_record_size(layout, &spec->geometry);
    for (unsigned i = 0; i < 2; i++) {
        layout->record[i] = (struct ota_area){ at, record };
        at += record;
    }
    at = (at / block + 1) * block;
    for (unsigned i = 0; i < 2; i++) {
        layout->slot[i].offset = at;
        at += layout->slot[i].size;
    }
    at = (at / block + 1) * block;
    layout->filesystem = (struct ota_area){ at, geometry->slot_units * unit };
    spec->geometry.size = (at + layout->filesystem.size + block) / block * block;
}

static bool make_images(struct cuts_bench *bench)
{
    const struct cuts_geometry *geometry = bench->which.geometry;
    uint32_t old_size = size_of(geometry, bench->which.old_size);
    uint32_t new_size = size_of(geometry, bench->which.new_size);
    uint32_t largest = size_of(geometry, CUTS_LARGEST);
    struct sim_image *images = bench->images;

    return sim_sketch_make(&images[CUTS_OLD], old_size, 1) &&
           sim_sketch_make(&images[CUTS_NEW], new_size, 2) &&
           sim_sketch_make(&images[CUTS_THIRD], old_size, 3) &&
           sim_sketch_make(&images[CUTS_TOO_LARGE], largest + 1, 4) &&
           sim_filesystem_make(&images[CUTS_FILES], largest, 5) &&
           sim_filesystem_make(&images[CUTS_FILES_NEW], new_size, 6);
}

bool cuts_bench_init(struct cuts_bench *bench, const struct cuts_case *c)
{
    struct sim_board_spec spec = { .buffer_size = c->geometry->buffer_size,
                                   .boot_buffer_size = c->geometry->buffer_size,
                                   .trial_boots = CUTS_TRIAL_BOOTS };
    struct sim_board *board = &bench->board;

    *bench = (struct cuts_bench){ .which = *c };
    lay_out(&spec, c);
    if (!make_images(bench) || !sim_board_init(board, &spec)) {
        cuts_bench_free(bench);
        return false;
    }
    for (unsigned i = 0; i < CUTS_IMAGES; i++)
        sim_board_know(board, &bench->images[i]);
    if (!c->scenario->by_wire)
        return sim_board_provision(board, &bench->images[CUTS_OLD], 0, &bench->images[CUTS_FILES]);
    const struct ota_area *slot = &board->layout.slot[1];
    for (uint32_t i = 0; i < slot->size; i++)
        board->nor.cells[slot->offset + i] = (uint8_t)(i * 5);
    sim_board_flash_by_wire(board, &bench->images[CUTS_OLD]);
    return true;
}

void cuts_bench_free(struct cuts_bench *bench)
{
    for (unsigned i = 0; i < CUTS_IMAGES; i++)
        sim_image_free(&bench->images[i]);
    sim_board_free(&bench->board);
}
