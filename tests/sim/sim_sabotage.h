/*
 * Ways to break the device on purpose, from outside: between the library and the flash. Each
 * violates a principle that the library rests on; a simulator that did not find it would be of no
 * use.
 */
#ifndef SIM_SABOTAGE_H
#define SIM_SABOTAGE_H

#include "tests/sim/sim_board.h"

enum sim_sabotage_kind {
    SIM_NO_SABOTAGE,
    SIM_MARKER_BEFORE_DATA, /* an update's data is programmed only when the record names it */
    SIM_ONE_RECORD_COPY,    /* what is meant for copy 1 of the record goes to copy 0 */
    SIM_NO_READ_BACK,       /* an update reads what it has written from memory, not from flash */
    SIM_NOT_FIRM,           /* a mark that a cut has torn is not programmed again */
    SIM_SABOTAGES,
};

/* Operations that are held back. */
#define SIM_HELD_MAX 4096

struct sim_held {
    uint32_t offset;
    uint32_t len;
    bool is_erase;
};

struct sim_sabotage {
    enum sim_sabotage_kind kind;
    struct sim_board *board;
    struct ota_flash flash; /* what the library is given */
    uint8_t *meant;         /* what flash would hold if all had been done; as large as that */
    unsigned held_count;
    struct sim_held held[SIM_HELD_MAX];
};

/* The kind of this name, such as "one-record-copy". False when there is none. */
bool sim_sabotage_find(const char *name, enum sim_sabotage_kind *out);

/* The name, "none" for SIM_NO_SABOTAGE. The string is constant. */
const char *sim_sabotage_name(enum sim_sabotage_kind kind);

/* Come between a board and its flash. False when memory ran out. */
bool sim_sabotage_begin(struct sim_sabotage *sabotage, enum sim_sabotage_kind kind,
                        struct sim_board *board);

/* The board starts: what is held back is lost. */
void sim_sabotage_forget(struct sim_sabotage *sabotage);

/* The record has been written: do what was held back, as long as there is power. */
void sim_sabotage_recorded(struct sim_sabotage *sabotage);

/* Free its memory. */
void sim_sabotage_end(struct sim_sabotage *sabotage);

#endif
