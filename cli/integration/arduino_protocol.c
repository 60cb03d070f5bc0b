#include "cli/integration/arduino_protocol.h"

#include "cli/printable.h"
#include "common/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What of a foreign command is repeated to the client, with NUL. */
#define WORD_MAX 80

/* A name of DNS, made printable, with NUL. */
#define KEY_MAX (4 * 63 + 1)

/* --- Telling the client ----------------------------------------------------------------------- */

/* Takes over the reference; NULL: there was no memory for it. */
static void say(struct arduino_protocol *protocol, json_t *object)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

    json_decref(object);
    if (!text) {
        protocol->no_memory = true;
        return;
    }
    size_t len = strlen(text);
    text[len] = '\n'; /* in the place of the NUL, as the length goes along */
    protocol->hooks->say(protocol->hooks->ctx, text, len + 1);
    free(text);
}

static void say_ok(struct arduino_protocol *protocol, const char *event)
{
    say(protocol, json_pack("{s:s, s:s}", "eventType", event, "message", "OK"));
}

/* `message` is printable. */
static void refuse(struct arduino_protocol *protocol, const char *event, const char *message)
{
    say(protocol, json_pack("{s:s, s:b, s:s}", "eventType", event, "error", 1, "message", message));
}

static void say_port(struct arduino_protocol *protocol, const char *event, json_t *port)
{
    say(protocol, json_pack("{s:s, s:O}", "eventType", event, "port", port));
}

static void say_all_added(struct arduino_protocol *protocol)
{
    const char *key;
    json_t *port;

    json_object_foreach(protocol->ports, key, port)
    {
        say_port(protocol, "add", port);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct text_cursor *text)
{
    for (; text->len > 0 && is_blank(*text->at); text->at++)
        text->len--;
}

/* --- Commands --------------------------------------------------------------------------------- */

/* True when there is nothing but a blank or more, and a name in quotes. */
static bool is_quoted_name(struct text_cursor text)
{
    bool apart = text.len > 0 && is_blank(*text.at);

    skip_blanks(&text);
    return apart && text.len > 2 && *text.at == '"' &&
           memchr(text.at + 1, '"', text.len - 1) == text.at + text.len - 1;
}

static void hello(struct arduino_protocol *protocol, struct text_cursor arguments)
{
    uint64_t version;

    if (protocol->state != ARDUINO_GREETING) {
        refuse(protocol, "hello", "HELLO was called already");
        return;
    }
    if (!text_take_number(&arguments, UINT64_MAX, &version) || !is_quoted_name(arguments)) {
        refuse(protocol, "hello",
               "HELLO needs a protocol version and a quoted name, as in: HELLO 1 \"name\"");
        return;
    }
    if (version == 0) {
        refuse(protocol, "hello", "there is no protocol version 0");
        return;
    }
    /* Whatever higher version the client speaks: it has to follow ours. */
    protocol->state = ARDUINO_IDLE;
    say(protocol,
        json_pack("{s:s, s:i, s:s}", "eventType", "hello", "protocolVersion", 1, "message", "OK"));
}

static void begin(struct arduino_protocol *protocol, const char *event, enum arduino_state state)
{
    struct failure failure;

    if (protocol->state == ARDUINO_STARTED) {
        refuse(protocol, event, "discovery is started already");
        return;
    }
    if (protocol->state == ARDUINO_SYNCED) {
        refuse(protocol, event, "discovery is in sync already");
        return;
    }
    /* Ports that are found meanwhile only enter the table: the answer comes first. */
    if (!protocol->hooks->start(protocol->hooks->ctx, &failure)) {
        char reason[sizeof failure.text];
        json_object_clear(protocol->ports);
        refuse(protocol, event, printable(reason, sizeof reason, failure.text));
        return;
    }
    protocol->state = state;
    say_ok(protocol, event);
    if (state == ARDUINO_SYNCED)
        say_all_added(protocol);
}

static void start(struct arduino_protocol *protocol, struct text_cursor arguments)
{
    (void)arguments;
    begin(protocol, "start", ARDUINO_STARTED);
}

static void start_sync(struct arduino_protocol *protocol, struct text_cursor arguments)
{
    (void)arguments;
    begin(protocol, "start_sync", ARDUINO_SYNCED);
}

static void list(struct arduino_protocol *protocol, struct text_cursor arguments)
{
    (void)arguments;
    if (protocol->state != ARDUINO_STARTED) {
        refuse(protocol, "list",
               protocol->state == ARDUINO_SYNCED ? "discovery is in sync: changes are told unasked"
                                                 : "discovery is not started");
        return;
    }
    json_t *ports = json_array();
    const char *key;
    json_t *port;
    json_object_foreach(protocol->ports, key, port)
    {
        protocol->no_memory |= json_array_append(ports, port) != 0;
    }
    say(protocol, json_pack("{s:s, s:o}", "eventType", "list", "ports", ports));
}

static void stop(struct arduino_protocol *protocol, struct text_cursor arguments)
{
    (void)arguments;
    if (protocol->state != ARDUINO_STARTED && protocol->state != ARDUINO_SYNCED) {
        refuse(protocol, "stop", "discovery is not started");
        return;
    }
    protocol->state = ARDUINO_IDLE;
    protocol->hooks->stop(protocol->hooks->ctx);
    json_object_clear(protocol->ports);
    say_ok(protocol, "stop");
}

static void quit(struct arduino_protocol *protocol, struct text_cursor arguments)
{
    bool looking = protocol->state == ARDUINO_STARTED || protocol->state == ARDUINO_SYNCED;

    (void)arguments;
    protocol->state = ARDUINO_OVER;
    if (looking)
        protocol->hooks->stop(protocol->hooks->ctx);
    json_object_clear(protocol->ports);
    say_ok(protocol, "quit");
}

static const struct command {
    const char *name;
    const char *event;
    void (*run)(struct arduino_protocol *protocol, struct text_cursor arguments);
    bool early;     /* also before HELLO */
    bool arguments; /* takes some, or does not mind */
} commands[] = {
    { "HELLO", "hello", hello, true, true },
    { "START", "start", start, false, false },
    { "START_SYNC", "start_sync", start_sync, false, false },
    { "LIST", "list", list, false, false },
    { "STOP", "stop", stop, false, false },
    { "QUIT", "quit", quit, true, true }, /* nothing may keep a client from ending it */
};

static const struct command *find_command(struct text_cursor word)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const char *name = commands[i].name;
        if (strlen(name) == word.len && memcmp(name, word.at, word.len) == 0)
            return &commands[i];
    }
    return NULL;
}

