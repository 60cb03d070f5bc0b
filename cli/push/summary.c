#include "cli/push/summary.h"

#include "cli/display_width.h"
#include "cli/printable.h"
#include "cli/push/paint.h"
#include "cli/push/wrap.h"

#include <string.h>

/* Of one kind and remark, and remarks of one kind. */
#define NAMES_MAX   50
#define REMARKS_MAX 3

/* "unknown  password-rejected  ", what stands before the names. */
#define GROUP_WIDTH  9
#define STATUS_WIDTH 19

/* Narrower terminals have the names below, indented like hints. */
#define COLUMNS_BESIDE 60
#define INDENT         4

static const char *group_of(enum exit_code code)
{
    switch (code) {
    case EXIT_NO_VERDICT:
        return "unknown";
    case EXIT_SKIPPED:
        return "skipped";
    default:
        return "failed";
    }
}

static void print_count(FILE *out, const char **separator, size_t count, const char *what)
{
    if (count == 0)
        return;
    fprintf(out, "%s%zu %s", *separator, count, what);
    *separator = ", ";
}

static void print_counts(FILE *out, const struct results *results, double seconds)
{
    size_t updated = results_count(results, EXIT_UPDATED);
    size_t unknown = results_count(results, EXIT_NO_VERDICT);
    size_t skipped = results_count(results, EXIT_SKIPPED);
    size_t failed = results->count - updated - unknown - skipped;
    const char *separator = "";

    print_count(out, &separator, updated, "updated");
    print_count(out, &separator, failed, "failed");
    print_count(out, &separator, unknown, "unknown");
    print_count(out, &separator, skipped, "skipped");
    print_count(out, &separator, results->lost, "lost for lack of memory");
    fprintf(out, " in %.1f s\n", seconds);
}

/* --- Names ------------------------------------------------------------------------------------ */

/* Words on lines of `columns`, which begin with `indent` spaces; where the cursor is is `at`. */
struct list {
    FILE *out;
    size_t columns;
    size_t indent;
    size_t at;
};

static void print_word(struct list *list, const char *word, bool is_last)
{
    size_t room = list->columns > list->indent + 2 ? list->columns - list->indent - 2 : 1;
    char cut[4 * 256 + 4];

    if (list->columns > 0)
        display_cut(cut, sizeof cut, word, room);
    else
        snprintf(cut, sizeof cut, "%s", word);
    size_t width = display_width(cut);
    if (list->columns > 0 && list->at > list->indent && list->at + width + 2 > list->columns) {
        fprintf(list->out, "\n%*s", (int)list->indent, "");
        list->at = list->indent;
    }
    fprintf(list->out, "%s%s%s", list->at > list->indent ? " " : "", cut, is_last ? "" : ",");
    list->at += width + (list->at > list->indent ? 1 : 0) + (is_last ? 0 : 1);
}

/* --- The devices of one kind ------------------------------------------------------------------ */

/* What is to be said below the names: the next step, or why a device was not tried. */
static const char *remark_of(const struct result *result)
{
    return result->code == EXIT_SKIPPED ? result->detail : result->hint;
}

/* The remarks that are told of devices with one code. */
struct remarks {
    enum exit_code code;
    const char *told[REMARKS_MAX];
    size_t count;
};

/* Which of the remarks is the device's; `count` where it has none, or one that is not told. */
static size_t find_remark(const struct remarks *remarks, const struct result *result)
{
    size_t i = 0;

    while (i < remarks->count && strcmp(remarks->told[i], remark_of(result)) != 0)
        i++;
    return i;
}

static struct remarks collect_remarks(const struct results *results, enum exit_code code)
{
    struct remarks remarks = { .code = code };

    for (size_t i = 0; i < results->count && remarks.count < REMARKS_MAX; i++) {
        const struct result *result = &results->list[i];
        if (result->code == code && remark_of(result)[0] != '\0' &&
            find_remark(&remarks, result) == remarks.count)
            remarks.told[remarks.count++] = remark_of(result);
    }
    return remarks;
}

static bool has_remark(const struct remarks *remarks, size_t which, const struct result *result)
{
    return result->code == remarks->code && find_remark(remarks, result) == which;
}

static size_t count_names(const struct results *results, const struct remarks *remarks,
                          size_t which)
{
    size_t count = 0;

    for (size_t i = 0; i < results->count; i++)
        count += has_remark(remarks, which, &results->list[i]) ? 1 : 0;
    return count;
}

static void print_names(struct list *list, const struct results *results,
                        const struct remarks *remarks, size_t which)
{
    size_t left = count_names(results, remarks, which);
    size_t shown = 0;
    char safe[4 * 256];
    char rest[64];

    snprintf(rest, sizeof rest, "and %zu more", left > NAMES_MAX ? left - NAMES_MAX : 0);
    for (size_t i = 0; i < results->count && shown < NAMES_MAX; i++) {
        if (!has_remark(remarks, which, &results->list[i]))
            continue;
        left--;
        shown++;
        print_word(list, printable(safe, sizeof safe, results->list[i].name), left == 0);
    }
    if (left > 0)
        print_word(list, rest, true);
    fputc('\n', list->out);
}

/* Where the names begin: beside the kind, or below it. */
static struct list print_kind(FILE *out, enum exit_code code, const struct summary_options *options)
{
    bool is_beside = options->columns == 0 || options->columns >= COLUMNS_BESIDE;
    const char *group = group_of(code);
    const char *status = code == EXIT_SKIPPED ? "" : exit_code_name(code);
    struct list list = { .out = out, .columns = options->columns };

    fprintf(out, "%s%s%s%*s%s", paint_begin(options->has_colour, code), group,
            paint_end(options->has_colour, code), (int)(GROUP_WIDTH - strlen(group)), "", status);
    if (is_beside) {
        fprintf(out, "%*s", (int)(STATUS_WIDTH - strlen(status)), "");
        list.indent = GROUP_WIDTH + STATUS_WIDTH;
    } else {
        fprintf(out, "\n%*s", INDENT, "");
        list.indent = INDENT;
    }
    list.at = list.indent;
    return list;
}

/* Each remark below the devices that it is about, and the other devices last. */
static void print_devices(FILE *out, const struct results *results, enum exit_code code,
                          const struct summary_options *options)
{
    const struct remarks remarks = collect_remarks(results, code);

    for (size_t which = 0; which <= remarks.count; which++) {
        char safe[4 * 1024];
        if (count_names(results, &remarks, which) == 0)
            continue;
        struct list list = print_kind(out, code, options);
        print_names(&list, results, &remarks, which);
        if (which < remarks.count)
            wrap_print(out, printable(safe, sizeof safe, remarks.told[which]), INDENT,
                       options->columns);
    }
}

void summary_print(FILE *out, const struct results *results, const struct summary_options *options)
{
    static const enum exit_code order[] = {
        EXIT_LOCAL_FAILURE,   EXIT_BAD_USAGE,   EXIT_IMAGE_REFUSED,     EXIT_NOT_FOUND,
        EXIT_NO_ANSWER,       EXIT_NO_CALLBACK, EXIT_PASSWORD_REJECTED, EXIT_DEVICE_ERROR,
        EXIT_TRANSFER_BROKEN, EXIT_NOT_ONLINE,  EXIT_NO_VERDICT,        EXIT_SKIPPED,
    };

    print_counts(out, results, options->seconds);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        print_devices(out, results, order[i], options);
}
