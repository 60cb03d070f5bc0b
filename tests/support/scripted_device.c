#include "tests/support/scripted_device.h"

#include "common/proof.h"
#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PATIENCE_MS 20000

struct scripted_device {
    const struct device_step *script;
    struct device_options options;
    pthread_t thread;
    atomic_size_t done; /* steps */
    int stop;           /* eventfd: the test has finished */
    int udp;
    uint16_t port;
    struct loopback_address inviter;
    struct challenge challenge; /* the latest that was sent; nonce "" if none was */
    struct proof proof;         /* the latest that came */
    struct scripted_stream stream;
    struct device_record record;
};

enum datagram {
    DATAGRAM_NONE,
    DATAGRAM_INVITATION,
    DATAGRAM_PROOF,
    DATAGRAM_OTHER,
};

static int64_t patience(const struct scripted_device *device)
{
    return deadline_after(device->options.patience_ms);
}

static bool refuse(int error)
{
    errno = error;
    return false;
}

/* ---- datagrams ---- */

static enum datagram take_datagram(struct scripted_device *device, int64_t deadline)
{
    struct device_record *record = &device->record;
    char text[sizeof record->invitation_text];
    struct loopback_address from = { .len = sizeof from.sa };
    struct invitation invitation;

    if (loopback_wait(device->udp, POLLIN, device->stop, deadline) == 0)
        return DATAGRAM_NONE;
    ssize_t n = recvfrom(device->udp, text, sizeof text - 1, 0, &from.sa.any, &from.len);
    if (n < 0)
        return DATAGRAM_OTHER;
    record->datagrams++;
    text[n] = '\0';
    if (proof_parse(&device->proof, text, (size_t)n)) {
        record->proof_port = loopback_port_of(&from);
        return DATAGRAM_PROOF;
    }
    if (!invitation_parse(&invitation, text, (size_t)n) || invitation.command == PUSH_PROOF)
        return DATAGRAM_OTHER;
    memcpy(record->invitation_text, text, (size_t)n + 1);
    record->invitation = invitation;
    record->invitation.tail = record->invitation_text + (invitation.tail - text);
    record->invitation_port = loopback_port_of(&from);
    record->invitations++;
    device->inviter = from;
    return DATAGRAM_INVITATION;
}

static bool await_datagram(struct scripted_device *device, enum datagram wanted)
{
    int64_t deadline = patience(device);
    enum datagram got;

    while ((got = take_datagram(device, deadline)) != wanted) {
        if (got == DATAGRAM_NONE)
            return refuse(ETIMEDOUT);
    }
    return true;
}

static bool do_invited(struct scripted_device *device, const struct device_step *step)
{
    (void)step;
    return await_datagram(device, DATAGRAM_INVITATION);
}

static bool do_ignore(struct scripted_device *device, const struct device_step *step)
{
    int64_t deadline = patience(device);

    for (uint64_t i = 0; i < step->number; i++) {
        if (take_datagram(device, deadline) == DATAGRAM_NONE)
            return refuse(ETIMEDOUT);
    }
    return true;
}

static bool do_answer(struct scripted_device *device, const struct device_step *step)
{
    struct challenge challenge;

    if (challenge_parse(&challenge, step->text, step->number))
        device->challenge = challenge;
    return sendto(device->udp, step->text, step->number, 0, &device->inviter.sa.any,
                  device->inviter.len) >= 0;
}

static bool proves(const struct scripted_device *device, enum digest_kind kind)
{
    const char *password = device->options.password ? device->options.password : "";
    struct password_digest digest;

    password_digest_make(&digest, kind, password, strlen(password));
    return proof_check(&device->proof, &device->challenge, &digest);
}

