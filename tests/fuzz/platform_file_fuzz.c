/*
 * A core's platform.local.txt: a block that is put in can be taken out again, and leaves what was
 * there as it was; putting it in twice is putting it in once. And its platform.txt: tools have
 * names that a key can hold.
 */
#include "cli/integration/arduino_tools.h"
#include "cli/integration/marked_block.h"
#include "cli/integration/property_line.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

/* Lines put together again are the text. */
static void check_lines(struct block_text text)
{
    struct block_text rest = text;
    struct block_text line;
    const char *end = text.bytes;
    struct arduino_tools tools = { .count = 0 };

    while (marked_block_line(&rest, &line)) {
        struct property_line property;
        arduino_tools_take(&tools, line.bytes, line.len);
        require(line.bytes == end && !memchr(line.bytes, '\n', line.len));
        end = rest.bytes;
        if (!property_line_parse(&property, line.bytes, line.len))
            continue;
        require(property.key >= line.bytes && property.key_len > 0);
        require(property.value >= property.key + property.key_len);
        require(property.value + property.value_len <= line.bytes + line.len);
        require(property_line_same_key(&property, &property));
    }
    require(end == text.bytes + text.len);
    require(tools.count <= ARDUINO_TOOLS_MAX);
    for (size_t i = 0; i < tools.count; i++) {
        require(strlen(tools.list[i].name) > 0);
        require(!strpbrk(tools.list[i].name, ".= \t{}\"#"));
    }
}

/* `text` has a block that was put in; `before` is the text without it. */
static void check_removal(struct block_text text, struct block_text before)
{
    size_t len = 0;
    bool no_file = false;
    char *bytes = marked_block_remove(text, &len, &no_file);

    require(bytes && len == before.len && memcmp(bytes, before.bytes, len) == 0 && !no_file);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char body[] = "a=1\nb.linux=2\n";
    /* Exactly as large, so that the sanitizer sees a read past the end. */
    char *copy = malloc(size > 0 ? size : 1);
    struct block_text text = { copy, size };
    size_t len = 0;
    size_t again_len = 0;

    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    check_lines(text);
    enum marked_block_state state = marked_block_find(text).state;
    char *bytes = marked_block_put(text, body, &len);
    require((bytes != NULL) == (state != MARKED_BLOCK_BROKEN));
    if (bytes) {
        struct block_text with = { bytes, len };
        char *again = marked_block_put(with, body, &again_len);
        require(again && again_len == len && memcmp(again, bytes, len) == 0);
        free(again);
        if (state == MARKED_BLOCK_NONE)
            check_removal(with, text);
    }
    free(bytes);
    free(copy);
    return 0;
}
