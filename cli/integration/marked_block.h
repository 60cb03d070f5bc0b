/*
 * A block of lines in somebody else's text file, between two lines that mark it. All else in the
 * text is left as it is, byte by byte, and so is the text once the block is taken out again.
 *
 *     # >>> espota-c
 *     ...
 *     # <<< espota-c
 *
 * Pure: texts come in and go out.
 */
#ifndef CLI_MARKED_BLOCK_H
#define CLI_MARKED_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of any kind; `bytes` is NULL when there is no such file, and is not when it is empty. */
struct block_text {
    const char *bytes;
    size_t len;
};

enum marked_block_state {
    MARKED_BLOCK_NONE,
    MARKED_BLOCK_FOUND,
    MARKED_BLOCK_BROKEN, /* a marker without the other, or more than one block */
};

struct marked_block {
    enum marked_block_state state;
    size_t start;    /* bytes before the first marker's line */
    size_t end;      /* bytes up to the end of the second marker's line, its line end included */
    bool file_made;  /* there was no file before the block */
    bool line_ended; /* the line before the block had no line end, and was given one */
};

struct marked_block marked_block_find(struct block_text text);

/*
 * The text with `body` (lines that end with "\n") in the block: in place of the one that there is,
 * else at the end. Line ends are those of the block's first line, or else of the text's. Returns
 * bytes to free(), and their number in `len`; NULL when memory ran out or the block that is there
 * is broken.
 */
char *marked_block_put(struct block_text text, const char *body, size_t *len);

/*
 * The text without the block. NULL as above, and when there is none. `no_file` tells that there was
 * no file before, and that nothing is left.
 */
char *marked_block_remove(struct block_text text, size_t *len, bool *no_file);

/*
 * Take the next line off `rest`, its line end ("\n", "\r\n", at the end "\r") not included. False
 * at the end.
 */
bool marked_block_line(struct block_text *rest, struct block_text *line);

#endif
