#include "mdns_peers.h"

#include <stdio.h>
#include <string.h>

#define PYTHON "/usr/bin/python3" /* the one that Debian's packages are for */

/* Room for --address ADDRESS for each link. */
#define LINKS_MAX 4

static void need_zeroconf(const struct world_host *host)
{
    static const char probe[] = "import zeroconf";
    struct process *python = world_start(host, PYTHON, ARGS("-c", probe));

    program_finish(python);
    if (python->exit_code != 0)
        cr_skip_test("needs python3-zeroconf, which is not installed");
}

static struct process *start_ready(const struct world_host *host, const char *program,
                                   const char *const *args)
{
    struct process *peer = world_start(host, program, args);
    char line[16];

    bool ready = process_read_line(peer, &peer->out, line, sizeof line, E2E_PATIENCE_MS);
    cr_assert(ready && strcmp(line, "ready") == 0, "%s says: %s", args[0], peer->err.text);
    return peer;
}

static struct process *start(const struct world_host *host, const char *script,
                             const char *const *links, const char *const *args)
{
    struct world_text addresses[LINKS_MAX];
    const char *own[2 + 2 * LINKS_MAX + 1] = { script };
    const char *argv[ARGUMENTS_MAX];

    need_zeroconf(host);
    for (size_t i = 0; links[i]; i++) {
        cr_assert_lt(i, LINKS_MAX);
        addresses[i] = world_address(host, links[i], WORLD_BEST);
        own[1 + 2 * i] = "--address";
        own[2 + 2 * i] = addresses[i].text;
    }
    join_arguments(argv, own, args);
    return start_ready(host, PYTHON, argv);
}

struct process *peer_publish(const struct world_host *host, const char *const *links,
                             const char *const *args)
{
    return start(host, MDNS_FOLDER "/zeroconf_publish.py", links, args);
}

struct process *peer_browse(const struct world_host *host, const char *const *links)
{
    return start(host, MDNS_FOLDER "/zeroconf_browse.py", links, NULL);
}

struct process *peer_hostile(const struct world_host *host, const char *link, const char *kind)
{
    struct world_text address = world_address(host, link, WORLD_IPV4);

    return start_ready(host, MDNS_HOSTILE, ARGS(address.text, kind));
}

struct process *peer_many(const struct world_host *host, unsigned count)
{
    char number[16];

    snprintf(number, sizeof number, "%u", count);
    return start_ready(host, MDNS_MANY, ARGS(number));
}

struct process *peer_device(const struct world_host *host, const char *name,
                            const char *const *args)
{
    char file[128];
    const char *argv[ARGUMENTS_MAX];

    snprintf(file, sizeof file, "%s.%s.flash", name, world_name(host));
    join_arguments(argv, ARGS("--flash", file, "--name", name), args);
    struct process *device = world_start(host, E2E_DEVICE, argv);
    cr_assert(process_expect(device, &device->out, "announced ", E2E_PATIENCE_MS),
              "%s is not announced: %s%s", name, device->out.text, device->err.text);
    return device;
}

void peer_leave(struct process *peer)
{
    process_close_input(peer);
    program_finish(peer);
    expect_exit(peer, 0);
}
