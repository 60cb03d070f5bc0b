/*
 * NOR flash in memory, stricter than silicon, for simulations and for the file behind the POSIX
 * port. It has no I/O: the cells are the caller's, allocated or mapped.
 *
 * What breaks a rule of flash is refused, changes nothing, and is remembered: operations that are
 * not aligned or not inside, and programming a write unit that was programmed since its erase. Only
 * zeros alone may go over a unit that holds zeros already, or that a cut has torn (ota/flash.h).
 *
 * Time is virtual: operations take what data sheets call typical, and add it up.
 *
 * The power can be cut at a chosen operation, in the middle of it too; afterwards everything fails
 * and changes nothing, until the power is back. What a cut has torn may be *unstable*: such bits
 * read differently each time, until their unit is erased or they are programmed to 0.
 */
#ifndef NOR_FLASH_H
#define NOR_FLASH_H

#include "ota/flash.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How long operations take, in microseconds; reading takes no time. */
struct nor_timing {
    uint32_t erase_us; /* one smallest unit */
    uint32_t block_us; /* one block, where that is larger */
    uint32_t page_us;  /* a page of 256 bytes, or part of one, that is programmed */
};

/* SPI NOR flash of the W25Q32 class: 45 ms for 4 KiB, 150 ms for 64 KiB, 0.4 ms for 256 bytes. */
extern const struct nor_timing nor_timing_typical;

/* How an operation is cut short. Without unstable bits, the last three are NOR_CUT_BITS. */
enum nor_cut {
    NOR_CUT_BEFORE,         /* it does nothing */
    NOR_CUT_AFTER,          /* it is complete, but nobody hears of it */
    NOR_CUT_HALF,           /* its first half is complete, the rest untouched */
    NOR_CUT_BITS,           /* a random subset of the bits it changes has changed */
    NOR_CUT_UNSTABLE,       /* the same, and some of all the bits it changes are unstable */
    NOR_CUT_UNSTABLE_FEW,   /* complete but for one to three bits, which are unstable */
    NOR_CUT_UNSTABLE_START, /* untouched but for one to three bits, which are unstable */
    NOR_CUT_KINDS,
};

enum nor_rule {
    NOR_RULES_KEPT,
    NOR_RULE_OUTSIDE,   /* not inside the flash */
    NOR_RULE_ALIGNMENT, /* offset or length is no multiple of what it must be */
    NOR_RULE_TWICE,     /* a unit was programmed that had been since its erase */
    NOR_RULE_PROTECTED, /* something was to change outside the areas that may (nor_flash_protect) */
};

struct nor_counts {
    uint64_t reads;
    uint64_t programs;
    uint64_t erases; /* of either size */
    uint64_t blocks; /* of those, of the larger size */
};

#define NOR_PROTECTED_MAX 4

struct nor_range {
    uint32_t offset;
    uint32_t size;
};

struct nor_flash {
    struct ota_flash flash; /* the interface, ready to use after nor_flash_init() */
    struct nor_timing timing;
    uint8_t *cells;    /* flash.size bytes: what stable bits hold */
    uint8_t *unstable; /* as many, a 1 for each unstable bit; NULL: cuts leave none */
    uint8_t *torn;     /* one per write unit, not 0 when a cut has torn it; NULL: not known */
    uint32_t *wear;    /* one per erase unit: erases that began; NULL: not counted */

    struct nor_counts counts;
    uint64_t busy_us;    /* virtual time spent */
    uint64_t operations; /* erases and programs so far, those that failed or were cut included */
    uint64_t random;     /* state of the generator for torn and unstable bits; the seed, set by the
                            caller */

    uint64_t cut_at; /* the power goes at this operation (1: the first one); 0: never */
    enum nor_cut cut;
    bool off; /* the power is gone */

    uint64_t fail_read;   /* these fail: the nth read from now on (1: the next), 0 for none; */
    uint64_t fail_write;  /* likewise programs */
    uint64_t fail_erase;  /* and erases */
    enum nor_cut failure; /* what a failed program or erase has done all the same; at first nothing:
                             NOR_CUT_BEFORE */
    uint32_t worn_offset; /* units from here on, */
    uint32_t worn_size;   /* so many bytes, can be neither erased nor programmed any more */
    uint32_t stuck;       /* this byte reads with its lowest bit flipped; NOR_NOWHERE for none */

    struct nor_range protected_ranges[NOR_PROTECTED_MAX];
    unsigned protected_count;

    enum nor_rule broken; /* the first rule that was broken, */
    uint32_t broken_at;   /* and where */
};

#define NOR_NOWHERE UINT32_MAX

/*
 * Make a flash of this geometry (only its numbers count) on `cells`, which keep what they hold. No
 * timing, no cuts, no faults, no wear array. `nor` must not move afterwards; the arrays stay the
 * caller's. `unstable` and `torn` are cleared. Without `torn`, whether a unit has been programmed
 * is told by its content: one that is 0xFF throughout has not.
 */
void nor_flash_init(struct nor_flash *nor, const struct ota_flash *geometry, uint8_t *cells,
                    uint8_t *unstable, uint8_t *torn);

/*
 * Refuse, as a broken rule, to change anything in this range from now on. There may be
 * NOR_PROTECTED_MAX of them; one more, and all of the flash is protected.
 */
void nor_flash_protect(struct nor_flash *nor, uint32_t offset, uint32_t size);

/* The power goes at the nth erase or program from now on (1: the next one; 0: never). */
void nor_flash_cut_in(struct nor_flash *nor, uint64_t operations, enum nor_cut cut);

/* The power is back; there is no further cut unless it is asked for. */
void nor_flash_power_on(struct nor_flash *nor);

/* "a unit was programmed twice" ... The string is constant. */
const char *nor_rule_text(enum nor_rule rule);

/* "half done" ... for a trace. */
const char *nor_cut_text(enum nor_cut cut);

#ifdef __cplusplus
}
#endif

#endif
