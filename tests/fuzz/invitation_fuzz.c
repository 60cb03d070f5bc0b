/*
 * invitation.h: any datagram gives a value or an error; what was read is written and read back as
 * the same; and what is made of any values survives the way there and back.
 */
#include "common/invitation.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static void require_equal(const struct invitation *a, const struct invitation *b)
{
    require(a->command == b->command && a->port == b->port && a->size == b->size);
    require(memcmp(a->md5, b->md5, sizeof a->md5) == 0);
    require(a->tail_len == b->tail_len);
    require(a->tail_len == 0 || memcmp(a->tail, b->tail, a->tail_len) == 0);
}

static void there_and_back(const struct invitation *in)
{
    struct invitation back;
    size_t room = INVITATION_MAX + in->tail_len;
    char *out = malloc(room);

    if (!out)
        return;
    require(invitation_format(in, out, room - 1) == 0);
    size_t len = invitation_format(in, out, room);
    require(len > 0 && len < room && out[len] == '\0');
    require(invitation_parse(&back, out, len));
    require_equal(in, &back);
    free(out);
}

static void from_values(const uint8_t *data, size_t size)
{
    struct invitation in;

    if (size < sizeof in.command + sizeof in.port + sizeof in.size + sizeof in.md5)
        return;
    memcpy(&in.command, data, sizeof in.command);
    data += sizeof in.command;
    memcpy(&in.port, data, sizeof in.port);
    data += sizeof in.port;
    memcpy(&in.size, data, sizeof in.size);
    data += sizeof in.size;
    memcpy(in.md5, data, sizeof in.md5);
    data += sizeof in.md5;
    if (in.port == 0)
        in.port = 1;
    in.tail = (const char *)data;
    in.tail_len = size - (sizeof in.command + sizeof in.port + sizeof in.size + sizeof in.md5);
    there_and_back(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *line_end = size > 0 ? memchr(text, '\n', size) : NULL;
    struct invitation in;

    if (invitation_parse(&in, text, size)) {
        require(in.port != 0);
        require(in.tail == (line_end ? line_end + 1 : text + size));
        require(in.tail_len == (size_t)(text + size - in.tail));
        there_and_back(&in);
        /* The tail has no influence on what is read before it. */
        struct invitation alone;
        require(invitation_parse(&alone, text, size - in.tail_len));
        in.tail_len = 0;
        require_equal(&in, &alone);
    }
    from_values(data, size);
    return 0;
}
