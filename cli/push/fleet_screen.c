#include "cli/push/fleet_screen.h"

#include "cli/display_width.h"
#include "cli/push/bar.h"
#include "cli/push/fleet_total.h"
#include "cli/push/paint.h"
#include "cli/push/wrap.h"

#include <string.h>

/* Two columns stay free: a "^C" that the terminal puts behind a line must not wrap it. */
#define MARGIN 2

/* Wider terminals are not made use of: a line has to fit its buffer. */
#define COLUMNS_MAX 160
#define ROWS_MAX    500

#define NAME_MAX_WIDTH 40
#define NAME_MIN_WIDTH 8
#define GAP            2

/* "100%", and with the rate: "100%  1023.9 KiB/s". */
#define PERCENT_WIDTH 4
#define RATE_WIDTH    18
#define BAR_MIN       10
#define BAR_MAX       20

/* Where a last line goes on: below its text, or on narrow terminals below its name. */
#define COLUMNS_BESIDE 60
#define INDENT         4

/* " [", "]" around the bar. */
#define BAR_EDGES 3

static size_t usable(const struct fleet_screen *screen)
{
    size_t columns = screen->columns < COLUMNS_MAX ? screen->columns : COLUMNS_MAX;

    return columns > MARGIN ? columns - MARGIN : 0;
}

size_t fleet_screen_lines_max(const struct fleet_screen *screen)
{
    size_t rows = screen->rows < ROWS_MAX ? screen->rows : ROWS_MAX;

    return rows > 1 ? rows - 1 : 1;
}

size_t fleet_screen_name_width(const struct fleet_screen *screen, struct fleet_row *const *rows,
                               size_t count)
{
    size_t room = usable(screen);
    size_t widest = 0;

    for (size_t i = 0; i < count; i++)
        widest = rows[i]->name_width > widest ? rows[i]->name_width : widest;
    if (widest > NAME_MAX_WIDTH)
        widest = NAME_MAX_WIDTH;
    if (room >= widest + GAP + RATE_WIDTH)
        return widest;
    if (room >= NAME_MIN_WIDTH + GAP + RATE_WIDTH)
        return room - GAP - RATE_WIDTH;
    if (room >= NAME_MIN_WIDTH + GAP + PERCENT_WIDTH)
        return widest < NAME_MIN_WIDTH ? widest : NAME_MIN_WIDTH;
    if (room < GAP + PERCENT_WIDTH)
        return 0;
    room -= GAP + PERCENT_WIDTH;
    return widest < room ? widest : room;
}

/* " 64% [===========>       ]  131.2 KiB/s", or as much of it as there is room for. */
static void sending_text(char out[BAR_TEXT_MAX], const struct fleet_screen *screen,
                         const struct fleet_row *row, size_t room)
{
    uint64_t size = screen->size > 0 ? screen->size : 1;
    uint64_t ms = screen->now_ms > row->since_ms ? screen->now_ms - row->since_ms : 0;
    char bar[BAR_ONLY_MAX] = "";
    char rate[32] = "";
    size_t width = 0;

    if (room >= RATE_WIDTH + BAR_EDGES + BAR_MIN)
        width = room - RATE_WIDTH - BAR_EDGES;
    if (room >= RATE_WIDTH)
        bar_rate_text(rate, row->done, ms);
    unsigned percent = bar_percent(row->done, size);
    bar_only(bar, width < BAR_MAX ? width : BAR_MAX, percent);
    snprintf(out, BAR_TEXT_MAX, "%3u%%%s%s%s", percent, bar, rate[0] ? "  " : "", rate);
}

static void draw_row(struct fleet_line *line, const struct fleet_screen *screen,
                     const struct fleet_row *row, size_t name_width)
{
    size_t room = usable(screen);
    char name[256];
    char text[640];
    char sending[BAR_TEXT_MAX];
    const char *what = row->text ? row->text : "";
    bool is_over = row->state == FLEET_OVER;

    if (row->state == FLEET_WAITING && what[0] == '\0')
        what = "waiting";
    size_t name_taken = display_cut(name, sizeof name, row->name, name_width);
    size_t pad = name_width > 0 ? name_width - name_taken + GAP : 0;
    room -= name_width > 0 ? name_width + GAP : 0;
    if (row->state == FLEET_SENDING) {
        sending_text(sending, screen, row, room);
        what = sending;
    }
    size_t text_taken = display_cut(text, sizeof text, what, room);
    snprintf(line->text, sizeof line->text, "%s%*s%s%s%s", name, (int)pad, "",
             is_over ? paint_begin(screen->has_colour, row->code) : "", text,
             is_over ? paint_end(screen->has_colour, row->code) : "");
    line->width = name_taken + pad + text_taken;
}

static bool is_of_rank(const struct fleet_row *row, unsigned rank)
{
    if (row->is_gone)
        return false;
    switch (rank) {
    case 0:
        return row->state == FLEET_UNDER_WAY || row->state == FLEET_SENDING;
    case 1:
        return row->state == FLEET_OVER;
    default:
        return row->state == FLEET_WAITING;
    }
}

static size_t count_standing(struct fleet_row *const *rows, size_t count)
{
    size_t standing = 0;

    for (size_t i = 0; i < count; i++)
        standing += rows[i]->is_gone ? 0 : 1;
    return standing;
}

size_t fleet_screen_surplus(const struct fleet_screen *screen, struct fleet_row *const *rows,
                            size_t count)
{
    size_t standing = count_standing(rows, count);
    size_t room = fleet_screen_lines_max(screen) - 1;

    return standing > room ? standing - room : 0;
}

/* How many of each rank are shown. */
static void share_room(size_t shown[3], size_t room, struct fleet_row *const *rows, size_t count)
{
    for (unsigned rank = 0; rank < 3; rank++) {
        size_t there = 0;
        for (size_t i = 0; i < count; i++)
            there += is_of_rank(rows[i], rank) ? 1 : 0;
        shown[rank] = there < room ? there : room;
        room -= shown[rank];
    }
}

size_t fleet_screen_draw(const struct fleet_screen *screen, struct fleet_row *const *rows,
                         size_t count, struct fleet_line *lines)
{
    size_t name_width = fleet_screen_name_width(screen, rows, count);
    size_t shown[3];
    size_t used = 0;

    share_room(shown, fleet_screen_lines_max(screen) - 1, rows, count);
    for (size_t i = 0; i < count; i++) {
        for (unsigned rank = 0; rank < 3; rank++) {
            if (shown[rank] == 0 || !is_of_rank(rows[i], rank))
                continue;
            draw_row(&lines[used++], screen, rows[i], name_width);
            shown[rank]--;
        }
    }
    struct fleet_total total = fleet_total_of(screen, rows, count);
    total.hidden = count_standing(rows, count) - used;
    fleet_total_text(lines[used].text, usable(screen), screen, &total);
    lines[used].width = strlen(lines[used].text);
    return used + 1;
}

void fleet_screen_last_line(FILE *out, const struct fleet_screen *screen,
                            const struct fleet_row *row, size_t name_width)
{
    size_t pad = row->name_width < name_width ? name_width - row->name_width : 0;
    size_t at = row->name_width + pad + GAP;
    const char *text = row->text ? row->text : exit_code_name(row->code);

    fprintf(out, "%s%*s%s", row->name, (int)(pad + GAP), "",
            paint_begin(screen->has_colour, row->code));
    wrap_continue(out, text, at, screen->columns >= COLUMNS_BESIDE ? at : INDENT, screen->columns);
    fprintf(out, "%s\n", paint_end(screen->has_colour, row->code));
}
