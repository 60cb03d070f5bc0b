/*
 * Numbers that look random and follow from a seed alone: the same ones on every machine. For that,
 * no two of them may be drawn in one expression or initialiser: compilers differ in the order.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct sim_random {
    uint64_t state;
};

/* SplitMix64: any two seeds, neighbours too, give sequences that have nothing in common. */
static inline uint64_t sim_random_next(struct sim_random *random)
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* 0 to `bound` - 1; `bound` is not 0. */
static inline uint32_t sim_random_below(struct sim_random *random, uint32_t bound)
{
    return (uint32_t)((sim_random_next(random) >> 32) * bound >> 32);
}

/* `low` to `high`, both included. */
static inline uint32_t sim_random_range(struct sim_random *random, uint32_t low, uint32_t high)
{
    return low + sim_random_below(random, high - low + 1);
}

/* True in `permille` of a thousand cases. */
static inline bool sim_random_chance(struct sim_random *random, uint32_t permille)
{
    return sim_random_below(random, 1000) < permille;
}

/* A generator of its own for a part of the simulation, so that changes of one part spare others. */
static inline struct sim_random sim_random_fork(struct sim_random *random)
{
    return (struct sim_random){ sim_random_next(random) };
}

#endif
