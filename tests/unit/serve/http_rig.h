/*
 * The HTTP server on a thread of its own, and the plainest of clients.
 *
 * What the server answers is by the target: /image an image, /text a few words, /unchanged 304,
 * /silent nothing; anything else 404.
 */
#ifndef HTTP_RIG_H
#define HTTP_RIG_H

#include "cli/serve/http_server.h"
#include "cli/serve/served_image.h"
#include "tests/support/deadline.h"
#include "tests/support/image_builder.h"
#include "tests/support/loopback.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RIG_WAIT_MS    20000
#define RIG_RECORDS    64
#define RIG_IMAGE_SIZE ((size_t)300 * 1024)
#define RIG_TEXT       "what there is to say\n"

/* What done() was told. */
struct rig_record {
    struct http_result result;
    char method[8];
    char target[64];
    char protocol[16];
    char address[64];
    char agent[32];
    char note[16];
};

struct rig {
    struct temp temp;
    size_t image_size; /* 0: RIG_IMAGE_SIZE */
    struct built_image built;
    struct served_image *image;
    struct http_server_options options;
    const char *address;
    struct event_base *base;
    struct http_server *server;
    struct loopback_address at;
    pthread_t thread;
    struct event *on_command;
    int commands; /* an eventfd: what the thread is to do */
    pthread_mutex_t lock;
    struct rig_record records[RIG_RECORDS];
    size_t record_count; /* of all; those beyond RIG_RECORDS are not kept */
};

/* Commands. They are numbers that add up. */
#define RIG_STOP  ((uint64_t)1)
#define RIG_DRAIN ((uint64_t)1 << 32)

static inline void rig_handle(void *ctx, struct http_exchange *exchange)
{
    struct rig *rig = ctx;
    const char *target = http_exchange_target(exchange);

    http_exchange_set_note(exchange, "seen", rig);
    if (strcmp(target, "/image") == 0)
        http_exchange_reply_image(exchange, rig->image);
    else if (strcmp(target, "/text") == 0)
        http_exchange_reply(exchange, 200, "text/plain", RIG_TEXT, strlen(RIG_TEXT));
    else if (strcmp(target, "/unchanged") == 0)
        http_exchange_reply(exchange, 304, NULL, NULL, 0);
    else if (strcmp(target, "/silent") != 0)
        http_exchange_reply(exchange, 404, "text/plain", "no\n", 3);
}

static inline void rig_copy(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "-");
}

static inline void rig_done(void *ctx, struct http_exchange *exchange,
                            const struct http_result *result)
{
    struct rig *rig = ctx;

    pthread_mutex_lock(&rig->lock);
    if (rig->record_count < RIG_RECORDS) {
        struct rig_record *record = &rig->records[rig->record_count];
        record->result = *result;
        rig_copy(record->method, sizeof record->method, http_exchange_method(exchange));
        rig_copy(record->target, sizeof record->target, http_exchange_target(exchange));
        rig_copy(record->protocol, sizeof record->protocol, http_exchange_protocol(exchange));
        rig_copy(record->address, sizeof record->address, http_exchange_address(exchange));
        rig_copy(record->agent, sizeof record->agent, http_exchange_header(exchange, "user-agent"));
        rig_copy(record->note, sizeof record->note, http_exchange_note(exchange));
        cr_expect(!http_exchange_note(exchange) || http_exchange_pointer(exchange) == rig);
    }
    rig->record_count++;
    pthread_mutex_unlock(&rig->lock);
}

static inline void rig_on_command(evutil_socket_t fd, short events, void *ctx)
{
    struct rig *rig = ctx;
    uint64_t command = 0;

    (void)events;
    if (read(fd, &command, sizeof command) != sizeof command)
        return;
    if (command >= RIG_DRAIN)
        http_server_drain(rig->server);
    if (command % RIG_DRAIN != 0)
        event_base_loopbreak(rig->base);
}

static inline void *rig_run(void *ctx)
{
    struct rig *rig = ctx;

    event_base_dispatch(rig->base);
    return NULL;
}

static inline void rig_command(struct rig *rig, uint64_t command)
{
    cr_assert_eq(write(rig->commands, &command, sizeof command), sizeof command);
}

static inline void rig_load(struct rig *rig)
{
    struct failure failure = { 0 };

    cr_assert(temp_create(&rig->temp));
    rig->built = build_esp8266(rig->image_size > 0 ? rig->image_size : RIG_IMAGE_SIZE, 1);
    struct temp_path path = temp_path(&rig->temp, "sketch.bin");
    cr_assert(file_write(path.text, rig->built.bytes, rig->built.size));
    rig->image = served_image_load(path.text, false, &failure);
    cr_assert(rig->image, "%s", failure.text);
}

static inline void rig_listen(struct rig *rig)
{
    struct failure failure = { 0 };
    struct sockaddr_storage at;

    cr_assert(loopback_parse(&rig->at, rig->address ? rig->address : "127.0.0.1", 0));
    cr_assert(http_server_listen(rig->server, &rig->at.sa.any, rig->at.len, &at, &failure), "%s",
              failure.text);
    memcpy(&rig->at.sa, &at, rig->at.len);
    cr_assert(loopback_port_of(&rig->at) != 0);
}

