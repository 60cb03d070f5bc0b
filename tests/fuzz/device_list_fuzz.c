/*
 * Lists of devices. Every byte of the list is read once and no other; what is accepted is within
 * its line, can be shown as it is, and is accepted again with quotes around everything.
 */
#include "cli/push/device_list.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static bool same(struct device_slice a, struct device_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

static void require_text(struct device_slice slice, const char *text, const char *end)
{
    require(slice.len <= DEVICE_LIST_LINE_MAX);
    if (slice.len == 0)
        return;
    require(slice.text >= text && slice.text + slice.len <= end);
    for (size_t i = 0; i < slice.len; i++)
        require((unsigned char)slice.text[i] >= ' ' || slice.text[i] == '\t');
}

/* The line written in full is the same line. */
static void require_again(const struct device_line *line)
{
    static char text[2 * DEVICE_LIST_LINE_MAX + 64];
    struct device_list list;
    struct device_line again;
    int len = snprintf(text, sizeof text, "\"%.*s\"", (int)line->name.len, line->name.text);

    if (line->port > 0)
        len += snprintf(text + len, sizeof text - (size_t)len, " port=%u", line->port);
    if (line->auth_file.len > 0)
        len += snprintf(text + len, sizeof text - (size_t)len, " auth-file=\"%.*s\"",
                        (int)line->auth_file.len, line->auth_file.text);
    if (len > DEVICE_LIST_LINE_MAX)
        return;
    device_list_begin(&list, text, (size_t)len);
    require(device_list_next(&list, &again) == DEVICE_LIST_DEVICE);
    require(same(line->name, again.name) && line->port == again.port &&
            same(line->auth_file, again.auth_file));
    require(device_list_next(&list, &again) == DEVICE_LIST_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Of its very size, so that nothing behind it can be read unseen. */
    char *text = malloc(size > 0 ? size : 1);
    struct device_list list;
    struct device_line line;
    enum device_list_step step;
    unsigned before = 0;

    if (!text)
        return 0;
    memcpy(text, data, size);
    device_list_begin(&list, text, size);
    while ((step = device_list_next(&list, &line)) != DEVICE_LIST_END) {
        require(list.line > before);
        before = list.line;
        if (step == DEVICE_LIST_BAD) {
            require(list.why[0] && memchr(list.why, '\0', sizeof list.why));
            continue;
        }
        require(line.name.len > 0);
        require_text(line.name, text, text + size);
        require_text(line.auth_file, text, text + size);
        require_again(&line);
    }
    free(text);
    return 0;
}
