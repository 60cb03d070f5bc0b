#include "mdns_world.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOSTS_MAX 8 /* the switch is one of them */
#define LINKS_MAX 4
#define HERE      0
#define SWITCH    1 /* the host with a bridge for each link */

/* Makes an empty /run with what daemons expect there. */
#define MAKE_RUN "mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/dbus /run/avahi-daemon"

struct world_host {
    char name[32];
    unsigned number;       /* the last part of its addresses */
    pid_t pid;             /* of a process that is there */
    struct process holder; /* that process; not used for "here" */
};

/* All of this is one test's: it has a process of its own. */
static struct world_host hosts[HOSTS_MAX];
static size_t host_count;
static struct world_link links[LINKS_MAX];
static size_t link_count;

/* ---- programs ---- */

void world_needs(const char *const *programs)
{
    for (; *programs; programs++) {
        char command[128];
        snprintf(command, sizeof command, "command -v %s >/dev/null", *programs);
        if (system(command) != 0) /* NOLINT(cert-env33-c): a constant of the tests' */
            cr_skip_test("needs %s, which is not installed", *programs);
    }
}

/* What nsenter wants to know. */
struct way_in {
    char pid[16];
    char folder[TEMP_PATH_MAX + 16];
};

/* The command line that starts a program on a host. */
static void enter(const char *argv[ARGUMENTS_MAX], struct way_in *way,
                  const struct world_host *host, const char *program, const char *const *args)
{
    const char *const direct[] = { program, NULL };
    const char *const entering[] = { "nsenter", "--target",  way->pid, "--net", "--mount",
                                     "--uts",   way->folder, "--",     program, NULL };

    snprintf(way->pid, sizeof way->pid, "%d", (int)host->pid);
    snprintf(way->folder, sizeof way->folder, "--wdns=%s", e2e_folder.path);
    join_arguments(argv, host == &hosts[HERE] ? direct : entering, args);
}

void world_shell(const struct world_host *host, const char *format, ...)
{
    char command[1024];
    struct way_in way;
    const char *argv[ARGUMENTS_MAX];
    struct process process;
    va_list arguments;

    va_start(arguments, format);
    int len = vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    cr_assert_lt((size_t)len, sizeof command);
    enter(argv, &way, host, "sh", ARGS("-ec", command));
    cr_assert(process_start(&process, &(struct process_options){ .argv = argv }), "no shell");
    bool ended = process_wait(&process, E2E_PATIENCE_MS);
    cr_assert(ended && process.exit_code == 0, "on %s: %s: %s", host->name, command,
              process.err.text);
    process_free(&process);
}

struct process *world_start(const struct world_host *host, const char *program,
                            const char *const *args)
{
    struct way_in way;
    const char *argv[ARGUMENTS_MAX];

    enter(argv, &way, host, program, args);
    return program_start(argv[0], argv + 1, NULL);
}

struct process *world_run(const struct world_host *host, const char *program,
                          const char *const *args)
{
    struct process *process = world_start(host, program, args);

    program_finish(process);
    return process;
}

void world_kill(struct process *process)
{
    process_signal(process, SIGKILL);
    cr_assert(process_wait(process, E2E_PATIENCE_MS));
}

/* ---- the world's beginning and end ---- */

#define NAMESPACES (CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS)

static bool may_make_namespaces(void)
{
    int status = 1;
    pid_t pid = fork();

    if (pid == 0)
        _exit(unshare(NAMESPACES) != 0);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void write_text(const char *path, const char *text)
{
    ssize_t len = (ssize_t)strlen(text);
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, (size_t)len) != len)
        fprintf(stderr, "%s: %s\n", path, strerror(errno)); /* the tests will be skipped */
    if (fd >= 0)
        close(fd);
}

/*
 * Whoever is not root becomes it in a namespace of users. That is for processes of one thread, as
 * Criterion's are none any more when a test begins: so do it before main(), for all tests.
 */
