#include "cli/integration/marked_block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN      "# >>> espota-c"
#define BEGIN_FILE BEGIN " (made this file)"
#define BEGIN_LINE BEGIN " (ended the line before)"
#define END        "# <<< espota-c"

/* Blanks at the end come by editors, and by copy and paste. */
static bool is(struct block_text line, const char *text)
{
    while (line.len > 0 && (line.bytes[line.len - 1] == ' ' || line.bytes[line.len - 1] == '\t'))
        line.len--;
    return line.len == strlen(text) && memcmp(line.bytes, text, line.len) == 0;
}

bool marked_block_line(struct block_text *rest, struct block_text *line)
{
    if (!rest->bytes || rest->len == 0)
        return false;
    const char *newline = memchr(rest->bytes, '\n', rest->len);
    size_t whole = newline ? (size_t)(newline - rest->bytes) + 1 : rest->len;

    *line = (struct block_text){ rest->bytes, newline ? whole - 1 : whole };
    if (line->len > 0 && line->bytes[line->len - 1] == '\r')
        line->len--;
    rest->bytes += whole;
    rest->len -= whole;
    return true;
}

struct marked_block marked_block_find(struct block_text text)
{
    struct marked_block block = { .state = MARKED_BLOCK_NONE };
    struct block_text rest = text;
    struct block_text line;
    unsigned begins = 0;
    unsigned ends = 0;

    while (marked_block_line(&rest, &line)) {
        if (is(line, BEGIN) || is(line, BEGIN_FILE) || is(line, BEGIN_LINE)) {
            begins++;
            block.start = (size_t)(line.bytes - text.bytes);
            block.file_made = is(line, BEGIN_FILE);
            block.line_ended = is(line, BEGIN_LINE);
        } else if (is(line, END)) {
            ends++;
            block.end = (size_t)(rest.bytes - text.bytes);
        }
    }
    if (begins == 1 && ends == 1 && block.start < block.end)
        block.state = MARKED_BLOCK_FOUND;
    else if (begins > 0 || ends > 0)
        block.state = MARKED_BLOCK_BROKEN;
    return block;
}

/* The line end that the block has or gets: that of its own first line, or of the text's. */
static const char *line_end(struct block_text text, const struct marked_block *block)
{
    size_t start = block->state == MARKED_BLOCK_FOUND ? block->start : 0;
    const char *newline =
        text.len > start ? memchr(text.bytes + start, '\n', text.len - start) : NULL;

    return newline && newline > text.bytes && newline[-1] == '\r' ? "\r\n" : "\n";
}

static void put_bytes(FILE *out, const char *bytes, size_t len)
{
    if (len > 0)
        fwrite(bytes, 1, len, out);
}

static void put_block(FILE *out, const struct marked_block *block, const char *body,
                      const char *eol)
{
    struct block_text rest = { body, strlen(body) };
    struct block_text line;
    const char *begin = block->file_made ? BEGIN_FILE : block->line_ended ? BEGIN_LINE : BEGIN;

    fprintf(out, "%s%s", begin, eol);
    while (marked_block_line(&rest, &line)) {
        put_bytes(out, line.bytes, line.len);
        fputs(eol, out);
    }
    fprintf(out, "%s%s", END, eol);
}

/* Close a stream of open_memstream(); NULL if anything went wrong. */
static char *finish(FILE *out, char **bytes)
{
    bool failed = ferror(out);

    if (fclose(out) != 0 || failed) {
        free(*bytes);
        return NULL;
    }
    return *bytes;
}

char *marked_block_put(struct block_text text, const char *body, size_t *len)
{
    struct marked_block block = marked_block_find(text);
    const char *eol = line_end(text, &block);
    char *bytes = NULL;

    if (block.state == MARKED_BLOCK_BROKEN)
        return NULL;
    FILE *out = open_memstream(&bytes, len);
    if (!out)
        return NULL;
    if (block.state == MARKED_BLOCK_NONE) {
        block.start = block.end = text.len;
        block.file_made = !text.bytes;
        block.line_ended = text.bytes && text.len > 0 && text.bytes[text.len - 1] != '\n';
        put_bytes(out, text.bytes, text.len);
        fputs(block.line_ended ? eol : "", out);
    } else {
        put_bytes(out, text.bytes, block.start);
    }
    put_block(out, &block, body, eol);
    if (text.len > block.end)
        put_bytes(out, text.bytes + block.end, text.len - block.end);
    return finish(out, &bytes);
}

char *marked_block_remove(struct block_text text, size_t *len, bool *no_file)
{
    struct marked_block block = marked_block_find(text);
    size_t kept = block.start;
    char *bytes = NULL;

    if (block.state != MARKED_BLOCK_FOUND)
        return NULL;
    FILE *out = open_memstream(&bytes, len);
    if (!out)
        return NULL;
    /* Unless the line end has become somebody's: then it separates two lines. */
    const char *eol = line_end(text, &block);
    size_t eol_len = strlen(eol);
    if (block.line_ended && block.end == text.len && kept >= eol_len &&
        memcmp(text.bytes + kept - eol_len, eol, eol_len) == 0)
        kept -= eol_len;
    put_bytes(out, text.bytes, kept);
    put_bytes(out, text.bytes + block.end, text.len - block.end);
    *no_file = block.file_made && kept + (text.len - block.end) == 0;
    return finish(out, &bytes);
}
