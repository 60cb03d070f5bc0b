#include "cli/integration/arduino_change.h"

#include "cli/integration/marked_block.h"
#include "cli/integration/property_line.h"
#include "cli/printable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of a line that is shown: a recipe with a long path fits. */
#define SHOWN_MAX 6000

static struct block_text old_text(const struct arduino_change *change)
{
    return (struct block_text){ change->file.bytes, change->file.len };
}

/* The block in a text, markers included; empty when there is none. */
static struct block_text block_of(struct block_text text)
{
    struct marked_block block = marked_block_find(text);

    if (block.state != MARKED_BLOCK_FOUND)
        return (struct block_text){ NULL, 0 };
    return (struct block_text){ text.bytes + block.start, block.end - block.start };
}

/* --- Planning --------------------------------------------------------------------------------- */

static bool is_text(const struct arduino_change *change, const char *text, size_t len)
{
    return change->file.bytes && len == change->file.len &&
           memcmp(text, change->file.bytes, len) == 0;
}

/* What setup writes it can write again; anything else of the block is kept in a backup. */
static bool plan_removal(struct arduino_change *change, const struct marked_block *block,
                         const char *body, struct failure *failure)
{
    bool no_file = false;
    size_t len = 0;

    if (block->state == MARKED_BLOCK_NONE)
        return true;
    change->text = marked_block_remove(old_text(change), &change->len, &no_file);
    if (!change->text)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    if (no_file) {
        free(change->text);
        change->text = NULL;
        char *made = marked_block_put(old_text(change), body, &len);
        change->foreign = !made || !is_text(change, made, len);
        free(made);
    }
    change->changes = true;
    return true;
}

bool arduino_change_plan(struct arduino_change *change, const struct arduino_core *core,
                         const char *body, bool remove, struct failure *failure)
{
    *change = (struct arduino_change){ .text = NULL };
    if (!settings_file_read(&change->file, core->path, "platform.local.txt", failure))
        return false;
    struct marked_block block = marked_block_find(old_text(change));
    if (block.state == MARKED_BLOCK_BROKEN)
        return failure_set(failure, EXIT_LOCAL_FAILURE,
                           "%s: the lines \"# >>> espota-c\" and \"# <<< espota-c\" are not one "
                           "pair; remove them, and what is between them",
                           failure_path(change->file.path));
    if (remove)
        return plan_removal(change, &block, body, failure);
    change->text = marked_block_put(old_text(change), body, &change->len);
    if (!change->text)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    change->changes = !is_text(change, change->text, change->len);
    return true;
}

void arduino_change_free(struct arduino_change *change)
{
    settings_file_free(&change->file);
    free(change->text);
    change->text = NULL;
}

/* --- Showing ---------------------------------------------------------------------------------- */

static void show_line(FILE *out, const char *mark, struct block_text line)
{
    char shown[SHOWN_MAX];

    fprintf(out, "%s%s\n", mark, printable_bytes(shown, sizeof shown, line.bytes, line.len));
}

static bool holds(struct block_text text, struct block_text wanted)
{
    struct block_text line;

    while (marked_block_line(&text, &line)) {
        if (line.len == wanted.len && memcmp(line.bytes, wanted.bytes, line.len) == 0)
            return true;
    }
    return false;
}

/* Lines of one text that the other has not. */
static void show_difference(FILE *out, const char *mark, struct block_text text,
                            struct block_text other)
{
    struct block_text line;

    while (marked_block_line(&text, &line)) {
        if (!holds(other, line))
            show_line(out, mark, line);
    }
}

/* The block's line that sets the same; false when there is none. */
static bool set_in_block(struct block_text block, const struct property_line *wanted,
                         struct property_line *found)
{
    struct block_text line;

    while (marked_block_line(&block, &line)) {
        if (property_line_parse(found, line.bytes, line.len) &&
            property_line_same_key(found, wanted))
            return true;
    }
    return false;
}

/* The tools let the last line win; Arduino IDE 1.8 lets one that ends in .linux win over others. */
static const char *winner(const struct property_line *user, const struct property_line *ours,
                          bool after)
{
    if (user->linux_only == ours->linux_only || (user->linux_only && after) ||
        (ours->linux_only && !after))
        return after ? "yours counts" : "the block's counts";
    return after ? "yours counts, but not in Arduino IDE 1.8"
                 : "the block's counts, but not in Arduino IDE 1.8";
}

/* Users' lines that set what the block sets, too: one of them is without effect. */
static void show_conflicts(FILE *out, struct block_text text)
{
    struct block_text block = block_of(text);
    struct block_text rest = text;
    struct block_text line;
    char key[256];

    for (unsigned number = 1; block.bytes && marked_block_line(&rest, &line); number++) {
        struct property_line user;
        struct property_line ours;
        bool after = line.bytes >= block.bytes + block.len;
        if ((!after && line.bytes >= block.bytes) ||
            !property_line_parse(&user, line.bytes, line.len) || !set_in_block(block, &user, &ours))
            continue;
        printable_bytes(key, sizeof key, user.key, user.key_len);
        fprintf(out, "  line %u, %s the block, sets %s too: %s\n", number,
                after ? "behind" : "before", key, winner(&user, &ours, after));
    }
}

void arduino_change_show(const struct arduino_change *change, FILE *out)
{
    struct block_text before = block_of(old_text(change));
    struct block_text new_text = { change->text, change->len };
    struct block_text after = block_of(new_text);
    char path[4 * PATH_MAX];

    printable(path, sizeof path, change->file.path);
    if (!change->changes) {
        fprintf(out, "%s: nothing to change\n", path);
    } else {
        fprintf(out, "%s:%s\n", path,
                !change->text         ? " (removed)"
                : !change->file.bytes ? " (made)"
                                      : "");
        show_difference(out, "- ", before, after);
        show_difference(out, "+ ", after, before);
    }
    if (change->text)
        show_conflicts(out, new_text);
}

/* --- Doing ------------------------------------------------------------------------------------ */

bool arduino_change_apply(const struct arduino_change *change, FILE *out, struct failure *failure)
{
    char backup[PATH_MAX];
    char path[4 * PATH_MAX];

    if (change->text
            ? !settings_file_replace(&change->file, change->text, change->len, backup, failure)
            : !settings_file_remove(&change->file, change->foreign, backup, failure))
        return false;
    fprintf(out, "%s %s", change->text ? "Wrote" : "Removed",
            printable(path, sizeof path, change->file.path));
    if (backup[0] != '\0')
        fprintf(out, "; as it was: %s", printable(path, sizeof path, backup));
    fputc('\n', out);
    return true;
}
