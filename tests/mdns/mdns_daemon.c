#include "mdns_daemon.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* What a distribution's system.conf allows its daemons, to everybody. */
static const char bus_settings[] =
    "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
    " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
    "<busconfig>\n"
    "  <type>system</type>\n"
    "  <listen>unix:path=/run/dbus/system_bus_socket</listen>\n"
    "  <auth>EXTERNAL</auth>\n"
    "  <policy context=\"default\">\n"
    "    <allow own=\"*\"/> <allow user=\"*\"/>\n"
    "    <allow send_type=\"method_call\"/> <allow send_type=\"signal\"/>\n"
    "    <allow send_requested_reply=\"true\" send_type=\"method_return\"/>\n"
    "    <allow send_requested_reply=\"true\" send_type=\"error\"/>\n"
    "    <allow receive_type=\"method_call\"/> <allow receive_type=\"method_return\"/>\n"
    "    <allow receive_type=\"error\"/> <allow receive_type=\"signal\"/>\n"
    "  </policy>\n"
    "</busconfig>\n";

static const char avahi_settings[] = "[server]\n"
                                     "host-name=%s\n"
                                     "use-ipv4=yes\n"
                                     "use-ipv6=yes\n"
                                     "enable-dbus=yes\n"
                                     "[wide-area]\n"
                                     "enable-wide-area=no\n";

static struct temp_path write_settings(const char *name, const char *text)
{
    struct temp_path path = temp_path(&e2e_folder, name);

    cr_assert(file_write(path.text, text, strlen(text)), "%s", path.text);
    return path;
}

/*
 * The user that avahi-daemon wants to exist is root by another name: others may not exist in a
 * namespace of users.
 */
static void make_users(const struct world_host *host)
{
    static const char users[] = "root:x:0:0::/root:/bin/sh\navahi:x:0:0::/:/bin/false\n";
    static const char groups[] = "root:x:0:\navahi:x:0:\n";
    struct temp_path passwd = write_settings("passwd", users);
    struct temp_path group = write_settings("group", groups);

    world_shell(host, "mount --bind %s /etc/passwd && mount --bind %s /etc/group", passwd.text,
                group.text);
}

static struct process *start_avahi(const struct world_host *host)
{
    char name[64];
    char text[512];

    snprintf(name, sizeof name, "%s.conf", world_name(host));
    snprintf(text, sizeof text, avahi_settings, world_name(host));
    struct temp_path settings = write_settings(name, text);
    struct process *avahi = world_start(host, "avahi-daemon",
                                        ARGS("--file", settings.text, "--no-drop-root",
                                             "--no-chroot", "--no-rlimits", "--no-proc-title"));
    cr_assert(process_expect(avahi, &avahi->err, "startup complete", E2E_PATIENCE_MS),
              "avahi-daemon says: %s", avahi->err.text);
    return avahi;
}

struct world_daemon world_daemon(const struct world_host *host)
{
    struct world_daemon daemon;

    world_needs(ARGS("dbus-daemon", "avahi-daemon"));
    make_users(host);
    struct temp_path bus = write_settings("bus.conf", bus_settings);
    daemon.bus = world_start(host, "dbus-daemon",
                             ARGS("--nofork", "--nopidfile", "--nosyslog", "--print-address",
                                  "--config-file", bus.text));
    cr_assert(process_expect(daemon.bus, &daemon.bus->out, "unix:", E2E_PATIENCE_MS),
              "dbus-daemon says: %s", daemon.bus->err.text);
    daemon.avahi = start_avahi(host);
    return daemon;
}

void world_daemon_restart(const struct world_host *host, struct world_daemon *daemon)
{
    process_signal(daemon->avahi, SIGTERM);
    cr_assert(process_wait(daemon->avahi, E2E_PATIENCE_MS), "avahi-daemon does not end");
    daemon->avahi = start_avahi(host);
}