static bool do_proof(struct scripted_device *device, const struct device_step *step)
{
    struct device_record *record = &device->record;
    enum device_proof proof = DEVICE_PROOF_WRONG;

    (void)step;
    if (!await_datagram(device, DATAGRAM_PROOF))
        return false;
    if (record->proofs == DEVICE_PROOFS_MAX)
        return refuse(E2BIG);
    if (proves(device, DIGEST_MD5))
        proof = DEVICE_PROOF_MD5;
    else if (device->challenge.dialect == AUTH_PBKDF2 && proves(device, DIGEST_SHA256))
        proof = DEVICE_PROOF_SHA256;
    record->proof[record->proofs++] = proof;
    return true;
}

static bool do_leave(struct scripted_device *device, const struct device_step *step)
{
    (void)step;
    loopback_close(&device->udp);
    return true;
}

/* ---- the connection ---- */

static int connect_to_inviter(struct scripted_device *device, const char *source)
{
    struct loopback_address to = device->inviter;

    if (device->record.invitations == 0) {
        errno = EDESTADDRREQ;
        return -1;
    }
    loopback_set_port(&to, device->record.invitation.port);
    return loopback_connect(&to, source, device->options.receive_buffer,
                            device->options.patience_ms);
}

static bool do_connect(struct scripted_device *device, const struct device_step *step)
{
    struct device_record *record = &device->record;

    if (record->connections == DEVICE_CONNECTIONS_MAX)
        return refuse(E2BIG);
    scripted_stream_close(&device->stream, false);
    int fd = connect_to_inviter(device, step->text ? step->text : device->options.address);
    if (fd < 0)
        return false;
    scripted_stream_open(&device->stream, fd, record->invitation.size, device->options.patience_ms,
                         &record->connection[record->connections]);
    record->connections++;
    return true;
}

static bool do_stranger(struct scripted_device *device, const struct device_step *step)
{
    char byte;
    int fd = connect_to_inviter(device, step->text);

    if (fd < 0)
        return false;
    bool ended = loopback_wait(fd, POLLIN, -1, patience(device)) != 0;
    bool refused = ended && recv(fd, &byte, 1, 0) <= 0;
    loopback_close(&fd);
    if (!refused)
        return refuse(ended ? EISCONN : ETIMEDOUT);
    device->record.strangers++;
    return true;
}

static bool do_read(struct scripted_device *device, const struct device_step *step)
{
    bool all = step->number == UINT64_MAX;
    uint64_t len = all ? scripted_stream_missing(&device->stream) : step->number;

    return scripted_stream_read(&device->stream, len, false);
}

static bool do_receive(struct scripted_device *device, const struct device_step *step)
{
    (void)step;
    return scripted_stream_read(&device->stream, scripted_stream_missing(&device->stream), true);
}

static bool do_read_to_end(struct scripted_device *device, const struct device_step *step)
{
    (void)step;
    return scripted_stream_read_to_end(&device->stream);
}

static bool do_write(struct scripted_device *device, const struct device_step *step)
{
    bool split = step->action == DEVICE_DO_WRITE_SPLIT;

    return scripted_stream_write(&device->stream, step->text, step->number, split);
}

static bool do_close(struct scripted_device *device, const struct device_step *step)
{
    scripted_stream_close(&device->stream, step->action == DEVICE_DO_RESET);
    return true;
}

/* ---- time ---- */

static bool do_sleep(struct scripted_device *device, const struct device_step *step)
{
    loopback_wait(-1, 0, device->stop, deadline_after((int)step->number));
    return true;
}

static bool do_hold(struct scripted_device *device, const struct device_step *step)
{
    (void)step;
    loopback_wait(device->stream.fd, POLLRDHUP, device->stop, patience(device));
    return true;
}

/* ---- the script ---- */

