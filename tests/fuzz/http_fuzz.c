/*
 * Any bytes, in any pieces, to the HTTP server over a real connection. Whatever it says is whole
 * answers, no more than there were right requests and one; it closes when the client has; it
 * tells of each request once; and nothing of it is left behind.
 *
 * The first byte chooses how the others are cut into pieces.
 */
#include "cli/serve/http_guard.h"
#include "cli/serve/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_MAX   20000u
#define ANSWERS_MAX (1u << 20)
#define BODY        "body\n"
#define TURNS_MAX   20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct event_base *base;
static struct http_server *server;
static struct sockaddr_storage at;
static unsigned handled;
static unsigned done;
static char answers[ANSWERS_MAX + 1];
static size_t answers_len;

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static void visit(void *ctx, const char *name, const char *value)
{
    (void)ctx;
    /* Nothing that could be another header, or the end of one. */
    require(name[0] != '\0' && strpbrk(name, " \t\r\n:") == NULL);
    require(strpbrk(value, "\r\n") == NULL);
}

static void on_handle(void *ctx, struct http_exchange *exchange)
{
    (void)ctx;
    handled++;
    http_exchange_headers(exchange, visit, NULL);
    require(http_exchange_header(exchange, "Transfer-Encoding") == NULL);
    require(strpbrk(http_exchange_target(exchange), " \r\n") == NULL);
    if (strcmp(http_exchange_method(exchange), "HEAD") == 0)
        http_exchange_add(exchange, "x-head", "1");
    http_exchange_reply(exchange, 200, "text/plain", BODY, strlen(BODY));
}

static void on_done(void *ctx, struct http_exchange *exchange, const struct http_result *result)
{
    (void)ctx;
    done++;
    http_exchange_headers(exchange, visit, NULL);
    require(result->status >= 200 && result->status < 600);
}

static void start(void)
{
    struct http_server_options options = { .handle = on_handle, .done = on_done };
    struct sockaddr_in any = { .sin_family = AF_INET };
    struct failure failure;

    http_server_prepare_process();
    base = event_base_new();
    require(base != NULL);
    server = http_server_new(base, &options);
    require(server != NULL);
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(http_server_listen(server, (struct sockaddr *)&any, sizeof any, &at, &failure));
}

static void turn(void)
{
    event_base_loop(base, EVLOOP_NONBLOCK);
}

/* The same, the `i`th time that something is waited for: a busy machine may let it wait. */
static void turn_again(unsigned i)
{
    require(i < TURNS_MAX);
    if (i >= TURNS_MAX / 2)
        poll(NULL, 0, 1);
    turn();
}

/* Take what has come; false at the end. */
static bool receive(int fd)
{
    ssize_t n = recv(fd, answers + answers_len, ANSWERS_MAX - answers_len, MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN;
    answers_len += (size_t)n;
    require(answers_len < ANSWERS_MAX);
    return n > 0;
}

/* Send all in pieces of `piece` bytes, and take the answers; false when the server closed. */
static bool send_all(int fd, const uint8_t *data, size_t size, size_t piece)
{
    while (size > 0) {
        size_t len = size < piece ? size : piece;
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
        turn();
        if (!receive(fd))
            return false;
    }
    return true;
}

static void talk(const uint8_t *data, size_t size, size_t piece)
{
    int on = 1;
    struct linger at_once = { .l_onoff = 1 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    require(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(struct sockaddr_in)) == 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    answers_len = 0;
    bool open = send_all(fd, data, size, piece);
    shutdown(fd, SHUT_WR);
    for (unsigned i = 0; open; i++) {
        turn_again(i);
        open = receive(fd);
    }
    /* Without a place in TIME_WAIT: there are not enough of these for all runs. */
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
    for (unsigned i = 0; http_server_connections(server) > 0; i++)
        turn_again(i);
    answers[answers_len] = '\0';
}

/* The value of a header in a head that ends with NUL, or NULL. */
static const char *find(const char *head, const char *name)
{
    const char *line = strstr(head, name);

    return line ? line + strlen(name) : NULL;
}

/* Take an answer apart, which begins at `text`; returns its end. */
static const char *check_answer(char *text)
{
    char *end = strstr(text, "\r\n\r\n");

    require(strncmp(text, "HTTP/1.", 7) == 0 && (text[7] == '0' || text[7] == '1'));
    require(text[8] == ' ' && strspn(text + 9, "0123456789") == 3 && text[12] == ' ');
    require(end != NULL);
    end[2] = '\0';
    end += 4;
    const char *length = find(text, "\r\nContent-Length: ");
    require(find(text, "\r\nTransfer-Encoding: ") == NULL);
    if (!length) {
        /* To a HEAD that libevent refuses, see "//[": up to the end, and with a body. */
        require(strncmp(text + 9, "400", 3) == 0 && find(text, "\r\nConnection: close"));
        return end + strlen(end);
    }
    require(find(length, "\r\nContent-Length: ") == NULL);
    /* To a HEAD that is refused the answer is the last one. */
    if (find(text, "\r\nx-head: ") || (*end == '\0' && strncmp(text + 9, "200", 3) != 0))
        return end;
    size_t body = strtoul(length, NULL, 10);
    require(body <= strlen(end));
    return end + body;
}

static void check(const struct http_guard *guard)
{
    const char *text = answers;
    unsigned count = 0;

    require(strlen(answers) == answers_len);
    for (; *text != '\0'; count++)
        text = check_answer(answers + (text - answers));
    require(handled <= guard->requests);
    /* What is refused may be a request that is right or not there yet: see "//[". */
    require(count <= guard->requests + 1);
    require(count <= done);
    require(http_server_answers(server) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = { 1, 2, 7, 100, 1000, INPUT_MAX };
    struct http_guard guard;

    if (size < 1 || size > INPUT_MAX)
        return 0;
    size_t piece = pieces[data[0] % (sizeof pieces / sizeof *pieces)];
    /* Bytes one by one take their time. */
    if (size > 300 * piece)
        piece = size / 300;
    if (!server)
        start();
    handled = 0;
    done = 0;
    http_guard_init(&guard);
    http_guard_take(&guard, data + 1, size - 1);
    talk(data + 1, size - 1, piece);
    check(&guard);
    return 0;
}
