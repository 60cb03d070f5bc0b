#include "tests/unit/cli/arduino_client.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct client client;

static json_t *port_at(const char *address)
{
    return json_pack("{s:s}", "address", address);
}

static bool start(void *ctx, struct failure *failure)
{
    cr_assert_eq(ctx, &client);
    cr_assert_eq(client.starts, client.stops, "started twice");
    if (client.found_early)
        client_set(client.found_early, client.found_early);
    if (client.cannot_start)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", client.cannot_start);
    client.starts++;
    return true;
}

static void stop(void *ctx)
{
    cr_assert_eq(ctx, &client);
    client.stops++;
    cr_assert_eq(client.starts, client.stops, "stopped without a start");
}

static void say(void *ctx, const char *line, size_t len)
{
    cr_assert_eq(ctx, &client);
    cr_assert_eq(memchr(line, '\n', len), line + len - 1, "not one line");
    cr_assert_lt(len, sizeof client.said - client.said_len);
    memcpy(client.said + client.said_len, line, len);
    client.said_len += len;
}

static const struct arduino_hooks hooks = { start, stop, say, &client };

void client_begin(void)
{
    client_end();
    client.said_len = 0;
    arduino_protocol_init(&client.protocol, &hooks);
}

void client_end(void)
{
    cr_expect_not(client.protocol.no_memory);
    arduino_protocol_free(&client.protocol);
}

void client_feed(const char *bytes, size_t len, size_t step)
{
    while (len > 0) {
        size_t piece = len < step ? len : step;
        char *copy = malloc(piece);
        cr_assert_not_null(copy);
        memcpy(copy, bytes, piece);
        for (size_t done = 0; done < piece;) {
            size_t taken = arduino_protocol_feed(&client.protocol, copy + done, piece - done);
            cr_assert(taken > 0 && taken <= piece - done);
            done += taken;
        }
        free(copy);
        bytes += piece;
        len -= piece;
    }
}

void client_expect(const char *expected)
{
    client.said[client.said_len] = '\0';
    cr_assert_str_eq(client.said, expected);
    client.said_len = 0;
}

void client_ask(const char *commands, const char *expected)
{
    client_feed(commands, strlen(commands), SIZE_MAX);
    client_expect(expected);
}

void client_set(const char *name, const char *address)
{
    arduino_protocol_set_port(&client.protocol, name, port_at(address));
}
