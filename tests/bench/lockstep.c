#include "tests/bench/lockstep.h"

#include "common/invitation.h"
#include "tests/support/deadline.h"
#include "tests/support/loopback.h"
#include "tests/support/temp.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define LOCAL "127.0.0.1"
#define CHUNK 1460

/* The stock uploader's own numbers: ten invitations a second apart, and ten seconds for a count. */
#define INVITATIONS   10
#define INVITATION_MS 1000
#define PATIENCE_MS   10000
#define VERDICT_MS    60000

struct image {
    char *bytes;
    size_t size;
};

static bool invite(int udp, const struct loopback_address *to, const char *text, size_t len)
{
    char reply[128];

    for (int i = 0; i < INVITATIONS; i++) {
        sendto(udp, text, len, 0, &to->sa.any, to->len);
        if (loopback_wait(udp, POLLIN, -1, deadline_after(INVITATION_MS)) == 0)
            continue;
        ssize_t n = recv(udp, reply, sizeof reply, 0);
        return n >= 2 && memcmp(reply, "OK", 2) == 0;
    }
    return false;
}

/* At most ten bytes, as the stock uploader reads; -1 when none came in time. */
static ssize_t read_count(int fd, char text[11], int timeout_ms)
{
    if (loopback_wait(fd, POLLIN, -1, deadline_after(timeout_ms)) == 0)
        return -1;
    ssize_t n = recv(fd, text, 10, 0);
    text[n > 0 ? n : 0] = '\0';
    return n;
}

static bool send_image(int fd, const struct image *image)
{
    char text[11] = "";

    for (size_t at = 0; at < image->size;) {
        size_t left = image->size - at;
        ssize_t n = send(fd, image->bytes + at, left < CHUNK ? left : CHUNK, MSG_NOSIGNAL);
        if (n <= 0 || read_count(fd, text, PATIENCE_MS) <= 0)
            return false;
        at += (size_t)n;
    }
    while (!strchr(text, 'O')) {
        if (read_count(fd, text, VERDICT_MS) <= 0)
            return false;
    }
    return true;
}

static bool upload(int udp, int listener, const struct loopback_address *device,
                   const struct image *image)
{
    struct invitation invitation = {
        .command = PUSH_SKETCH,
        .port = loopback_port(listener),
        .size = image->size,
    };
    struct digest md5;
    char text[INVITATION_MAX];

    digest_init(&md5, DIGEST_MD5);
    digest_update(&md5, image->bytes, image->size);
    digest_finish(&md5, invitation.md5);
    size_t len = invitation_format(&invitation, text, sizeof text);
    if (!invite(udp, device, text, len) ||
        loopback_wait(listener, POLLIN, -1, deadline_after(PATIENCE_MS)) == 0)
        return false;
    int fd = accept(listener, NULL, NULL);
    bool ok = fd >= 0 && send_image(fd, image);
    loopback_close(&fd);
    return ok;
}

bool lockstep_upload(const char *address, uint16_t port, const char *path)
{
    struct loopback_address device;
    struct image image;
    int udp = loopback_bind(LOCAL, 0, SOCK_DGRAM);
    int listener = loopback_bind(LOCAL, 0, SOCK_STREAM);

    image.bytes = file_read(path, &image.size);
    bool ok = udp >= 0 && listener >= 0 && image.bytes && loopback_parse(&device, address, port) &&
              upload(udp, listener, &device, &image);
    free(image.bytes);
    loopback_close(&udp);
    loopback_close(&listener);
    return ok;
}
