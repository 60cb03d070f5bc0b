#include "cli/push/fleet_view.h"

#include "cli/display_width.h"
#include "cli/printable.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Rows ------------------------------------------------------------------------------------- */

/* NULL without memory. */
static char *printable_copy(const char *text)
{
    size_t size = 4 * strlen(text) + 1;
    char *copy = malloc(size);

    return copy ? printable(copy, size, text) : NULL;
}

static bool make_room(struct fleet_view *view)
{
    if (view->count < view->room)
        return true;
    size_t room = view->room > 0 ? 2 * view->room : 16;
    struct fleet_row **rows = reallocarray(view->rows, room, sizeof *rows);
    if (!rows)
        return false;
    view->rows = rows;
    view->room = room;
    return true;
}

struct fleet_row *fleet_view_add(struct fleet_view *view, const char *name)
{
    struct fleet_row *row = calloc(1, sizeof *row);

    if (row)
        row->name = printable_copy(name);
    if (!row || !row->name || !make_room(view)) {
        if (row)
            free(row->name);
        free(row);
        return NULL;
    }
    row->name_width = display_width(row->name);
    view->rows[view->count++] = row;
    return row;
}

static struct fleet_row *find(const struct fleet_view *view, const char *name, size_t from,
                              bool is_sought)
{
    char *safe = printable_copy(name);
    struct fleet_row *found = NULL;

    for (size_t i = from; safe && !found && i < view->count; i++) {
        struct fleet_row *row = view->rows[i];
        if ((is_sought ? row->is_sought : row->state == FLEET_WAITING) &&
            strcmp(row->name, safe) == 0)
            found = row;
    }
    free(safe);
    return found;
}

struct fleet_row *fleet_view_take_sought(struct fleet_view *view, const char *name)
{
    /* Most are found in the order in which they were sought. */
    while (view->settled < view->count && !view->rows[view->settled]->is_sought)
        view->settled++;
    struct fleet_row *row = find(view, name, view->settled, true);
    if (row)
        row->is_sought = false;
    return row;
}

struct fleet_row *fleet_view_find_waiting(struct fleet_view *view, const char *name)
{
    return find(view, name, 0, false);
}

static void free_row(struct fleet_row *row)
{
    free(row->name);
    free(row->text);
    free(row);
}

void fleet_view_remove(struct fleet_view *view, struct fleet_row *row)
{
    size_t i = 0;

    while (view->rows[i] != row)
        i++;
    view->count--;
    memmove(&view->rows[i], &view->rows[i + 1], (view->count - i) * sizeof *view->rows);
    view->settled -= i < view->settled ? 1 : 0;
    free_row(row);
}

void fleet_view_set(struct fleet_row *row, enum fleet_state state, const char *text)
{
    char *copy = printable_copy(text);

    free(row->text);
    row->text = copy;
    row->state = state;
}

void fleet_view_end(struct fleet_row *row, enum exit_code code, const char *text)
{
    fleet_view_set(row, FLEET_OVER, text);
    row->code = code;
}

/* --- The terminal ----------------------------------------------------------------------------- */

/*
 * To the first line's beginning. A terminal that has become narrower has wrapped the lines, and the
 * cursor has stayed behind the last one.
 */
static void go_up(FILE *out, const struct fleet_view *view, const struct fleet_screen *screen)
{
    size_t rows = 0;

    if (view->line_count == 0)
        return;
    for (size_t i = 0; i < view->line_count; i++) {
        size_t width = view->lines[i].width;
        rows += width > screen->columns ? (width + screen->columns - 1) / screen->columns : 1;
    }
    if (rows > 1)
        fprintf(out, "\r\033[%zuA", rows - 1);
    else
        fputc('\r', out);
}

static void write_above(FILE *out, struct fleet_view *view)
{
    if (!view->above)
        return;
    if (fclose(view->above) == 0)
        fwrite(view->above_text, 1, view->above_len, out);
    free(view->above_text);
    view->above = NULL;
    view->above_text = NULL;
}

/* As ordinary lines, the first `count` of those that are over. */
static void let_go(FILE *out, struct fleet_view *view, const struct fleet_screen *screen,
                   size_t count)
{
    size_t name_width = fleet_screen_name_width(screen, view->rows, view->count);

    for (size_t i = 0; i < view->count && count > 0; i++) {
        struct fleet_row *row = view->rows[i];
        if (row->is_gone || row->state != FLEET_OVER)
            continue;
        fleet_screen_last_line(out, screen, row, name_width);
        row->is_gone = true;
        count--;
    }
}

