#include "tests/sim/cuts_memory.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM   4096u
#define LARGEST_ROOM ((size_t)1 << 22)

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return hash ^ (hash >> 29);
}

static uint64_t mix_bytes(uint64_t hash, const uint8_t *bytes, uint64_t len)
{
    uint64_t word = 0;

    for (; len >= sizeof word; bytes += sizeof word, len -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = mix(hash, word);
    }
    for (; len > 0; len--)
        hash = mix(hash, *bytes++);
    return hash;
}

static uint64_t mix_image(uint64_t hash, const struct sim_image *image)
{
    return mix(hash, image ? image->seed : 0);
}

/* Whether any bit is unstable: else it does not matter what they would read as. */
static bool is_unstable(const struct sim_board *board)
{
    const uint8_t *unstable = board->nor.unstable;

    return unstable[0] != 0 || memcmp(unstable, unstable + 1, board->port.size - 1) != 0;
}

static uint64_t key_of(const struct cuts_drive *drive, const struct cuts_bench *bench)
{
    const struct sim_board *board = &bench->board;
    uint64_t hash = mix_bytes(1, board->memory, board->saved_size);

    hash = mix(hash, is_unstable(board) ? board->nor.random : 0);
    hash = mix(hash, drive->goal);
    hash = mix(hash, drive->resets);
    hash = mix(hash, drive->attempts);
    hash = mix(hash, drive->trial_runs);
    hash = mix(hash, (uint64_t)board->steady << 4 | (uint64_t)drive->on_trial << 3 |
                         (uint64_t)drive->leaving << 2 | (uint64_t)drive->files_promised << 1 |
                         drive->changed_mind);
    hash = mix_image(mix_image(mix_image(hash, drive->from), drive->to), drive->settled);
    hash = mix(mix_image(hash, board->running), board->boot.slot);
    return hash != 0 ? hash : 1;
}

/* True when it was not there. The table has room. */
static bool insert(struct cuts_memory *memory, uint64_t key)
{
    size_t at = key & (memory->size - 1);

    while (memory->keys[at] != 0 && memory->keys[at] != key)
        at = (at + 1) & (memory->size - 1);
    if (memory->keys[at] == key)
        return false;
    memory->keys[at] = key;
    memory->count++;
    return true;
}

static bool grow(struct cuts_memory *memory)
{
    struct cuts_memory larger = { .size = memory->size ? 4 * memory->size : FIRST_ROOM };

    if (larger.size > LARGEST_ROOM)
        return false;
    larger.keys = calloc(larger.size, sizeof *larger.keys);
    if (!larger.keys)
        return false;
    for (size_t i = 0; i < memory->size; i++) {
        if (memory->keys[i] != 0)
            (void)insert(&larger, memory->keys[i]);
    }
    free(memory->keys);
    *memory = larger;
    return true;
}

bool cuts_memory_add(struct cuts_memory *memory, const struct cuts_drive *drive,
                     const struct cuts_bench *bench)
{
    /* Without room everything is new. */
    if (2 * memory->count >= memory->size && !grow(memory))
        return true;
    return insert(memory, key_of(drive, bench));
}

void cuts_memory_free(struct cuts_memory *memory)
{
    free(memory->keys);
    *memory = (struct cuts_memory){ 0 };
}
