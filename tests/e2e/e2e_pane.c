#include "e2e_pane.h"

#include "e2e.h"
#include "tests/support/deadline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void keep(struct pane *pane, const struct process *process)
{
    free(pane->screen);
    pane->screen = strdup(process->out.text);
    cr_assert(pane->screen);
}

/* Run a command of tmux; what it prints is kept when `is_look`. True when it succeeded. */
static bool run(struct pane *pane, const char *const *args, bool is_look)
{
    const char *argv[ARGUMENTS_MAX];
    struct process process;

    join_arguments(argv, ARGS("tmux", "-u", "-f", "/dev/null", "-S", pane->socket.text), args);
    cr_assert(process_start(&process, &(struct process_options){ .argv = argv }), "no tmux");
    bool is_done = process_wait(&process, E2E_PATIENCE_MS) && process.exit_code == 0;
    if (is_done && is_look)
        keep(pane, &process);
    process_free(&process);
    return is_done;
}

void pane_open(struct pane *pane, unsigned columns, unsigned rows, const char *command)
{
    char width[16];
    char height[16];
    char script[4096];

    *pane = (struct pane){ .socket = temp_path(&e2e_folder, "tmux"), .screen = strdup("") };
    snprintf(width, sizeof width, "%u", columns);
    snprintf(height, sizeof height, "%u", rows);
    int len = snprintf(script, sizeof script, "trap : INT; %s; echo EXIT $?; sleep 30", command);
    cr_assert(len > 0 && (size_t)len < sizeof script);
    cr_assert(run(pane, ARGS("new-session", "-d", "-x", width, "-y", height, script), false));
}

void pane_close(struct pane *pane)
{
    if (pane->socket.text[0] != '\0')
        run(pane, ARGS("kill-server"), false);
    free(pane->screen);
    *pane = (struct pane){ 0 };
}

static void look(struct pane *pane, const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, ARGS("capture-pane", "-p"), args);
    cr_assert(run(pane, argv, true), "the terminal is gone; it showed:\n%s", pane->screen);
}

void pane_look(struct pane *pane)
{
    look(pane, NULL);
}

void pane_look_back(struct pane *pane)
{
    look(pane, ARGS("-J", "-S", "-"));
}

void pane_look_coloured(struct pane *pane)
{
    look(pane, ARGS("-e"));
}

void pane_await(struct pane *pane, const char *text)
{
    int64_t deadline = deadline_after(E2E_PATIENCE_MS);

    do {
        pane_look(pane);
        if (strstr(pane->screen, text))
            return;
        usleep(20000);
    } while (deadline_left(deadline) > 0);
    cr_assert_fail("no \"%s\":\n%s", text, pane->screen);
}

void pane_resize(struct pane *pane, unsigned columns, unsigned rows)
{
    char width[16];
    char height[16];

    /* tmux keeps a size to itself that comes within a quarter of a second of another. */
    usleep(300000);
    snprintf(width, sizeof width, "%u", columns);
    snprintf(height, sizeof height, "%u", rows);
    cr_assert(run(pane, ARGS("resize-window", "-x", width, "-y", height), false));
}

void pane_key(struct pane *pane, const char *key)
{
    cr_assert(run(pane, ARGS("send-keys", key), false));
}

int pane_count(const struct pane *pane, const char *text)
{
    int count = 0;

    for (const char *at = pane->screen; (at = strstr(at, text)); at += strlen(text))
        count++;
    return count;
}

struct pane_line pane_line_with(const struct pane *pane, const char *text)
{
    struct pane_line line;
    const char *at = strstr(pane->screen, text);

    cr_assert(at, "no \"%s\":\n%s", text, pane->screen);
    while (at > pane->screen && at[-1] != '\n')
        at--;
    snprintf(line.text, sizeof line.text, "%.*s", (int)strcspn(at, "\n"), at);
    return line;
}
