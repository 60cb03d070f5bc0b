#include "e2e_network.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The interpreter that the system's packages of modules are for. */
#define PYTHON "/usr/bin/python3"

/*
 * Who may not make networks may as root of a namespace of users. A process of several threads
 * cannot enter one, and Criterion has some when a test begins: so it is entered before main(), for
 * all tests. If that fails, they will be skipped.
 */
__attribute__((constructor)) static void enter_namespace_of_users(void)
{
    char map[32];
    int len = snprintf(map, sizeof map, "0 %u 1", (unsigned)geteuid());

    if (geteuid() == 0 || unshare(CLONE_NEWUSER) != 0)
        return;
    int fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, map, (size_t)len) != len)
        fprintf(stderr, "uid_map: %s\n", strerror(errno));
    if (fd >= 0)
        close(fd);
}

static bool bring_up_loopback(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

    if (fd >= 0)
        close(fd);
    return up;
}

void e2e_network_setup(void)
{
    e2e_setup();
    if (unshare(CLONE_NEWNET) != 0)
        cr_skip_test("needs network namespaces: %s (run as root, or allow namespaces of users)",
                     strerror(errno));
    cr_assert(bring_up_loopback(), "no loopback: %s", strerror(errno));
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", 1);
}

struct process *watcher_start(void)
{
    /* NOLINTNEXTLINE(cert-env33-c): a constant of the tests' */
    if (system(PYTHON " -c 'import zeroconf' 2>/dev/null") != 0)
        cr_skip_test("needs python3-zeroconf");
    struct process *watcher =
        program_start(PYTHON, ARGS(E2E_SUPPORT "/zeroconf_watch.py", "127.0.0.1"), NULL);
    watcher_sees(watcher, "ready");
    return watcher;
}

void watcher_sees(struct process *watcher, const char *end)
{
    char text[1024];

    snprintf(text, sizeof text, "%s\n", end);
    cr_assert(process_expect(watcher, &watcher->out, text, E2E_PATIENCE_MS),
              "\"%s\" is never seen; it saw:\n%s\nstderr:\n%s", end, watcher->out.text,
              watcher->err.text);
}
