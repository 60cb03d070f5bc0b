/*
 * Completions offer the devices of the network, whatever these call themselves: a name is inserted
 * as the one argument that it is, and nothing of it is ever run.
 */
#include "shell_terminal.h"
#include "tests/mdns/mdns_peers.h"

#include <unistd.h>

WORLD_SUITE(completion_devices);

#define HOSTILE "host $(touch r1) `touch r2` '\" ;touch r3 & !! {a,b} ~ <x >y"

static void expect_nothing_ran(void)
{
    static const char *const files[] = { "r1", "r2", "r3", "y" };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct temp_path path = temp_path(&e2e_folder, files[i]);
        cr_expect(access(path.text, F_OK) != 0, "%s has been made", files[i]);
    }
}

static struct process *begin(enum shell shell)
{
    struct world_host *attic = world_host("attic");

    world_link(&(struct world_link){ .name = "lan", .ipv4 = true }, HOSTS(world_here(), attic));
    peer_device(attic, "kitchen lamp", NULL);
    peer_device(attic, "bath:left", ARGS("--port", "8267"));
    peer_device(attic, HOSTILE, ARGS("--port", "8268", "--flash", "hostile.flash"));
    /* Who has only just announced itself does not answer for a second. */
    struct process *names = uploader_run(ARGS("discover", "--names"));
    expect_exit(names, 0);
    cr_assert_str_eq(names->out.text, "bath:left\n" HOSTILE "\nkitchen lamp\n");
    expect_silent(names->err);
    return shell_start(shell);
}

static void expect_devices(enum shell shell)
{
    struct process *terminal = begin(shell);

    shell_expect(terminal, "espota-c -i kit\t-f x", "<-i><kitchen lamp><-f><x>");
    shell_expect(terminal, "espota-c upload --ip=ba\t", "<upload><--ip=bath:left>");
    shell_expect(terminal, "espota-c -ikit\t", "<-ikitchen lamp>");
    shell_expect(terminal, "espota-c -i bath:\t", "<-i><bath:left>");
    shell_expect(terminal, "espota-c -i ho\t", "<-i><" HOSTILE ">");
    shell_expect(terminal, "espota-c --ip ho\t-f x", "<--ip><" HOSTILE "><-f><x>");
    expect_nothing_ran();
}

Test(completion_devices, bash_offers_them)
{
    expect_devices(SHELL_BASH);
}

Test(completion_devices, zsh_offers_them)
{
    expect_devices(SHELL_ZSH);
}

Test(completion_devices, fish_offers_them)
{
    expect_devices(SHELL_FISH);
}

/* What a name could end, or have expanded, is not inserted between quotes at all. */
Test(completion_devices, bash_keeps_to_quotes_that_are_open)
{
    struct process *terminal = begin(SHELL_BASH);

    shell_expect(terminal, "espota-c -i 'kit\t-f x", "<-i><kitchen lamp><-f><x>");
    shell_expect(terminal, "espota-c -i \"kit\t", "<-i><kitchen lamp>");
    shell_expect(terminal, "espota-c -i \"ho\t\"", "<-i><ho>");
    shell_expect(terminal, "espota-c -i 'ho\t'", "<-i><ho>");
    expect_nothing_ran();
}
