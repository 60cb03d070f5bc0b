/*
 * update_request.h: any headers make a request or are refused, whatever their order, and what is
 * accepted is whole. The bytes are lines of headers.
 */
#include "cli/serve/update_request.h"

#include <stdlib.h>
#include <string.h>

#define HEADERS_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct header {
    const char *name;
    const char *value;
};

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

/* Take the text apart, in place. */
static size_t split(char *text, struct header *headers)
{
    static char nothing[] = "";
    size_t count = 0;

    for (char *line = text; line && count < HEADERS_MAX;) {
        char *next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        char *colon = strchr(line, ':');
        if (colon)
            *colon++ = '\0';
        headers[count++] = (struct header){ line, colon ? colon : nothing };
        line = next;
    }
    return count;
}

static void check_accepted(const struct update_request *request)
{
    const unsigned all = UPDATE_FIELD_STA_MAC | UPDATE_FIELD_AP_MAC | UPDATE_FIELD_MODE;

    require((request->sent & all) == all);
    require(request->family == IMAGE_ESP8266 || request->family == IMAGE_ESP32 ||
            request->family == IMAGE_PICO);
    require(request->family == IMAGE_PICO || request->sent & UPDATE_FIELD_FREE_SPACE);
    require(request->family == IMAGE_ESP32 || request->sent & UPDATE_FIELD_CHIP_ID);
    require(memchr(request->version, '\0', sizeof request->version) != NULL);
    require(memchr(request->sdk_version, '\0', sizeof request->sdk_version) != NULL);
    require(request->free_space <= UINT32_MAX && request->chip_size <= UINT32_MAX);
    require(request->mode <= UPDATE_VERSION);
}

static void check_words(const struct update_parser *parser)
{
    char text[80];
    char small[8];

    update_refusal_text(parser, text, sizeof text);
    require(strlen(text) > 0 && strlen(text) < sizeof text - 1);
    update_refusal_text(parser, small, sizeof small);
    require(strncmp(text, small, strlen(small)) == 0);
    for (const char *c = text; *c != '\0'; c++)
        require(*c >= ' ' && *c <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct header headers[HEADERS_MAX];
    struct update_parser straight;
    struct update_parser reversed;
    char *text = malloc(size + 1);

    if (!text)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    size_t count = split(text, headers);
    update_parser_init(&straight);
    update_parser_init(&reversed);
    for (size_t i = 0; i < count; i++) {
        update_parser_take(&straight, headers[i].name, headers[i].value);
        update_parser_take(&reversed, headers[count - 1 - i].name, headers[count - 1 - i].value);
        update_agent_is_updater(headers[i].value);
    }
    bool accepted = update_parser_end(&straight) == UPDATE_ACCEPTED;
    require(accepted == (update_parser_end(&reversed) == UPDATE_ACCEPTED));
    if (accepted) {
        check_accepted(&straight.request);
        require(memcmp(&straight.request, &reversed.request, sizeof straight.request) == 0);
    }
    check_words(&straight);
    free(text);
    return 0;
}
