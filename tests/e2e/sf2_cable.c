#include "sf2_cable.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAP_NAME     "sf2"
#define TAP_ADDRESS  "10.0.2.2"
#define TAP_NETMASK  "255.255.255.0"
#define CABLE_PORT   7001 /* as in SF2_CABLE_NETWORK */
#define QEMU_PORT    7002
#define ETHERNET_MIN 60 /* bytes; shorter frames are padded by whoever sends them */

/* ---- the namespace ---- */

bool sf2_cable_may(void)
{
    pid_t pid = fork();
    int status = 1;

    if (pid == 0) {
        /* Nothing else here: the process may have threads. */
        int fd = unshare(CLONE_NEWNET) == 0 ? open("/dev/net/tun", O_RDWR | O_CLOEXEC) : -1;
        _exit(fd < 0);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void set_address(int fd, unsigned long request, const char *name, const char *address)
{
    struct ifreq ifr = { 0 };
    struct sockaddr_in in = { .sin_family = AF_INET };

    memcpy(ifr.ifr_name, name, strlen(name));
    cr_assert_eq(inet_pton(AF_INET, address, &in.sin_addr), 1);
    memcpy(&ifr.ifr_addr, &in, sizeof in);
    cr_assert_eq(ioctl(fd, request, &ifr), 0, "%s: %s", address, strerror(errno));
}

static void set_up(int fd, const char *name)
{
    struct ifreq ifr = { .ifr_flags = IFF_UP };

    memcpy(ifr.ifr_name, name, strlen(name));
    cr_assert_eq(ioctl(fd, SIOCSIFFLAGS, &ifr), 0, "%s: %s", name, strerror(errno));
}

static int open_tap(void)
{
    struct ifreq ifr = { .ifr_name = TAP_NAME, .ifr_flags = IFF_TAP | IFF_NO_PI };
    int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    cr_assert_geq(tap, 0, "/dev/net/tun: %s", strerror(errno));
    cr_assert_eq(ioctl(tap, TUNSETIFF, &ifr), 0, "no TAP device: %s", strerror(errno));
    return tap;
}

static void make_namespace(struct sf2_cable *cable)
{
    cr_assert_eq(unshare(CLONE_NEWNET), 0, "no network namespace: %s", strerror(errno));
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    set_up(fd, "lo");
    cable->tap = open_tap();
    set_address(fd, SIOCSIFADDR, TAP_NAME, TAP_ADDRESS);
    set_address(fd, SIOCSIFNETMASK, TAP_NAME, TAP_NETMASK);
    set_up(fd, TAP_NAME);
    close(fd);
}

static void open_socket(struct sf2_cable *cable)
{
    struct loopback_address to;

    cable->qemu = loopback_bind("127.0.0.1", CABLE_PORT, SOCK_DGRAM);
    cr_assert(cable->qemu >= 0 && loopback_parse(&to, "127.0.0.1", QEMU_PORT));
    cr_assert_eq(connect(cable->qemu, &to.sa.any, to.len), 0);
}

/* ---- frames ---- */

static bool loses(struct sf2_cable *cable)
{
    cable->random ^= cable->random << 13; /* xorshift32 */
    cable->random ^= cable->random >> 17;
    cable->random ^= cable->random << 5;
    return cable->random % 1000 < cable->options.loss;
}

/* Take the frames that there are onto the cable. What does not fit on it is lost. */
static void take(struct sf2_cable *cable, struct sf2_cable_way *way)
{
    int64_t due = deadline_after((int)cable->options.delay_ms);
    uint8_t bytes[SF2_CABLE_FRAME];
    ssize_t n;

    while ((n = read(way->from, bytes, sizeof bytes)) > 0) {
        if (loses(cable) || way->count == SF2_CABLE_FRAMES) {
            way->lost++;
            continue;
        }
        struct sf2_cable_frame *frame =
            &way->frames[(way->first + way->count++) % SF2_CABLE_FRAMES];
        frame->due = due;
        frame->len = (uint32_t)n > ETHERNET_MIN ? (uint32_t)n : ETHERNET_MIN;
        memset(frame->bytes, 0, ETHERNET_MIN);
        memcpy(frame->bytes, bytes, (size_t)n);
    }
}

/* Hand out the frames whose time has come; milliseconds until the next, -1 when there is none. */
static int deliver(struct sf2_cable_way *way)
{
    while (way->count > 0) {
        const struct sf2_cable_frame *frame = &way->frames[way->first];
        int left = deadline_left(frame->due);
        if (left > 0)
            return left;
        /* When nobody is there, it is as lost as with a cable that ends nowhere. */
        if (write(way->to, frame->bytes, frame->len) == (ssize_t)frame->len)
            way->carried++;
        else
            way->lost++;
        way->first = (way->first + 1) % SF2_CABLE_FRAMES;
        way->count--;
    }
    return -1;
}

static void *carry(void *context)
{
    struct sf2_cable *cable = context;
    struct pollfd fds[] = {
        { .fd = cable->tap, .events = POLLIN },
        { .fd = cable->qemu, .events = POLLIN },
        { .fd = cable->stop, .events = POLLIN },
    };

    while (!(fds[2].revents & POLLIN)) {
        take(cable, &cable->to_board);
        take(cable, &cable->to_host);
        int one = deliver(&cable->to_board);
        int other = deliver(&cable->to_host);
        int wait = one < 0 || (other >= 0 && other < one) ? other : one;
        if (poll(fds, sizeof fds / sizeof *fds, wait) < 0 && errno != EINTR)
            break;
    }
    return NULL;
}

void sf2_cable_lay(struct sf2_cable *cable, const struct sf2_cable_options *options)
{
    memset(cable, 0, sizeof *cable);
    cable->options = *options;
    cable->random = options->seed;
    make_namespace(cable);
    open_socket(cable);
    cable->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    cr_assert_geq(cable->stop, 0);
    cable->to_board.from = cable->to_host.to = cable->tap;
    cable->to_board.to = cable->to_host.from = cable->qemu;
    cr_assert_eq(pthread_create(&cable->thread, NULL, carry, cable), 0);
}

void sf2_cable_end(struct sf2_cable *cable)
{
    const uint64_t one = 1;

    cr_assert_eq(write(cable->stop, &one, sizeof one), (ssize_t)sizeof one);
    cr_assert_eq(pthread_join(cable->thread, NULL), 0);
    loopback_close(&cable->tap);
    loopback_close(&cable->qemu);
    loopback_close(&cable->stop);
}