static const struct action {
    bool (*run)(struct scripted_device *device, const struct device_step *step);
    const char *name;
    bool needs_connection;
} actions[] = {
    [DEVICE_DO_INVITED] = { do_invited, "INVITED", false },
    [DEVICE_DO_IGNORE] = { do_ignore, "IGNORE", false },
    [DEVICE_DO_ANSWER] = { do_answer, "ANSWER", false },
    [DEVICE_DO_PROOF] = { do_proof, "PROOF", false },
    [DEVICE_DO_LEAVE] = { do_leave, "LEAVE", false },
    [DEVICE_DO_CONNECT] = { do_connect, "CONNECT", false },
    [DEVICE_DO_STRANGER] = { do_stranger, "STRANGER", false },
    [DEVICE_DO_READ] = { do_read, "READ", true },
    [DEVICE_DO_READ_TO_END] = { do_read_to_end, "READ_TO_END", true },
    [DEVICE_DO_RECEIVE] = { do_receive, "RECEIVE", true },
    [DEVICE_DO_WRITE] = { do_write, "WRITE", true },
    [DEVICE_DO_WRITE_SPLIT] = { do_write, "WRITE_SPLIT", true },
    [DEVICE_DO_CLOSE] = { do_close, "CLOSE", true },
    [DEVICE_DO_RESET] = { do_close, "RESET", true },
    [DEVICE_DO_SLEEP] = { do_sleep, "SLEEP", false },
    [DEVICE_DO_HOLD] = { do_hold, "HOLD", false },
};

static bool run_step(struct scripted_device *device, const struct device_step *step)
{
    const struct action *action = &actions[step->action];
    struct device_record *record = &device->record;
    bool connected = record->connections > 0;

    if (action->needs_connection && device->stream.fd < 0)
        errno = ENOTCONN;
    else if (action->run(device, step))
        return true;
    snprintf(record->problem, sizeof record->problem,
             "step %zu, %s: %s (after %u datagrams, %u connections, %llu bytes on the last)",
             (size_t)(step - device->script) + 1, action->name, strerror(errno), record->datagrams,
             record->connections,
             connected ? (unsigned long long)device->stream.seen->bytes : 0ULL);
    return false;
}

static void *run(void *argument)
{
    struct scripted_device *device = argument;
    const struct device_step *step = device->script;

    while (step->action != DEVICE_DO_END && run_step(device, step)) {
        step++;
        atomic_fetch_add(&device->done, 1);
    }
    device->record.completed = step->action == DEVICE_DO_END;
    /* Whatever still comes is recorded until the test stops the device. */
    while (take_datagram(device, deadline_after(3600000)) != DATAGRAM_NONE)
        ;
    return NULL;
}

struct scripted_device *scripted_device_start(const struct device_step *script,
                                              const struct device_options *options)
{
    struct scripted_device *device = calloc(1, sizeof *device);

    if (!device)
        return NULL;
    device->script = script;
    if (options)
        device->options = *options;
    if (!device->options.address)
        device->options.address = "127.0.0.1";
    if (device->options.patience_ms == 0)
        device->options.patience_ms = PATIENCE_MS;
    device->stream.fd = -1;
    device->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    device->udp = loopback_bind(device->options.address, device->options.port, SOCK_DGRAM);
    if (device->stop >= 0 && device->udp >= 0) {
        device->port = loopback_port(device->udp);
        if (pthread_create(&device->thread, NULL, run, device) == 0)
            return device;
    }
    loopback_close(&device->stop);
    loopback_close(&device->udp);
    free(device);
    return NULL;
}

uint16_t scripted_device_port(const struct scripted_device *device)
{
    return device->port;
}

bool scripted_device_reached(struct scripted_device *device, size_t steps, int timeout_ms)
{
    int64_t deadline = deadline_after(timeout_ms);

    while (atomic_load(&device->done) < steps) {
        if (deadline_left(deadline) == 0)
            return false;
        usleep(1000);
    }
    return true;
}

void scripted_device_finish(struct scripted_device *device, struct device_record *out)
{
    if (!device)
        return;
    eventfd_write(device->stop, 1);
    pthread_join(device->thread, NULL);
    if (out) {
        size_t tail = (size_t)(device->record.invitation.tail - device->record.invitation_text);
        *out = device->record;
        if (out->invitations > 0)
            out->invitation.tail = out->invitation_text + tail;
    }
    scripted_stream_close(&device->stream, false);
    loopback_close(&device->udp);
    loopback_close(&device->stop);
    free(device);
}
