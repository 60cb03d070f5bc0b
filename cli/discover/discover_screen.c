#include "cli/discover/discover_screen.h"

#include <stdlib.h>
#include <string.h>

bool discover_screen_open(struct discover_screen *screen, FILE *out, bool redraw, size_t rows)
{
    *screen = (struct discover_screen){
        .out = out,
        .redraw = redraw,
        .widths = discover_widths_usual(),
        .rows = rows,
    };
    screen->copy = open_memstream(&screen->text, &screen->len);
    return screen->copy && discover_names_open(&screen->printed);
}

static void end_copy(struct discover_screen *screen)
{
    if (screen->copy)
        fclose(screen->copy);
    screen->copy = NULL;
    free(screen->text);
    screen->text = NULL;
}

/* Count a line. Those that have scrolled away cannot be drawn over, and need not be known. */
static void note_line(struct discover_screen *screen, size_t width)
{
    screen->lines++;
    if (screen->widest < width)
        screen->widest = width;
    if (screen->lines >= screen->rows)
        end_copy(screen);
}

void discover_screen_add(struct discover_screen *screen, const struct device *device)
{
    struct discover_row row;

    if (!discover_names_add(&screen->printed, device->name))
        return;
    discover_row_fill(&row, device);
    discover_widths_add(&screen->widths, &row);
    if (screen->lines == 0) {
        if (screen->copy)
            discover_heading_print(screen->copy, &screen->widths);
        note_line(screen, discover_heading_print(screen->out, &screen->widths));
    }
    if (screen->copy)
        discover_row_print(screen->copy, &row, &screen->widths);
    note_line(screen, discover_row_print(screen->out, &row, &screen->widths));
    fflush(screen->out);
}

size_t discover_screen_table(FILE *out, const struct device *const *devices, size_t count)
{
    struct discover_widths widths = discover_widths_usual();
    struct discover_row row;

    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        discover_row_fill(&row, devices[i]);
        discover_widths_add(&widths, &row);
    }
    size_t widest = discover_heading_print(out, &widths);
    for (size_t i = 0; i < count; i++) {
        discover_row_fill(&row, devices[i]);
        size_t width = discover_row_print(out, &row, &widths);
        if (widest < width)
            widest = width;
    }
    return widest;
}

/* Set the table in the place of the lines, or below them. */
static void replace(const struct discover_screen *screen, const char *table, size_t rows,
                    size_t columns)
{
    /* The cursor stands in the line below; a line as wide as the terminal may count as two. */
    bool fits = screen->lines < rows && screen->widest < columns;

    if (screen->lines > 0 && screen->redraw && fits)
        fprintf(screen->out, "\033[%zuA\r\033[J", screen->lines);
    else if (screen->lines > 0 && table[0] != '\0')
        fputc('\n', screen->out);
    fputs(table, screen->out);
}

bool discover_screen_finish(struct discover_screen *screen, const struct device *const *devices,
                            size_t count, size_t terminal_rows, size_t terminal_columns)
{
    char *table = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&table, &len);

    if (!out)
        return false;
    discover_screen_table(out, devices, count);
    if (fclose(out) != 0 || (screen->copy && fflush(screen->copy) != 0)) {
        free(table);
        return false;
    }
    if (!screen->copy || strcmp(table, screen->text) != 0)
        replace(screen, table, terminal_rows, terminal_columns);
    fflush(screen->out);
    free(table);
    return true;
}

void discover_screen_close(struct discover_screen *screen)
{
    end_copy(screen);
    discover_names_close(&screen->printed);
}
