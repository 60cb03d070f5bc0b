#include "serve_world.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWERS_MAX 64

static char *answers[ANSWERS_MAX];
static char *header_texts[ANSWERS_MAX];
static size_t answer_count;
static size_t header_count;

void serve_teardown(void)
{
    while (answer_count > 0)
        free(answers[--answer_count]);
    while (header_count > 0)
        free(header_texts[--header_count]);
    e2e_teardown();
}

static bool names_a_state(const char *const *args)
{
    for (; args && *args; args++) {
        if (strncmp(*args, "--state", 7) == 0)
            return true;
    }
    return false;
}

/* Wait for "WORDS http[s]://127.0.0.1:PORT/" on stderr. */
static uint16_t port_said(struct process *process, const char *words, char url[64])
{
    static const char origin[] = "://127.0.0.1:";
    const char *said;
    const char *at;

    cr_assert(process_expect(process, &process->err, words, E2E_PATIENCE_MS) &&
                  process_expect(process, &process->err, "/\n", E2E_PATIENCE_MS),
              "the server does not say \"%s\":\n%s", words, process->err.text);
    said = strstr(process->err.text, words) + strlen(words) + 1;
    at = strstr(said, origin);
    cr_assert(at && at - said <= 5, "%s", process->err.text);
    unsigned long port = strtoul(at + strlen(origin), NULL, 10);
    cr_assert(port > 0 && port <= UINT16_MAX, "%s", process->err.text);
    snprintf(url, 64, "%.*s%s%lu/", (int)(at - said), said, origin, port);
    return (uint16_t)port;
}

struct served serve_start(const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];
    const char *all[ARGUMENTS_MAX];
    struct served served = { .port = 0 };
    bool has_status = false;

    join_arguments(argv, ARGS("serve", "--listen", "127.0.0.1:0"), args);
    join_arguments(all, argv, names_a_state(args) ? NULL : ARGS("--state=:memory:"));
    for (size_t i = 0; all[i]; i++)
        has_status = has_status || strncmp(all[i], "--status", 8) == 0;
    served.process = program_start(E2E_UPLOADER, all, NULL);
    served.port = port_said(served.process, "answering devices at", served.url);
    if (has_status)
        served.status_port = port_said(served.process, "status page at", served.status_url);
    return served;
}

void serve_stop(struct served *served)
{
    process_signal(served->process, SIGTERM);
    program_finish(served->process);
    expect_exit(served->process, 0);
}

void serve_file(const char *name, const char *text)
{
    struct temp_path path = temp_path(&e2e_folder, name);

    cr_assert(file_write(path.text, text, strlen(text)), "%s", path.text);
}

/* ---- asking ---- */

static int connect_to(uint16_t port)
{
    struct loopback_address to;
    int fd;

    cr_assert(loopback_parse(&to, "127.0.0.1", port));
    fd = loopback_connect(&to, NULL, 0, E2E_PATIENCE_MS);
    cr_assert_geq(fd, 0, "port %u: %s", (unsigned)port, strerror(errno));
    return fd;
}

/* What the server does not take, because it closes, it does not take. */
static void send_all(int fd, const char *bytes, size_t len, int64_t deadline)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            if (!loopback_wait(fd, POLLOUT, -1, deadline))
                return;
            continue;
        }
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

static void receive_all(int fd, struct answer *answer, int64_t deadline)
{
    size_t capacity = 65536;

    answer->bytes = malloc(capacity + 1);
    cr_assert_not_null(answer->bytes);
    while (loopback_wait(fd, POLLIN, -1, deadline)) {
        if (answer->len == capacity) {
            capacity *= 2;
            answer->bytes = realloc(answer->bytes, capacity + 1);
            cr_assert_not_null(answer->bytes);
        }
        ssize_t n = recv(fd, answer->bytes + answer->len, capacity - answer->len, 0);
        if (n < 0 && errno == EAGAIN)
            continue;
        answer->closed = n == 0;
        if (n <= 0)
            break;
        answer->len += (size_t)n;
    }
    answer->bytes[answer->len] = '\0';
}

/* The first answer in the bytes. */
static void take_apart(struct answer *answer)
{
    const char *end = memmem(answer->bytes, answer->len, "\r\n\r\n", 4);

    /* "HTTP/1.1 200 OK" */
    if (!end || strncmp(answer->bytes, "HTTP/1.", 7) != 0 || answer->bytes[8] != ' ')
        return;
    answer->status = (unsigned)strtoul(answer->bytes + 9, NULL, 10);
    answer->body = end + 4;
    answer->body_len = answer->len - (size_t)(answer->body - answer->bytes);
}

