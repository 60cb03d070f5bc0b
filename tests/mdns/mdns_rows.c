#include "mdns_rows.h"

#include <stdio.h>
#include <string.h>

static struct process *start(const struct world_host *host, const char *const *own,
                             const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, own, args);
    return world_start(host, E2E_UPLOADER, argv);
}

struct process *discover_run(const struct world_host *host, const char *const *args)
{
    struct process *discover = start(host, ARGS("discover", "--json", "--timeout", "6"), args);

    program_finish(discover);
    return discover;
}

struct process *discover_watch(const struct world_host *host, const char *const *args)
{
    return start(host, ARGS("discover", "--json", "--watch"), args);
}

void expect_printable(const struct process_stream *stream)
{
    json_t *text = json_stringn(stream->text, stream->len); /* takes nothing but UTF-8 */

    cr_assert(text, "no UTF-8: %s", stream->text);
    json_decref(text);
    for (size_t i = 0; i < stream->len; i++) {
        unsigned char c = (unsigned char)stream->text[i];
        unsigned char next = (unsigned char)stream->text[i + 1]; /* at the end, the NUL */
        cr_assert((c >= ' ' && c != 0x7F) || c == '\n', "character %u at %zu: %s", c, i,
                  stream->text);
        cr_assert_not(c == 0xC2 && next < 0xA0, "control character U+%04X at %zu: %s", next, i,
                      stream->text);
    }
}

static json_t *parse_row(const char *line, size_t len)
{
    json_error_t error;
    json_t *row = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);

    cr_assert(row && json_is_object(row), "no JSON object: %s: %.*s", error.text, (int)len, line);
    return row;
}

json_t *rows_of(const struct process *discover)
{
    json_t *rows = json_array();
    const char *end;

    expect_printable(&discover->out);
    for (const char *line = discover->out.text; *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        cr_assert(end, "the last line has no end: %s", line);
        json_array_append_new(rows, parse_row(line, (size_t)(end - line)));
    }
    return rows;
}

const char *row_text(json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    cr_assert(text, "no text called %s", key);
    return text;
}

void expect_text(json_t *row, const char *key, const char *text)
{
    cr_assert_str_eq(row_text(row, key), text, "%s is %s, not %s", key, row_text(row, key), text);
}

bool row_lists(json_t *row, const char *key, const char *text)
{
    size_t i;
    json_t *item;

    json_array_foreach(json_object_get(row, key), i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

size_t count_rows(json_t *rows, const char *name)
{
    size_t count = 0;
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        if (!name || strcmp(row_text(row, "name"), name) == 0)
            count++;
    }
    return count;
}

json_t *row_of(json_t *rows, const char *name)
{
    size_t i;
    json_t *row;

    cr_assert_eq(count_rows(rows, name), 1, "%zu rows of %s: %s", count_rows(rows, name), name,
                 json_dumps(rows, 0));
    json_array_foreach(rows, i, row)
    {
        if (strcmp(row_text(row, "name"), name) == 0)
            return row;
    }
    return NULL;
}

void expect_sorted(json_t *rows)
{
    for (size_t i = 1; i < json_array_size(rows); i++) {
        const char *before = row_text(json_array_get(rows, i - 1), "name");
        const char *name = row_text(json_array_get(rows, i), "name");
        cr_assert_leq(strcasecmp(before, name), 0, "%s comes before %s", before, name);
    }
}

json_t *expect_event(struct process *watch, const char *event, const char *name)
{
    char line[8192];

    for (;;) {
        bool came = process_read_line(watch, &watch->out, line, sizeof line, 2 * E2E_PATIENCE_MS);
        cr_assert(came, "no %s of %s; stdout:\n%s\nstderr:\n%s", event, name, watch->out.text,
                  watch->err.text);
        json_t *row = parse_row(line, strlen(line));
        if (strcmp(row_text(row, "name"), name) != 0)
            continue;
        if (strcmp(row_text(row, "event"), event) == 0)
            return row;
        cr_assert_str_eq(row_text(row, "event"), "change", "instead of %s of %s", event, name);
    }
}
