#include "cli/push/fleet_total.h"

#include "cli/push/bar.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Below this the rate is a guess, and no time left is told. */
#define GUESS_MS 500

static void add_end(struct fleet_total *total, const struct fleet_row *row)
{
    switch (row->code) {
    case EXIT_UPDATED:
        total->updated++;
        break;
    case EXIT_NO_VERDICT:
        total->unknown++;
        break;
    case EXIT_SKIPPED:
        total->skipped++;
        break;
    default:
        total->failed++;
        break;
    }
}

/* Not at its end before everybody is. */
static unsigned percent_of(const struct fleet_screen *screen, const struct fleet_total *total,
                           size_t over)
{
    double whole = (double)screen->size * (double)total->devices;
    unsigned limit = over < total->devices || total->searches > 0 ? 99 : 100;

    if (whole <= 0)
        return total->devices > 0 ? limit : 0;
    unsigned percent = (unsigned)((whole - (double)total->left) * 100.0 / whole);
    return percent < limit ? percent : limit;
}

struct fleet_total fleet_total_of(const struct fleet_screen *screen, struct fleet_row *const *rows,
                                  size_t count)
{
    struct fleet_total total = { .devices = count, .searches = screen->searches };

    for (size_t i = 0; i < count; i++) {
        const struct fleet_row *row = rows[i];
        uint64_t done = row->done < screen->size ? row->done : screen->size;
        total.moved += done;
        if (row->state == FLEET_OVER)
            add_end(&total, row);
        else
            total.left += screen->size - done;
        total.waiting += row->state == FLEET_WAITING ? 1 : 0;
    }
    size_t over = total.updated + total.failed + total.unknown + total.skipped;
    total.under_way = count - over - total.waiting;
    total.percent = percent_of(screen, &total, over);
    return total;
}

struct text {
    char *out;
    size_t len;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len = vsnprintf(text->out + text->len, FLEET_LINE_MAX - text->len, format, args);
    va_end(args);
    if (len > 0)
        text->len += (size_t)len;
    if (text->len >= FLEET_LINE_MAX)
        text->len = FLEET_LINE_MAX - 1;
}

static void add_count(struct text *text, const char **separator, size_t count, const char *what)
{
    if (count == 0)
        return;
    add(text, "%s%zu %s", *separator, count, what);
    *separator = ", ";
}

static void add_hidden(struct text *text, const struct fleet_total *total)
{
    if (total->hidden > 0)
        add(text, "and %zu more; ", total->hidden);
}

static void add_counts(struct text *text, const struct fleet_total *total)
{
    const char *separator = " ";

    add_hidden(text, total);
    add(text, "%zu %s:", total->devices, total->devices == 1 ? "device" : "devices");
    add_count(text, &separator, total->updated, "updated");
    add_count(text, &separator, total->failed, "failed");
    add_count(text, &separator, total->unknown, "unknown");
    add_count(text, &separator, total->skipped, "skipped");
    add_count(text, &separator, total->under_way, "under way");
    add_count(text, &separator, total->waiting, "waiting");
    add_count(text, &separator, total->searches, total->searches == 1 ? "search" : "searches");
}

static void add_short_counts(struct text *text, const struct fleet_total *total)
{
    const char *separator = ", ";

    add(text, "%zu of %zu over", total->devices - total->under_way - total->waiting,
        total->devices);
    add_count(text, &separator, total->failed, "failed");
    add_count(text, &separator, total->unknown, "unknown");
}

static void add_rate(struct text *text, const struct fleet_screen *screen,
                     const struct fleet_total *total)
{
    uint64_t ms = screen->since_ms > 0 && screen->now_ms > screen->since_ms
                      ? screen->now_ms - screen->since_ms
                      : 0;
    char rate[32];

    bar_rate_text(rate, total->moved, ms);
    if (rate[0] == '\0' || total->left == 0)
        return;
    add(text, "  %s", rate);
    if (ms < GUESS_MS)
        return;
    unsigned seconds = bar_seconds_left(total->moved, total->left, ms);
    add(text, "  %u:%02u left", seconds / 60, seconds % 60);
}

void fleet_total_text(char out[FLEET_LINE_MAX], size_t room, const struct fleet_screen *screen,
                      const struct fleet_total *total)
{
    /* From the longest to the shortest; the first that fits is taken. */
    for (unsigned form = 0; form < 6; form++) {
        struct text text = { out, 0 };
        out[0] = '\0';
        if (form < 2)
            add_counts(&text, total);
        else if (form < 3)
            add_hidden(&text, total);
        if (form == 2 || form == 3)
            add_short_counts(&text, total);
        if (form == 4)
            add(&text, "%zu/%zu", total->devices - total->under_way - total->waiting,
                total->devices);
        add(&text, "%s%u%%", form < 5 ? "  " : "", total->percent);
        if (form == 0)
            add_rate(&text, screen, total);
        if (text.len <= room)
            return;
    }
    out[0] = '\0';
}
