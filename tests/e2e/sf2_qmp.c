#include "sf2_qmp.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Generous: several emulators may share one processor, under sanitizers. */
#define QMP_PATIENCE_MS 60000

/* Read the next message, without its line end. */
static void receive_message(int qmp, char message[QMP_ANSWER_MAX])
{
    int64_t deadline = deadline_after(QMP_PATIENCE_MS);
    size_t used = 0;

    /* Byte by byte: what follows stays for the next call. Messages are few and short. */
    do {
        cr_assert(loopback_wait(qmp, POLLIN, -1, deadline), "QEMU's monitor does not answer");
        cr_assert_lt(used, QMP_ANSWER_MAX - 1, "QEMU's monitor does not come to an end");
        cr_assert_eq(recv(qmp, message + used, 1, 0), 1, "QEMU's monitor has gone");
    } while (message[used++] != '\n');
    message[used - 1] = '\0';
}

/* Events come in between, and are nobody's business here. */
static void receive_return(int qmp, char message[QMP_ANSWER_MAX])
{
    do {
        receive_message(qmp, message);
        cr_assert_null(strstr(message, "\"error\""), "QEMU's monitor: %s", message);
    } while (strncmp(message, "{\"return\"", 9) != 0);
}

static void send_message(int qmp, const char *message)
{
    size_t len = strlen(message);

    cr_assert_eq(send(qmp, message, len, MSG_NOSIGNAL), (ssize_t)len, "QEMU's monitor has gone");
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const struct timespec moment = { .tv_nsec = 5000000 };
    int64_t deadline = deadline_after(QMP_PATIENCE_MS);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    cr_assert_lt(strlen(path), sizeof address.sun_path, "%s", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        cr_assert_gt(deadline_left(deadline), 0, "QEMU does not open its monitor");
        nanosleep(&moment, NULL);
    }
    return fd;
}

int qmp_open(const char *path)
{
    char message[QMP_ANSWER_MAX];
    int qmp = connect_to(path);

    receive_message(qmp, message); /* its greeting */
    qmp_do(qmp, "qmp_capabilities");
    return qmp;
}

void qmp_do(int qmp, const char *command)
{
    char message[QMP_ANSWER_MAX];

    snprintf(message, sizeof message, "{\"execute\":\"%s\"}\n", command);
    send_message(qmp, message);
    receive_return(qmp, message);
}

void qmp_ask(int qmp, const char *line, char answer[QMP_ANSWER_MAX])
{
    snprintf(answer, QMP_ANSWER_MAX,
             "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"%s\"}}\n",
             line);
    send_message(qmp, answer);
    receive_return(qmp, answer);
}

uint32_t qmp_word(int qmp, uint32_t address)
{
    char answer[QMP_ANSWER_MAX];
    char line[40];

    snprintf(line, sizeof line, "xp /1wx 0x%08" PRIx32, address);
    qmp_ask(qmp, line, answer);
    const char *at = strstr(answer, ": 0x"); /* "a0000004: 0x00000017" */
    cr_assert(at, "%s", answer);
    return (uint32_t)strtoul(at + 2, NULL, 16);
}

uint16_t qmp_forwarded_port(int qmp)
{
    static const char before[] = "UDP[HOST_FORWARD]", address[] = " 127.0.0.1 ";
    char answer[QMP_ANSWER_MAX];
    unsigned long port = 0;

    qmp_ask(qmp, "info usernet", answer);
    /* "UDP[HOST_FORWARD]  8       127.0.0.1 55895       10.0.2.15  8266 ..." */
    const char *at = strstr(answer, before);
    if (at)
        at = strstr(at, address);
    if (at)
        port = strtoul(at + sizeof address - 1, NULL, 10);
    cr_assert(port > 0 && port <= UINT16_MAX, "%s", answer);
    return (uint16_t)port;
}

void qmp_close(int *qmp)
{
    loopback_close(qmp);
}