__attribute__((constructor)) static void become_root_of_another_world(void)
{
    unsigned uid = geteuid();
    unsigned gid = getegid();
    char map[64];

    if (may_make_namespaces() || unshare(CLONE_NEWUSER) != 0)
        return;
    write_text("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1", uid);
    write_text("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "0 %u 1", gid);
    write_text("/proc/self/gid_map", map);
}

static struct world_host *add_host(const char *name)
{
    cr_assert_lt(host_count, HOSTS_MAX);
    struct world_host *host = &hosts[host_count++];
    host->number = (unsigned)host_count;
    snprintf(host->name, sizeof host->name, "%s", name);
    return host;
}

/* False with errno when it is not allowed. */
static bool make_world(void)
{
    if (unshare(NAMESPACES) != 0)
        return false;
    world_shell(&hosts[HERE],
                "mount --make-rprivate / && " MAKE_RUN " && hostname here && ip link set lo up");
    world_host("switch");
    return true;
}

static void add_here(void)
{
    e2e_setup();
    unsetenv("DBUS_SYSTEM_BUS_ADDRESS"); /* daemons are where programs look for them */
    add_host("here")->pid = getpid();
}

void world_setup(void)
{
    add_here();
    world_needs(ARGS("ip", "nsenter", "unshare", "hostname", "mount"));
    if (!make_world())
        cr_skip_test("needs network namespaces: %s (run as root, or allow namespaces of users)",
                     strerror(errno));
}

void world_setup_loopback(void)
{
    add_here();
    make_world();
}

void world_teardown(void)
{
    e2e_teardown();
    while (host_count > 0) {
        host_count--;
        if (host_count != HERE)
            process_free(&hosts[host_count].holder);
    }
}

/* ---- hosts ---- */

struct world_host *world_here(void)
{
    return &hosts[HERE];
}

struct world_host *world_host(const char *name)
{
    static const char script[] = MAKE_RUN " && hostname \"$0\" && ip link set lo up && echo ready"
                                          " && exec cat";
    const char *argv[] = { "unshare", "--net", "--mount", "--uts", "--propagation", "private", "sh",
                           "-c",      script,  name,      NULL };
    struct world_host *host = add_host(name);
    char line[16];

    cr_assert(process_start(&host->holder, &(struct process_options){ .argv = argv }));
    host->pid = host->holder.pid;
    cr_assert(
        process_read_line(&host->holder, &host->holder.out, line, sizeof line, E2E_PATIENCE_MS),
        "no host %s: %s", name, host->holder.err.text);
    return host;
}

const char *world_name(const struct world_host *host)
{
    return host->name;
}

/* ---- links ---- */

/* Their numbers begin with 1. */
static unsigned link_number(const char *name)
{
    unsigned i = 0;

    while (i < link_count && strcmp(links[i].name, name) != 0)
        i++;
    cr_assert_lt(i, link_count, "there is no link %s", name);
    return i + 1;
}

struct world_text world_address(const struct world_host *host, const char *link,
                                enum world_kind kind)
{
    unsigned number = link_number(link);
    const struct world_link *options = &links[number - 1];
    struct world_text address;

    if (kind == WORLD_BEST)
        kind = options->ipv4 ? WORLD_IPV4 : options->ipv6 ? WORLD_IPV6 : WORLD_ULA;
    if (kind == WORLD_IPV4)
        snprintf(address.text, sizeof address.text, "10.%u.0.%u", number, host->number);
    else
        snprintf(address.text, sizeof address.text,
                 kind == WORLD_IPV6 ? "fe80::%u:%u" : "fd00:%u::%u", number, host->number);
    return address;
}

/* Interfaces get the addresses that are given to them, and no others. */
static void connect_host(const struct world_link *link, const struct world_host *host)
{
    unsigned number = link_number(link->name);

    world_shell(&hosts[SWITCH],
                "ip link add p%ux%u address 02:01:00:00:%02x:%02x type veth"
                " peer name %s address 02:00:00:00:%02x:%02x netns %d\n"
                "ip link set p%ux%u master %s addrgenmode none up",
                number, host->number, number, host->number, link->name, number, host->number,
                (int)host->pid, number, host->number, link->name);
    world_shell(host, "ip link set %s addrgenmode none up", link->name);
    if (link->ipv4)
        world_shell(host, "ip addr add %s/24 dev %s",
                    world_address(host, link->name, WORLD_IPV4).text, link->name);
    if (link->ipv6)
        world_shell(host, "ip addr add %s/64 dev %s nodad",
                    world_address(host, link->name, WORLD_IPV6).text, link->name);
    if (link->ula)
        world_shell(host, "ip addr add %s/64 dev %s nodad",
                    world_address(host, link->name, WORLD_ULA).text, link->name);
}

void world_link(const struct world_link *link, struct world_host *const *on)
{
    cr_assert(link_count < LINKS_MAX && strlen(link->name) <= 12);
    links[link_count++] = *link;
    world_shell(&hosts[SWITCH],
                "ip link add %s type bridge mcast_snooping 0 stp_state 0\n"
                "ip link set %s addrgenmode none up",
                link->name, link->name);
    for (; *on; on++)
        connect_host(link, *on);
}

void world_unplug(const struct world_host *host, const char *link)
{
    world_shell(&hosts[SWITCH], "ip link set p%ux%u down", link_number(link), host->number);
}

void world_plug(const struct world_host *host, const char *link)
{
    world_shell(&hosts[SWITCH], "ip link set p%ux%u up", link_number(link), host->number);
}

void world_loss(const struct world_host *host, unsigned percent)
{
    world_needs(ARGS("iptables", "ip6tables"));
    cr_assert_lt(percent, 100);
    world_shell(host,
                "for tables in iptables ip6tables; do\n"
                "    $tables -F INPUT\n"
                "    [ %u -eq 0 ] || $tables -A INPUT -p udp --dport 5353"
                " -m statistic --mode random --probability 0.%02u -j DROP\n"
                "done",
                percent, percent);
}