/* Start with rig->options, and rig->address (NULL: 127.0.0.1). */
static inline void rig_start(struct rig *rig)
{
    http_server_prepare_process();
    rig_load(rig);
    pthread_mutex_init(&rig->lock, NULL);
    rig->base = http_server_base_new();
    rig->options.handle = rig_handle;
    rig->options.done = rig_done;
    rig->options.ctx = rig;
    rig->server = http_server_new(rig->base, &rig->options);
    cr_assert(rig->server);
    rig_listen(rig);
    rig->commands = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    rig->on_command =
        event_new(rig->base, rig->commands, EV_READ | EV_PERSIST, rig_on_command, rig);
    cr_assert(rig->on_command && event_add(rig->on_command, NULL) == 0);
    cr_assert_eq(pthread_create(&rig->thread, NULL, rig_run, rig), 0);
}

static inline void rig_stop(struct rig *rig)
{
    rig_command(rig, RIG_STOP);
    pthread_join(rig->thread, NULL);
    http_server_free(rig->server);
    cr_expect_eq(rig->image->references, 1);
    served_image_release(rig->image);
    event_free(rig->on_command);
    event_base_free(rig->base);
    close(rig->commands);
    built_image_free(&rig->built);
    temp_remove(&rig->temp);
}

/* How often done() was told. */
static inline size_t rig_records(struct rig *rig)
{
    pthread_mutex_lock(&rig->lock);
    size_t count = rig->record_count;
    pthread_mutex_unlock(&rig->lock);
    return count;
}

/* Wait until done() was told `count` times. */
static inline void rig_wait_for_records(struct rig *rig, size_t count)
{
    int64_t deadline = deadline_after(RIG_WAIT_MS);
    size_t found = 0;

    while (found < count && deadline_left(deadline) > 0) {
        found = rig_records(rig);
        if (found < count)
            poll(NULL, 0, 5);
    }
    cr_assert_eq(found, count, "%zu of %zu", found, count);
}

/* ---- the client ---- */

struct answer {
    char *bytes; /* everything that came until the server closed, and a NUL; free() it */
    size_t len;
    bool reset;
    bool in_time; /* the server closed */
};

static inline int rig_connect(struct rig *rig)
{
    int fd = loopback_connect(&rig->at, NULL, 0, RIG_WAIT_MS);

    cr_assert(fd >= 0, "%s", strerror(errno));
    return fd;
}

/* Send all, unless the server closes before. */
static inline void rig_send(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    int64_t deadline = deadline_after(RIG_WAIT_MS);

    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return;
        if (n < 0 && !loopback_wait(fd, POLLOUT, -1, deadline))
            return;
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
}

/* Read until `enough` bytes are there (0: until the server closes). */
static inline void rig_receive(struct answer *answer, int fd, size_t enough)
{
    int64_t deadline = deadline_after(RIG_WAIT_MS);
    size_t size = answer->len + 1;

    while ((enough == 0 || answer->len < enough) && loopback_wait(fd, POLLIN, -1, deadline)) {
        if (answer->len + 65536 > size) {
            size = 2 * size + 65536;
            answer->bytes = realloc(answer->bytes, size);
            cr_assert(answer->bytes);
        }
        size_t want = size - answer->len - 1;
        if (enough > 0 && want > enough - answer->len)
            want = enough - answer->len;
        ssize_t n = recv(fd, answer->bytes + answer->len, want, 0);
        answer->reset = n < 0;
        answer->in_time = n <= 0;
        if (n <= 0)
            break;
        answer->len += (size_t)n;
    }
    if (!answer->bytes)
        answer->bytes = calloc(1, 1);
    answer->bytes[answer->len] = '\0';
}

/* Send on a new connection, and read what comes until the server closes. */
static inline struct answer rig_ask_bytes(struct rig *rig, const void *bytes, size_t len)
{
    struct answer answer = { 0 };
    int fd = rig_connect(rig);

    rig_send(fd, bytes, len);
    rig_receive(&answer, fd, 0);
    cr_expect(answer.in_time, "the connection stays open");
    close(fd);
    return answer;
}

static inline struct answer rig_ask(struct rig *rig, const char *text)
{
    return rig_ask_bytes(rig, text, strlen(text));
}

/* The bytes of the answer's head, with its empty line; 0 when there is no such. */
static inline size_t answer_head_length(const struct answer *answer)
{
    const char *end = answer->bytes ? strstr(answer->bytes, "\r\n\r\n") : NULL;

    return end ? (size_t)(end - answer->bytes) + 4 : 0;
}

static inline int answer_status(const struct answer *answer)
{
    if (strncmp(answer->bytes, "HTTP/1.", 7) != 0 || answer->len < 12)
        return 0;
    return (int)strtol(answer->bytes + 9, NULL, 10);
}

/* True when the head has this line, as written here. */
static inline bool answer_has(const struct answer *answer, const char *line)
{
    char text[256];

    snprintf(text, sizeof text, "\r\n%s\r\n", line);
    const char *found = strstr(answer->bytes, text);
    return found && (size_t)(found - answer->bytes) < answer_head_length(answer);
}

/* True when the body is these bytes. */
static inline bool answer_body_is(const struct answer *answer, const void *bytes, size_t len)
{
    size_t head = answer_head_length(answer);

    return head > 0 && answer->len - head == len && memcmp(answer->bytes + head, bytes, len) == 0;
}

#endif
