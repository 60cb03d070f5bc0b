/*
 * What lwIP calls of the board, by arch/cc.h; apart, as lwIP's own sources see it.
 */
#ifndef SF2_HOOKS_H
#define SF2_HOOKS_H

#include <stdint.h>

/* A number that is hard to guess, for TCP's sequence numbers and the like (sf2_entropy.c). */
uint32_t sf2_entropy_word(void);

/* An assertion of lwIP's has failed: print it, and treat it like a fault of the processor. */
_Noreturn void sf2_net_broken(const char *what);

#endif
