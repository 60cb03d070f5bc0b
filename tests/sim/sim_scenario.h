/*
 * What a seed stands for: a device with its flash, a network, users with images, and bad luck.
 * Everything is decided here or drawn later from generators that are seeded here.
 */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "cli/push/login.h"
#include "sim_device.h"
#include "sim_net.h"
#include "sim_random.h"
#include "tests/sim/sim_board.h"

#define SIM_PLANS_MAX 4

/* What a sketch does once it runs. */
enum sim_habit_kind {
    SIM_HABIT_CONFIRMS, /* when it runs on trial for the `boots`th time */
    SIM_HABIT_NEVER,    /* confirms, and hangs: a watchdog resets it */
    SIM_HABIT_CRASHES,  /* the first `boots` times, and then confirms */
    SIM_HABIT_GIVES_UP, /* asks for the sketch before it, while on trial */
    SIM_HABIT_REGRETS,  /* the same, after it has confirmed itself */
    SIM_HABITS,
};

struct sim_habit {
    enum sim_habit_kind kind;
    uint8_t boots;
    uint32_t delay_us; /* from the start of the responder to doing it */
};

/* One thing that the user wants. */
struct sim_plan {
    uint8_t image;   /* index of sim_scenario.images */
    bool wrong_md5;  /* announced */
    uint8_t repeats; /* after a failure */
    bool has_password, right_password;
    uint32_t timeout_ms, stall_ms, verdict_ms;
    unsigned retries;
    uint32_t pause_us;     /* before it, and between its repetitions */
    uint32_t interrupt_us; /* Ctrl-C, so long after its start; 0: never */
    uint32_t vanish_us;    /* the user's machine goes, likewise */
};

/* What is wrong with the flash. */
enum sim_hardware_fault {
    SIM_SOUND,
    SIM_WORN,      /* a range can neither be erased nor programmed any more */
    SIM_BAD_CELL,  /* a bit cannot be programmed to 0 */
    SIM_TRANSIENT, /* an operation of each upload fails; of reads, one of the first upload */
};

struct sim_hardware {
    enum sim_hardware_fault fault;
    uint32_t offset; /* of the range, or the cell */
    uint32_t size;
    uint8_t bit;          /* of the cell, as a mask */
    uint8_t function;     /* 0: read, 1: write, 2: erase */
    enum nor_cut failure; /* what becomes of the operation */
    uint32_t operations;  /* from the upload's begin, within which it comes */
};

struct sim_scenario {
    uint64_t seed;
    struct sim_board_spec spec;
    struct nor_timing timing;
    bool by_wire;  /* the factory has written a sketch only */
    unsigned slot; /* where to */
    bool has_filesystem;
    struct sim_image images[SIM_IMAGES_MAX]; /* 0: the factory's sketch; 1: its file system */
    unsigned image_count;
    uint32_t foreign; /* a bit for each image that no device of ours must take */
    struct sim_habit habits[SIM_IMAGES_MAX];
    struct sim_plan plans[SIM_PLANS_MAX];
    unsigned plan_count;
    bool locked;
    struct password_digest device_password;
    struct push_password right, wrong;
    struct sim_weather weather;
    struct sim_traits traits;
    struct sim_hardware hardware;
    unsigned cuts;      /* of power, at most */
    uint32_t cut_reach; /* operations within which each comes */
    bool cut_between;   /* some come between operations, at any time */
    uint16_t aim;       /* in a thousand: cuts right behind an operation on the record */
    uint32_t strangers; /* datagrams from elsewhere */
    uint64_t epoch_ms;  /* what the uploader's clock shows at first */
    struct sim_random random;
};

/* Make the scenario of a seed. False when memory ran out. */
bool sim_scenario_make(struct sim_scenario *scenario, uint64_t seed);

/* Free its images. */
void sim_scenario_free(struct sim_scenario *scenario);

#endif