static struct fleet_screen screen_of(const struct fleet_view *view, uint64_t now_ms)
{
    struct terminal_size size = terminal_size(STDERR_FILENO);

    return (struct fleet_screen){
        .rows = size.rows,
        .columns = size.columns,
        .has_colour = view->has_colour,
        .size = view->size,
        .now_ms = now_ms,
        .since_ms = view->since_ms,
        .searches = view->searches,
    };
}

static bool is_same(const struct fleet_view *view, size_t i, const struct fleet_line *line)
{
    return i < view->line_count && strcmp(view->lines[i].text, line->text) == 0;
}

/* From the first line's beginning on; the cursor is left behind the last one. */
static void write_lines(FILE *out, const struct fleet_view *view, const struct fleet_line *lines,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count;
        if (is_last || !is_same(view, i, &lines[i]))
            fprintf(out, "%s\033[K", lines[i].text);
        fputs(is_last ? "" : "\r\n", out);
    }
    if (count < view->line_count)
        fputs("\033[J", out);
}

static bool has_changed(const struct fleet_view *view, const struct fleet_line *lines, size_t count)
{
    if (count != view->line_count)
        return true;
    for (size_t i = 0; i < count; i++) {
        if (!is_same(view, i, &lines[i]))
            return true;
    }
    return false;
}

static void draw(FILE *out, struct fleet_view *view, const struct fleet_screen *screen,
                 struct fleet_line *lines)
{
    size_t surplus = fleet_screen_surplus(screen, view->rows, view->count);
    bool is_resized =
        view->terminal.rows != screen->rows || view->terminal.columns != screen->columns;
    bool has_over = false;

    for (size_t i = 0; i < view->count && surplus > 0 && !has_over; i++)
        has_over = !view->rows[i]->is_gone && view->rows[i]->state == FLEET_OVER;
    if (is_resized || view->above || has_over) {
        go_up(out, view, screen);
        fputs("\033[J", out);
        view->line_count = 0;
        write_above(out, view);
        let_go(out, view, screen, surplus);
    }
    if (view->count == 0 && view->searches == 0)
        return;
    size_t count = fleet_screen_draw(screen, view->rows, view->count, lines);
    if (!has_changed(view, lines, count))
        return;
    go_up(out, view, screen);
    write_lines(out, view, lines, count);
    free(view->lines);
    view->lines = lines;
    view->line_count = count;
    view->terminal = (struct terminal_size){ screen->rows, screen->columns };
}

/* While the program was stopped somebody has written below the lines: they stay where they are. */
static void begin_anew(struct fleet_view *view)
{
    if (!terminal_was_resumed() || view->line_count == 0)
        return;
    fputc('\r', stderr);
    view->line_count = 0;
}

/* What is written in one piece does not flicker. */
static void put(char *text, size_t len)
{
    if (len > 0)
        fwrite(text, 1, len, stderr);
    free(text);
}

void fleet_view_draw(struct fleet_view *view, uint64_t now_ms)
{
    const struct fleet_screen screen = screen_of(view, now_ms);
    char *text = NULL;
    size_t len = 0;

    if (view->count == 0 && view->searches == 0 && !view->above)
        return;
    begin_anew(view);
    struct fleet_line *lines = reallocarray(NULL, fleet_screen_lines_max(&screen), sizeof *lines);
    FILE *out = lines ? open_memstream(&text, &len) : NULL;
    if (out) {
        draw(out, view, &screen, lines);
        if (fclose(out) == 0)
            put(text, len);
    }
    if (view->lines != lines)
        free(lines);
}

void fleet_view_clear(struct fleet_view *view)
{
    const struct fleet_screen screen = screen_of(view, 0);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return;
    begin_anew(view);
    go_up(out, view, &screen);
    if (view->line_count > 0)
        fputs("\033[J", out);
    view->line_count = 0;
    write_above(out, view);
    let_go(out, view, &screen, view->count);
    if (fclose(out) == 0)
        put(text, len);
}

void fleet_view_say(struct fleet_view *view, const char *text)
{
    if (!view->above)
        view->above = open_memstream(&view->above_text, &view->above_len);
    if (view->above)
        fprintf(view->above, "%s\n", text);
    else
        fprintf(stderr, "%s\n", text);
}

void fleet_view_close(struct fleet_view *view)
{
    for (size_t i = 0; i < view->count; i++)
        free_row(view->rows[i]);
    if (view->above)
        fclose(view->above);
    free(view->above_text);
    free(view->rows);
    free(view->lines);
    *view = (struct fleet_view){ 0 };
}
