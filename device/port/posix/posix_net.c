#include "posix_net.h"

#include "posix_address.h"
#include "posix_clock.h"
#include "posix_datagram.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Datagrams that are served before the connection gets its turn again. */
#define DATAGRAMS_PER_STEP 16

static int open_socket(const struct ota_address *local, int type)
{
    struct sockaddr_storage socket_address;
    socklen_t len = posix_address_to_socket(local, &socket_address);
    int fd = socket(socket_address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&socket_address, len) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

/* Note which address of ours a peer knows; the peer unheard of for longest makes room. */
static void remember_route(struct posix_net *net, const struct ota_address *peer,
                           const struct ota_address *ours)
{
    struct posix_route route = { .peer = *peer, .ours = *ours };
    size_t at = 0;

    while (at < POSIX_NET_ROUTES - 1 && !ota_address_equal(&net->routes[at].peer, peer))
        at++;
    memmove(net->routes + 1, net->routes, at * sizeof net->routes[0]);
    net->routes[0] = route;
}

/* The address of ours that a peer knows, of length 0 when it is not known. */
static struct ota_address our_address_for(const struct posix_net *net,
                                          const struct ota_address *peer)
{
    for (size_t i = 0; i < POSIX_NET_ROUTES; i++) {
        if (ota_address_equal(&net->routes[i].peer, peer))
            return net->routes[i].ours;
    }
    /* Another port of its host: that of the connection. */
    for (size_t i = 0; i < POSIX_NET_ROUTES; i++) {
        if (ota_address_same_host(&net->routes[i].peer, peer))
            return net->routes[i].ours;
    }
    return (struct ota_address){ 0 };
}

static void net_send_datagram(void *ctx, const struct ota_address *to, const void *bytes,
                              size_t len)
{
    const struct posix_net *net = ctx;
    struct ota_address ours = our_address_for(net, to);

    posix_datagram_send(net->udp, &ours, to, bytes, len);
}

static void net_close(void *ctx)
{
    struct posix_net *net = ctx;

    if (net->tcp >= 0)
        close(net->tcp);
    net->tcp = -1;
    net->connected = false;
    net->ended = false;
    net->ended_told = false;
    net->send_is_full = false;
    net->input_at = 0;
    net->input_len = 0;
}

/* The connection comes from the address the peer knows the device by, any port of it. */
static bool net_connect(void *ctx, const struct ota_address *to)
{
    struct posix_net *net = ctx;
    struct ota_address ours = our_address_for(net, to);
    struct ota_address local = net->local;
    struct sockaddr_storage address;
    socklen_t len = posix_address_to_socket(to, &address);
    int one = 1;

    local.port = 0;
    net->tcp = ours.length > 0 ? open_socket(&ours, SOCK_STREAM) : -1;
    if (net->tcp < 0)
        net->tcp = open_socket(&local, SOCK_STREAM);
    if (net->tcp < 0)
        return false;
    setsockopt(net->tcp, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(net->tcp, (const struct sockaddr *)&address, len) != 0 && errno != EINPROGRESS) {
        net_close(net);
        return false;
    }
    return true;
}

static int32_t net_send(void *ctx, const void *bytes, size_t len)
{
    struct posix_net *net = ctx;
    ssize_t n = send(net->tcp, bytes, len < INT32_MAX ? len : INT32_MAX, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return -1;
    if (n < 0)
        n = 0;
    net->send_is_full = (size_t)n < len;
    return (int32_t)n;
}

bool posix_net_open(struct posix_net *net, const struct ota_address *local)
{
    struct sockaddr_storage bound = { 0 };
    socklen_t len = sizeof bound;

    *net = (struct posix_net){ .tcp = -1 };
    net->net = (struct ota_net){ .ctx = net,
                                 .send_datagram = net_send_datagram,
                                 .connect = net_connect,
                                 .send = net_send,
                                 .close = net_close };
    net->udp = open_socket(local, SOCK_DGRAM);
    if (net->udp < 0)
        return false;
    if (getsockname(net->udp, (struct sockaddr *)&bound, &len) != 0 ||
        !posix_address_from_socket(&net->local, &bound) ||
        !posix_datagram_prepare(net->udp, bound.ss_family)) {
        int saved = errno;
        close(net->udp);
        errno = saved;
        return false;
    }
    return true;
}

void posix_net_close(struct posix_net *net)
{
    net_close(net);
    close(net->udp);
}

static void receive_datagrams(struct posix_net *net, struct ota_responder *responder)
{
    char datagram[POSIX_DATAGRAM_MAX];
    struct ota_address from, ours;

    for (int i = 0; i < DATAGRAMS_PER_STEP; i++) {
        ssize_t n = posix_datagram_receive(net->udp, datagram, sizeof datagram, &from, &ours);
        if (n < 0)
            break;
        if (from.length == 0)
            continue;
        remember_route(net, &from, &ours);
        ota_responder_on_datagram(responder, &from, datagram, (size_t)n, posix_clock_now_ms());
    }
}

static void finish_connect(struct posix_net *net, struct ota_responder *responder)
{
    int error = 0;
    socklen_t len = sizeof error;

    if (getsockopt(net->tcp, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
        net->ended = true;
        return;
    }
    net->connected = true;
    ota_responder_on_connected(responder, posix_clock_now_ms());
}

static void read_connection(struct posix_net *net)
{
    ssize_t n = recv(net->tcp, net->input, sizeof net->input, 0);

    if (n > 0) {
        net->input_at = 0;
        net->input_len = (size_t)n;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        net->ended = true;
    }
}

static bool has_input(const struct posix_net *net)
{
    return net->input_at < net->input_len;
}

/* Hand over what was read, and the end only behind it. The responder may close at any time. */
static void deliver(struct posix_net *net, struct ota_responder *responder)
{
    if (has_input(net)) {
        size_t taken =
            ota_responder_on_stream(responder, net->input + net->input_at,
                                    net->input_len - net->input_at, posix_clock_now_ms());
        if (has_input(net))
            net->input_at += taken;
    }
    if (net->tcp >= 0 && net->ended && !net->ended_told && !has_input(net)) {
        net->ended_told = true;
        ota_responder_on_closed(responder);
    }
}

static void serve_connection(struct posix_net *net, struct ota_responder *responder, short events)
{
    bool may_read = !net->ended && !has_input(net);

    if (!net->connected) {
        if (events)
            finish_connect(net, responder);
    } else {
        if (net->send_is_full && (events & (POLLOUT | POLLERR | POLLHUP))) {
            net->send_is_full = false;
            ota_responder_on_sendable(responder, posix_clock_now_ms());
        }
        if (net->tcp >= 0 && may_read && (events & (POLLIN | POLLERR | POLLHUP)))
            read_connection(net);
    }
    if (net->tcp >= 0)
        deliver(net, responder);
}

/* What the connection is waited for; nothing while the responder has bytes left to take. */
static short wanted_events(const struct posix_net *net)
{
    bool may_write = net->tcp >= 0 && (!net->connected || net->send_is_full);
    bool may_read = net->connected && !net->ended && !has_input(net);

    return (short)((may_write ? POLLOUT : 0) | (may_read ? POLLIN : 0));
}

uint32_t posix_net_prepare(const struct posix_net *net, struct pollfd fds[POSIX_NET_FDS])
{
    short events = wanted_events(net);

    fds[0] = (struct pollfd){ .fd = net->udp, .events = POLLIN };
    /* Without events wanted it is left out: an error on it would be reported over and over. */
    fds[1] = (struct pollfd){ .fd = events ? net->tcp : -1, .events = events };
    /* Polling may have made room for what was read before: that is offered again at once. */
    return has_input(net) ? 0 : net->delay_ms;
}

void posix_net_serve(struct posix_net *net, struct ota_responder *responder,
                     const struct pollfd fds[POSIX_NET_FDS])
{
    if (net->tcp >= 0)
        serve_connection(net, responder, fds[1].revents);
    if (fds[0].revents)
        receive_datagrams(net, responder);
    /* Last, so that the caller sees what it has brought about before the next wait. */
    net->delay_ms = ota_responder_poll(responder, posix_clock_now_ms());
}

bool posix_net_step(struct posix_net *net, struct ota_responder *responder, const sigset_t *mask)
{
    struct pollfd fds[POSIX_NET_FDS];
    uint32_t delay = posix_net_prepare(net, fds);
    struct timespec timeout = { .tv_sec = delay / 1000, .tv_nsec = (long)(delay % 1000) * 1000000 };

    if (ppoll(fds, POSIX_NET_FDS, delay == OTA_NEVER ? NULL : &timeout, mask) < 0)
        return errno == EINTR;
    posix_net_serve(net, responder, fds);
    return true;
}