struct answer ask_bytes(uint16_t port, const void *bytes, size_t len)
{
    int64_t deadline = deadline_after(E2E_PATIENCE_MS);
    struct answer answer = { .bytes = NULL };
    int fd = connect_to(port);

    send_all(fd, bytes, len > 0 ? len : strlen(bytes), deadline);
    receive_all(fd, &answer, deadline);
    loopback_close(&fd);
    cr_assert_lt(answer_count, ANSWERS_MAX);
    answers[answer_count++] = answer.bytes;
    take_apart(&answer);
    return answer;
}

struct answer ask(const struct served *served, const struct stock_updater *updater)
{
    char request[STOCK_REQUEST_SIZE];

    return ask_bytes(served->port, stock_request(updater, request), 0);
}

/* ---- answers ---- */

/* The n-th header of this name, or NULL; `len` is its value's length. */
static const char *find_header(const struct answer *answer, const char *name, unsigned n,
                               size_t *len)
{
    const char *line = answer->status ? strstr(answer->bytes, "\r\n") : NULL;
    size_t name_len = strlen(name);

    while (line && line + 2 < answer->body - 2) {
        line += 2;
        const char *end = strstr(line, "\r\n");
        if (strncasecmp(line, name, name_len) == 0 && line[name_len] == ':' && n-- == 0) {
            const char *value = line + name_len + 1;
            value += strspn(value, " ");
            *len = (size_t)(end - value);
            return value;
        }
        line = end;
    }
    return NULL;
}

const char *answer_header(const struct answer *answer, const char *name)
{
    size_t len;
    const char *value = find_header(answer, name, 0, &len);

    if (!value)
        return NULL;
    cr_assert_lt(header_count, ANSWERS_MAX);
    header_texts[header_count] = strndup(value, len);
    cr_assert_not_null(header_texts[header_count]);
    return header_texts[header_count++];
}

unsigned answer_header_count(const struct answer *answer, const char *name)
{
    unsigned n = 0;
    size_t len;

    while (find_header(answer, name, n, &len))
        n++;
    return n;
}

void expect_status_at(const char *file, int line, const struct answer *answer, unsigned status)
{
    cr_assert_eq(answer->status, status, "%s:%d: %u instead of %u:\n%.2000s", file, line,
                 answer->status, status, answer->bytes);
}

void expect_image_at(const char *file, int line, const struct answer *answer,
                     const struct built_image *image)
{
    struct md5_text md5 = e2e_md5(image);
    char length[24];

    expect_status_at(file, line, answer, 200);
    snprintf(length, sizeof length, "%zu", image->size);
    cr_assert_str_eq(answer_header(answer, "Content-Length"), length, "%s:%d", file, line);
    cr_assert_eq(answer_header_count(answer, "Content-Length"), 1u, "%s:%d", file, line);
    cr_assert_eq(answer_header_count(answer, "Transfer-Encoding"), 0u, "%s:%d", file, line);
    cr_assert_eq(answer_header_count(answer, "x-MD5"), 1u, "%s:%d", file, line);
    cr_assert_str_eq(answer_header(answer, "x-MD5"), md5.text, "%s:%d", file, line);
    cr_assert_eq(answer->body_len, image->size, "%s:%d: %zu bytes", file, line, answer->body_len);
    cr_assert_arr_eq(answer->body, image->bytes, image->size, "%s:%d: other bytes", file, line);
}

void expect_logged(struct served *served, const char *text)
{
    cr_assert(process_expect(served->process, &served->process->out, text, E2E_PATIENCE_MS),
              "the log lacks \"%s\":\n%s\n%s", text, served->process->out.text,
              served->process->err.text);
}

void expect_logged_times(struct served *served, const char *text, unsigned times)
{
    int64_t deadline = deadline_after(E2E_PATIENCE_MS);
    unsigned count = 0;

    while (count < times) {
        const char *at = served->process->out.text;
        for (count = 0; (at = strstr(at, text)); count++)
            at += strlen(text);
        cr_assert(count >= times || deadline_left(deadline) > 0,
                  "the log has \"%s\" %u times instead of %u:\n%s", text, count, times,
                  served->process->out.text);
        if (count < times)
            cr_assert_not(process_ended(served->process, 10));
    }
}

struct process *curl(const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, ARGS("--silent", "--show-error", "--max-time", "30"), args);
    struct process *process = program_run("curl", argv);
    expect_exit(process, 0);
    return process;
}
