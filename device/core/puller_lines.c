#include "puller_lines.h"

void ota_puller_lines_begin(struct ota_pull_lines *lines)
{
    *lines = (struct ota_pull_lines){ .at = OTA_PULL_AT_STATUS };
}

static void append(struct ota_pull_lines *lines, char c)
{
    if (lines->used < sizeof lines->text)
        lines->text[lines->used++] = c;
    else
        lines->is_cut = true;
}

static void clear(struct ota_pull_lines *lines)
{
    lines->used = 0;
    lines->is_cut = false;
}

static enum ota_puller_line end_of_line(struct ota_pull_lines *lines)
{
    lines->after_cr = false;
    switch (lines->at) {
    case OTA_PULL_AT_STATUS:
        lines->at = OTA_PULL_AT_START;
        return OTA_PULLER_LINE_STATUS;
    case OTA_PULL_AT_FIELD:
        lines->at = OTA_PULL_AT_FOLD;
        return OTA_PULLER_LINE_NONE;
    case OTA_PULL_AT_START:
    case OTA_PULL_AT_FOLD:
        break;
    }
    clear(lines);
    lines->at = OTA_PULL_AT_STATUS;
    return OTA_PULLER_LINE_END;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A character of a line, no line's end. */
static enum ota_puller_line add(struct ota_pull_lines *lines, char c)
{
    bool is_control = (unsigned char)c < ' ' || c == 0x7F;

    if (lines->after_cr || (is_control && c != '\t'))
        return OTA_PULLER_LINE_BAD;
    if (lines->at == OTA_PULL_AT_START) {
        /* Nothing is there that could be continued. */
        if (is_blank(c))
            return OTA_PULLER_LINE_BAD;
        clear(lines);
    }
    if (lines->at != OTA_PULL_AT_STATUS)
        lines->at = OTA_PULL_AT_FIELD;
    append(lines, c);
    return OTA_PULLER_LINE_NONE;
}

static enum ota_puller_line take(struct ota_pull_lines *lines, char c)
{
    if (lines->total == OTA_PULL_HEADER_MAX)
        return OTA_PULLER_LINE_BAD;
    lines->total++;
    if (c == '\n')
        return end_of_line(lines);
    if (c != '\r' || lines->after_cr)
        return add(lines, c);
    lines->after_cr = true;
    return OTA_PULLER_LINE_NONE;
}

enum ota_puller_line ota_puller_lines_feed(struct ota_pull_lines *lines, const char *bytes,
                                           size_t len, size_t *taken)
{
    enum ota_puller_line line = OTA_PULLER_LINE_NONE;
    size_t n = 0;

    while (n < len && line == OTA_PULLER_LINE_NONE) {
        /* Only what comes behind a line tells whether it was all of the field. */
        if (lines->at == OTA_PULL_AT_FOLD && !is_blank(bytes[n])) {
            lines->at = OTA_PULL_AT_START;
            line = OTA_PULLER_LINE_FIELD;
        } else {
            line = take(lines, bytes[n++]);
        }
    }
    *taken = n;
    return line;
}
