/*
 * bench-serve: what tests/bench/serve cannot do in a shell.
 *
 *     bench-serve image BYTES SEED FILE     writes a sketch for the ESP8266
 *     bench-serve port                      prints a port that nobody listens at
 *     bench-serve ready PORT MS             waits until somebody does; prints milliseconds
 *     bench-serve slow PORT PID COUNT SECONDS
 *
 * The last one asks for an image COUNT times at once, as so many devices, and reads the answers at
 * a trickle; every 20 ms somebody else asks for what needs no image. Prints the server's memory
 * before and at its most (KiB), how many transfers were still alive at the end, and how long the
 * others' answers took: the median, the 99th of a hundred, and the longest (ms).
 */
#include "tests/support/deadline.h"
#include "tests/support/image_builder.h"
#include "tests/support/loopback.h"
#include "tests/support/memory.h"
#include "tests/support/temp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SLOW_MAX     20000
#define PROBES_MAX   100000
#define PROBE_MS     20
#define ANSWER_MS    10000
#define SLOW_WINDOW  4096 /* bytes of a slow reader's receive buffer */
#define SLOW_READ    512  /* bytes that it takes at a time, about once a second */
#define REQUEST_SIZE 1024

/* Versions that the catalogue of tests/bench/serve makes nothing of, and has. */
#define VERSION_OLD "BENCH-0"
#define VERSION_NEW "BENCH-1"

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "bench-serve: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* What an ESP8266 with the stock client sends. */
static size_t write_request(char out[static REQUEST_SIZE], uint16_t port, unsigned number,
                            const char *version)
{
    int len = snprintf(out, REQUEST_SIZE,
                       "GET / HTTP/1.0\r\nHost: 127.0.0.1:%u\r\nUser-Agent: ESP8266-http-Update\r\n"
                       "Connection: close\r\nx-ESP8266-Chip-ID: %u\r\n"
                       "x-ESP8266-STA-MAC: 5C:CF:7F:00:%02X:%02X\r\n"
                       "x-ESP8266-AP-MAC: 5E:CF:7F:00:%02X:%02X\r\n"
                       "x-ESP8266-free-space: 2818048\r\nx-ESP8266-sketch-size: 325680\r\n"
                       "x-ESP8266-sketch-md5: 0123456789abcdef0123456789abcdef\r\n"
                       "x-ESP8266-chip-size: 4194304\r\n"
                       "x-ESP8266-sdk-version: 2.2.2-dev(38a443e)\r\nx-ESP8266-mode: sketch\r\n"
                       "x-ESP8266-version: %s\r\n\r\n",
                       port, number, number >> 8 & 0xff, number & 0xff, number >> 8 & 0xff,
                       number & 0xff, version);

    if (len < 0 || len >= REQUEST_SIZE)
        give_up("a request that is too long");
    return (size_t)len;
}

static int ask(const struct loopback_address *server, unsigned number, const char *version,
               int receive_buffer)
{
    char request[REQUEST_SIZE];
    size_t len = write_request(request, loopback_port_of(server), number, version);
    int fd = loopback_connect(server, NULL, receive_buffer, ANSWER_MS);

    if (fd < 0)
        give_up("cannot connect");
    if (write(fd, request, len) != (ssize_t)len)
        give_up("cannot send a request");
    return fd;
}

/* --- Slow readers ----------------------------------------------------------------------------- */

struct slow {
    int fds[SLOW_MAX];
    unsigned count;
    unsigned next; /* whose turn it is to read */
};

static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        give_up("RLIMIT_NOFILE");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        give_up("RLIMIT_NOFILE");
}

/* Some of them take a little; each has its turn about once a second. */
static void read_some(struct slow *slow, int ms)
{
    char bytes[SLOW_READ];
    unsigned turns = slow->count * (unsigned)ms / 1000 + 1;

    while (turns-- > 0) {
        int *fd = &slow->fds[slow->next++ % slow->count];
        if (*fd < 0)
            continue;
        ssize_t got = read(*fd, bytes, sizeof bytes);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            loopback_close(fd);
    }
}

static unsigned alive(const struct slow *slow)
{
    unsigned count = 0;

    for (unsigned i = 0; i < slow->count; i++)
        count += slow->fds[i] >= 0;
    return count;
}

/* --- The others ------------------------------------------------------------------------------- */

