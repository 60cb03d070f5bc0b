#include "cli/serve/fleet_ini.h"

#include "common/text.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

/* inih's own: LF and NUL. */
#define ROOM (FLEET_LINE_MAX + 2)

static char comment_starts[] = "#;";

struct reading {
    const struct fleet_source *source;
    const struct fleet_ini_handler *handler;
    struct text_cursor left;
    unsigned line; /* the one that inih has */
    bool failed;   /* and the failure says why */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_comment(char c)
{
    return c == '#' || c == ';';
}

/* Step over the next line; it comes without its end. */
static struct text_cursor take_line(struct text_cursor *left)
{
    const char *end = memchr(left->at, '\n', left->len);
    size_t len = end ? (size_t)(end - left->at) : left->len;
    struct text_cursor line = { left->at, len };

    left->at += len + (end ? 1 : 0);
    left->len -= len + (end ? 1 : 0);
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

static bool has_controls(struct text_cursor line)
{
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.at[i];
        if ((c < ' ' && c != '\t') || c == 0x7F)
            return true;
    }
    return false;
}

/* True when nothing, or a comment, is behind this place of a line. */
static bool ends_at(const char *line, size_t at)
{
    size_t next = at;

    while (is_space(line[next]))
        next++;
    return line[next] == '\0' || (next > at && is_comment(line[next]));
}

/*
 * Tell of a section. Its ']' is the first one that nothing follows: a pattern of MACs may have
 * others inside.
 */
static bool take_section(struct reading *reading, char *line)
{
    size_t begin = 1;
    size_t at = 1;

    while (line[at] != '\0' && !(line[at] == ']' && ends_at(line, at + 1)))
        at++;
    if (line[at] == '\0')
        return fleet_complain(reading->source, reading->line,
                              "the section does not end with \"]\"");
    while (is_space(line[begin]))
        begin++;
    while (at > begin && is_space(line[at - 1]))
        at--;
    line[at] = '\0';
    return reading->handler->section(reading->handler->ctx, reading->line, line + begin);
}

/* Copy the next line to `out`, and look at what inih would not; false when it ends here. */
static bool next_line(struct reading *reading, char *out)
{
    struct text_cursor line = take_line(&reading->left);

    reading->line++;
    if (line.len > FLEET_LINE_MAX)
        return fleet_complain(reading->source, reading->line,
                              "the line is longer than %d characters", FLEET_LINE_MAX);
    if (has_controls(line))
        return fleet_complain(reading->source, reading->line, "there is a control character");
    while (line.len > 0 && is_space(*line.at)) {
        line.at++;
        line.len--;
    }
    memcpy(out, line.at, line.len);
    out[line.len] = '\0';
    if (*out != '[')
        return true;
    if (!take_section(reading, out))
        return false;
    *out = '\0'; /* inih knows of one section only, which has no name */
    return true;
}

/* As fgets(), for inih. */
static char *read_line(char *out, int room, void *stream)
{
    struct reading *reading = stream;

    if (reading->failed || reading->left.len == 0)
        return NULL;
    if (room < ROOM || !next_line(reading, out)) {
        reading->failed = true;
        return NULL;
    }
    size_t len = strlen(out);
    memcpy(out + len, "\n", 2);
    return out;
}

static int take_key(void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;

    (void)section;
    reading->failed = !reading->handler->key(reading->handler->ctx, reading->line, name, value);
    return !reading->failed;
}

/* inih is set up by variables. The line buffer must have room for the longest line. */
static void set_up(void)
{
    ini_allow_multiline = false;
    ini_allow_bom = false; /* skipped here, for it would hide a section */
    ini_start_comment_prefixes = comment_starts;
    ini_allow_inline_comments = true;
    ini_inline_comment_prefixes = comment_starts;
    ini_use_stack = false;
    ini_max_line = ROOM;
    ini_initial_alloc = ROOM;
    ini_allow_realloc = false;
    ini_stop_on_first_error = true;
    ini_allow_no_value = false;
}

bool fleet_ini_read(const struct fleet_source *source, const char *text, size_t len,
                    const struct fleet_ini_handler *handler)
{
    struct reading reading = { .source = source, .handler = handler, .left = { text, len } };

    set_up();
    text_take(&reading.left, "\xEF\xBB\xBF");
    int result = ini_parse_stream(read_line, &reading, take_key, &reading);
    if (result < 0)
        return fleet_complain(source, reading.line, "no memory to read on");
    if (reading.failed)
        return false;
    return result == 0 || fleet_complain(source, reading.line,
                                         "neither a section nor a key with \"=\" and a value");
}
