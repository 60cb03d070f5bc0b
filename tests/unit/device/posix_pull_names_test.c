/*
 * The puller's connection to a host by its name: where the name leads to, and what becomes of its
 * addresses.
 */
#include "tests/unit/device/posix_pull_rig.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

PULL_SUITE(posix_pull_names);

/* Another file in the place of one of the system's, for this test alone. */
static void replace(const char *path, const char *text)
{
    char name[] = "/tmp/posix_pull_XXXXXX";
    int fd = mkstemp(name);

    cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    int result = mount(name, path, NULL, MS_BIND, NULL);
    unlink(name);
    if (result != 0)
        cr_skip_test("%s cannot be replaced: %s", path, strerror(errno));
}

/* This test's own loopback, and its own view of files: who asks for names is in its hands. */
static void have_own_names(const char *hosts)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

    if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0)
        cr_skip_test("needs namespaces: %s (run as root)", strerror(errno));
    cr_assert_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    replace("/etc/hosts", hosts);
    replace("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    replace("/etc/nsswitch.conf", "hosts: files dns\n");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0);
    close(fd);
}

#define TWO_ADDRESSES "127.0.0.1 two.test\n::1 two.test\n"

/* Of the two, whichever comes first: nobody listens there. */
Test(posix_pull_names, the_next_address_when_the_first_refuses)
{
    static const char *const addresses[] = { "127.0.0.1", "::1" };

    have_own_names(TWO_ADDRESSES);
    for (size_t i = 0; i < 2; i++) {
        int fd = listener(addresses[i], 0);
        ask("two.test", loopback_port(fd));
        int peer = accept_request(fd);
        cr_assert_eq(pull.addresses, 2u);
        give_up();
        close(peer);
        close(fd);
    }
}

/* Nobody answers at the first of the two. */
Test(posix_pull_names, the_next_address_when_the_first_does_not_answer)
{
    static const char *const addresses[] = { "127.0.0.1", "::1" };

    have_own_names(TWO_ADDRESSES);
    for (size_t i = 0; i < 2; i++) {
        int fd = listener(addresses[i], 0);
        struct deaf deaf = deaf_start(addresses[1 - i], loopback_port(fd));
        ask("two.test", loopback_port(fd));
        int peer = accept_request(fd);
        give_up();
        deaf_stop(&deaf);
        close(peer);
        close(fd);
    }
}

/* However short the time is that the puller waits: each has a part of it. */
Test(posix_pull_names, every_address_when_none_answers)
{
    struct deaf deaf[POSIX_PULL_ADDRESSES];
    char hosts[512] = "";
    uint16_t port = 0;

    for (size_t i = 0; i < POSIX_PULL_ADDRESSES; i++) {
        size_t used = strlen(hosts);
        snprintf(hosts + used, sizeof hosts - used, "127.0.0.%zu many.test\n", i + 1);
    }
    have_own_names(hosts);
    for (size_t i = 0; i < POSIX_PULL_ADDRESSES; i++) {
        char address[16];
        snprintf(address, sizeof address, "127.0.0.%zu", i + 1);
        deaf[i] = deaf_start(address, port);
        port = loopback_port(deaf[i].listener);
    }
    config.connect_timeout_ms = 4000;
    ask("many.test", port);
    while (pull.tried < POSIX_PULL_ADDRESSES) {
        cr_assert_eq(events[OTA_PULL_EVENT_DONE], 0, "not all were tried");
        step(-1, 0);
    }
    expect_failed(OTA_PULL_NOT_CONNECTED);
    for (size_t i = 0; i < POSIX_PULL_ADDRESSES; i++)
        deaf_stop(&deaf[i]);
}

Test(posix_pull_names, a_name_that_nobody_has)
{
    have_own_names("127.0.0.1 localhost\n");
    ask("nobody.test", 80);
    expect_failed(OTA_PULL_NOT_CONNECTED);
}

/* The name server is asked, and does not answer: neither the loop nor giving up waits for it. */
Test(posix_pull_names, a_name_server_that_is_silent_holds_nothing_up)
{
    have_own_names("127.0.0.1 localhost\n");
    int server = loopback_bind("127.0.0.1", 53, SOCK_DGRAM);

    cr_assert_geq(server, 0);
    ask("somebody.test", 80);
    while (!(step(server, POLLIN) & POLLIN))
        ;
    cr_assert_eq(pull.state, POSIX_PULL_LOOKING_UP);
    ota_puller_abort(&puller, OTA_PULL_TIMEOUT);
    expect_failed(OTA_PULL_TIMEOUT);
    cr_assert_null(pull.lookup);

    /* The next one is as good as the first. */
    int fd = listener("127.0.0.1", 0);
    events[OTA_PULL_EVENT_DONE] = 0;
    ask("localhost", loopback_port(fd));
    expect_update(fd, 60000);
    close(server);
}
