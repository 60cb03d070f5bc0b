/*
 * What the proof of power cuts is about: boards of all geometries, and scenarios, each a row of
 * goals that the device reaches whatever happens on the way.
 */
#ifndef CUTS_CASE_H
#define CUTS_CASE_H

#include "tests/sim/sim_board.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Flash, and how it is divided; the sizes of areas are erase units. */
struct cuts_geometry {
    const char *name; /* "4096/256": erase unit, program unit, and what is special */
    uint32_t erase_size;
    uint32_t write_size;
    uint32_t slot_units;
    uint32_t spare_units; /* with OTA_EXCHANGE */
    uint32_t block_units; /* the largest erase */
    uint32_t buffer_size; /* of updater and bootloader; 0: an erase unit */
};

/* The images of a case, by their part in it. */
enum cuts_image {
    CUTS_OLD,       /* the sketch that runs at the beginning */
    CUTS_NEW,       /* the one it is updated to */
    CUTS_THIRD,     /* another one, as large as the old one */
    CUTS_TOO_LARGE, /* by one byte */
    CUTS_FILES,     /* the file system at the beginning */
    CUTS_FILES_NEW, /* the one it is replaced by, smaller than the area */
    CUTS_IMAGES,
};

enum cuts_goal_kind {
    CUTS_CONFIRMED,   /* the sketch runs and stays: updated to if need be */
    CUTS_TRIED,       /* the sketch runs on trial: likewise */
    CUTS_EXPIRED,     /* the sketch runs and stays, because the one on trial never confirms */
    CUTS_ROLLED_BACK, /* the sketch runs and stays, because the one that runs asks for that */
    CUTS_PREVIOUS,    /* the same if there still is one to go back to, else nothing */
    CUTS_ABORTED,     /* half of an update with the sketch was given, then it was called off */
    CUTS_REFUSED,     /* an update with the sketch was refused, and changed nothing */
    CUTS_MOVED,       /* the file system is in its area */
};

struct cuts_goal {
    enum cuts_goal_kind kind;
    enum cuts_image image;
};

#define CUTS_GOALS_MAX 4

struct cuts_scenario {
    const char *name;
    struct cuts_goal goals[CUTS_GOALS_MAX];
    unsigned goal_count;
    unsigned confirm_at; /* the start of a trial at which it is confirmed; 0 and 1: the first */
    bool by_wire;        /* no record at the beginning, rubbish in slot 1 */
    bool changes_mind;   /* an update that was cut is followed by one to the third sketch */
};

/* Sizes of sketches. */
enum cuts_size {
    CUTS_TINY,    /* an erase unit less three bytes */
    CUTS_ONE,     /* an erase unit */
    CUTS_SEVERAL, /* one unit, and a few bytes of the next */
    CUTS_LARGEST, /* the slot */
    CUTS_SIZES,
};

struct cuts_case {
    const struct cuts_scenario *scenario;
    const struct cuts_geometry *geometry;
    enum ota_handover handover;
    enum cuts_size old_size;
    enum cuts_size new_size;
};

extern const struct cuts_geometry cuts_geometries[];
extern const size_t cuts_geometry_count;
extern const struct cuts_scenario cuts_scenarios[];
extern const size_t cuts_scenario_count;

/* Boots that a trial has on these boards. */
#define CUTS_TRIAL_BOOTS 2

#define CUTS_NAME_MAX 96

/* "update,exchange,256/4,tiny,largest" */
void cuts_case_name(const struct cuts_case *c, char out[CUTS_NAME_MAX]);

/* Read such a name of `len` bytes. False when it is none. */
bool cuts_case_parse(struct cuts_case *out, const char *name, size_t len);

/* A board with its images. */
struct cuts_bench {
    struct cuts_case which;
    struct sim_board board;
    struct sim_image images[CUTS_IMAGES];
};

/* Build the board of a case, ready for its first start. False when memory ran out. */
bool cuts_bench_init(struct cuts_bench *bench, const struct cuts_case *c);

void cuts_bench_free(struct cuts_bench *bench);

#endif