static void refuse_word(struct arduino_protocol *protocol, const char *before,
                        struct text_cursor word, const char *after)
{
    char shown[WORD_MAX];
    char message[2 * WORD_MAX];

    snprintf(message, sizeof message, "%s%s%s", before,
             printable_bytes(shown, sizeof shown, word.at, word.len), after);
    refuse(protocol, "command_error", message);
}

/* Carry out the command, which is upper-cased in its place up to the first blank. */
static void run_command(struct arduino_protocol *protocol)
{
    struct text_cursor rest = { protocol->command, protocol->len };
    char message[WORD_MAX];

    while (rest.len > 0 && is_blank(rest.at[rest.len - 1]))
        rest.len--;
    skip_blanks(&rest);
    struct text_cursor word = { rest.at, 0 };
    for (; rest.len > 0 && !is_blank(*rest.at); rest.at++, rest.len--) {
        if (*rest.at >= 'a' && *rest.at <= 'z')
            protocol->command[rest.at - protocol->command] -= 'a' - 'A';
        word.len++;
    }
    skip_blanks(&rest);

    const struct command *command = find_command(word);
    if (protocol->state == ARDUINO_GREETING && !(command && command->early)) {
        refuse_word(protocol, "First command must be HELLO, but got '", word, "'");
    } else if (word.len == 0) {
        refuse(protocol, "command_error", "an empty line is no command");
    } else if (!command) {
        refuse_word(protocol, "Command ", word, " not supported");
    } else if (rest.len > 0 && !command->arguments) {
        snprintf(message, sizeof message, "%s takes no arguments", command->name);
        refuse(protocol, command->event, message);
    } else {
        command->run(protocol, rest);
    }
}

/* --- The bytes -------------------------------------------------------------------------------- */

static void keep(struct arduino_protocol *protocol, const void *bytes, size_t len)
{
    char message[WORD_MAX];

    if (protocol->too_long)
        return;
    if (len <= sizeof protocol->command - protocol->len) {
        memcpy(protocol->command + protocol->len, bytes, len);
        protocol->len += len;
        return;
    }
    /* Now, not at its end: whoever sends such a line may never end it. */
    protocol->too_long = true;
    snprintf(message, sizeof message, "the command is too long: more than %d bytes",
             ARDUINO_COMMAND_MAX);
    refuse(protocol, "command_error", message);
}

size_t arduino_protocol_feed(struct arduino_protocol *protocol, const void *bytes, size_t len)
{
    const char *newline = len > 0 ? memchr(bytes, '\n', len) : NULL;
    size_t before = newline ? (size_t)(newline - (const char *)bytes) : len;

    if (protocol->state == ARDUINO_OVER || len == 0)
        return len;
    keep(protocol, bytes, before);
    if (!newline)
        return len;
    if (!protocol->too_long)
        run_command(protocol);
    protocol->too_long = false;
    protocol->len = 0;
    return before + 1;
}

/* --- Ports ------------------------------------------------------------------------------------ */

/* Names are few bytes of any kind; the text is as unequivocal as they are. */
static char *port_key(char out[KEY_MAX], const char *name)
{
    return printable_bytes(out, KEY_MAX, name, strlen(name));
}

static void forget(struct arduino_protocol *protocol, const char *key, json_t *port)
{
    json_incref(port);
    json_object_del(protocol->ports, key);
    if (protocol->state == ARDUINO_SYNCED)
        say_port(protocol, "remove", port);
    json_decref(port);
}

void arduino_protocol_set_port(struct arduino_protocol *protocol, const char *name, json_t *port)
{
    char key[KEY_MAX];
    json_t *known = json_object_get(protocol->ports, port_key(key, name));

    if (port && known && json_equal(known, port)) {
        json_decref(port);
        return;
    }
    /* The protocol has no word for a change. */
    if (known)
        forget(protocol, key, known);
    if (json_object_set(protocol->ports, key, port) != 0)
        protocol->no_memory = true;
    else if (protocol->state == ARDUINO_SYNCED)
        say_port(protocol, "add", port);
    json_decref(port);
}

void arduino_protocol_remove_port(struct arduino_protocol *protocol, const char *name)
{
    char key[KEY_MAX];
    json_t *known = json_object_get(protocol->ports, port_key(key, name));

    if (known)
        forget(protocol, key, known);
}

void arduino_protocol_remove_all(struct arduino_protocol *protocol)
{
    const char *key;
    json_t *port;
    void *next;

    json_object_foreach_safe(protocol->ports, next, key, port)
    {
        forget(protocol, key, port);
    }
}

void arduino_protocol_init(struct arduino_protocol *protocol, const struct arduino_hooks *hooks)
{
    *protocol = (struct arduino_protocol){ .hooks = hooks, .ports = json_object() };
    protocol->no_memory = !protocol->ports;
}

void arduino_protocol_free(struct arduino_protocol *protocol)
{
    json_decref(protocol->ports);
    protocol->ports = NULL;
}