/* Milliseconds from the connection's beginning to the end of an answer. */
static double probe(const struct loopback_address *server, unsigned number)
{
    char answer[4096];
    size_t len = 0;
    int64_t start = deadline_now();
    int64_t limit = deadline_after(ANSWER_MS);
    int fd = ask(server, number, VERSION_NEW, 0);

    for (;;) {
        ssize_t got = read(fd, answer + len, sizeof answer - 1 - len);
        if (got == 0)
            break;
        if (got > 0)
            len += (size_t)got;
        else if (errno != EAGAIN)
            give_up("an answer broke");
        else if (loopback_wait(fd, POLLIN, -1, limit) == 0)
            give_up("no answer in ten seconds");
    }
    loopback_close(&fd);
    answer[len] = '\0';
    if (!strstr(answer, " 304 "))
        give_up("another answer than 304");
    return (double)(deadline_now() - start) / 1e6;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

static void run_slow(const struct loopback_address *server, pid_t pid, unsigned count,
                     unsigned seconds)
{
    static struct slow slow;
    static double ms[PROBES_MAX];
    unsigned probes = 0;
    long before = memory_now(pid);
    long most = before;
    int64_t end;

    raise_limit();
    slow.count = count;
    for (unsigned i = 0; i < count; i++)
        slow.fds[i] = ask(server, i, VERSION_OLD, SLOW_WINDOW);
    end = deadline_after((int)seconds * 1000);
    while (deadline_left(end) > 0 && probes < PROBES_MAX) {
        ms[probes] = probe(server, 65535);
        probes++;
        read_some(&slow, PROBE_MS);
        long now = memory_now(pid);
        most = now > most ? now : most;
        poll(NULL, 0, PROBE_MS);
    }
    qsort(ms, probes, sizeof ms[0], by_value);
    printf("%ld %ld %u %.2f %.2f %.2f\n", before, most, alive(&slow), ms[probes / 2],
           ms[probes * 99 / 100], ms[probes - 1]);
    for (unsigned i = 0; i < count; i++)
        loopback_close(&slow.fds[i]);
}

/* --- Small things ----------------------------------------------------------------------------- */

static void write_image(size_t size, uint32_t seed, const char *path)
{
    struct built_image image = build_esp8266(size, seed);

    if (!image.bytes || !file_write(path, image.bytes, image.size))
        give_up(path);
    built_image_free(&image);
}

static void print_port(void)
{
    int fd = loopback_bind("127.0.0.1", 0, SOCK_STREAM);

    if (fd < 0)
        give_up("no port");
    printf("%u\n", loopback_port(fd));
    loopback_close(&fd);
}

static void wait_ready(const struct loopback_address *server, int ms)
{
    int64_t start = deadline_now();
    int64_t limit = deadline_after(ms);

    while (deadline_left(limit) > 0) {
        int fd = loopback_connect(server, NULL, 0, 100);
        if (fd >= 0) {
            loopback_close(&fd);
            printf("%.0f\n", (double)(deadline_now() - start) / 1e6);
            return;
        }
        poll(NULL, 0, 2);
    }
    give_up("nobody listens");
}

static unsigned number(const char *text, unsigned limit)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*end != '\0' || value == 0 || value > limit) {
        fprintf(stderr, "bench-serve: %s is no number up to %u\n", text, limit);
        exit(EXIT_FAILURE);
    }
    return (unsigned)value;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    struct loopback_address server;

    (void)loopback_parse(&server, "127.0.0.1", 0);
    if (argc > 2 && (strcmp(what, "ready") == 0 || strcmp(what, "slow") == 0))
        loopback_set_port(&server, (uint16_t)number(argv[2], 65535));
    if (argc == 5 && strcmp(what, "image") == 0)
        write_image(number(argv[2], 64u << 20), number(argv[3], 1000), argv[4]);
    else if (argc == 2 && strcmp(what, "port") == 0)
        print_port();
    else if (argc == 4 && strcmp(what, "ready") == 0)
        wait_ready(&server, (int)number(argv[3], 600000));
    else if (argc == 6 && strcmp(what, "slow") == 0)
        run_slow(&server, (pid_t)number(argv[3], INT32_MAX), number(argv[4], SLOW_MAX),
                 number(argv[5], 3600));
    else {
        fputs("usage: bench-serve image|port|ready|slow ...; tests/bench/serve runs it\n", stderr);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
