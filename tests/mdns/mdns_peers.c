#include "mdns_peers.h"

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

static struct process *start(const struct world_host *host, const char *script,
                             const char *const *links, const char *const *args)
{
    struct world_text addresses[LINKS_MAX];
    const char *own[2 + 2 * LINKS_MAX + 1] = { script };
    const char *argv[ARGUMENTS_MAX];
    char line[16];

    need_zeroconf(host);
    for (size_t i = 0; links[i]; i++) {
        cr_assert_lt(i, LINKS_MAX);
        addresses[i] = world_address(host, links[i], WORLD_BEST);
        own[1 + 2 * i] = "--address";
        own[2 + 2 * i] = addresses[i].text;
    }
    join_arguments(argv, own, args);
    struct process *peer = world_start(host, PYTHON, argv);
    bool ready = process_read_line(peer, &peer->out, line, sizeof line, E2E_PATIENCE_MS);
    cr_assert(ready && strcmp(line, "ready") == 0, "%s says: %s", script, peer->err.text);
    return peer;
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

void peer_leave(struct process *peer)
{
    process_close_input(peer);
    program_finish(peer);
    expect_exit(peer, 0);
}
