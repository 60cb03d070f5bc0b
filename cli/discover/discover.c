#include "cli/discover/discover.h"

#include "cli/clock.h"
#include "cli/discover/discover_json.h"
#include "cli/discover/discover_names.h"
#include "cli/discover/discover_options.h"
#include "cli/discover/discover_screen.h"
#include "cli/discover/discover_table.h"
#include "cli/discover/finder.h"
#include "cli/discover/target.h"
#include "cli/exit_code.h"

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Lines of a terminal that does not tell. */
#define USUAL_ROWS 24

struct discover_job {
    struct discover_options options;
    struct event_base *base;
    struct event *timeout;
    struct event *interrupt;
    struct event *terminate;
    struct finder *finder;
    uint64_t started_ms;
    bool live; /* the screen is open */
    struct discover_screen screen;
    struct discover_names shown;   /* with --watch: what has been told and is there */
    struct discover_widths widths; /* with --watch */
    bool found;                    /* something, at any time */
    int signal;                    /* that ended it, or 0 */
    bool failed;
    struct failure failure;
};

static void fail(struct discover_job *job)
{
    job->failed = true;
    event_base_loopbreak(job->base);
}

static void lack_memory(struct discover_job *job)
{
    if (job->failed)
        return;
    failure_set(&job->failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    fail(job);
}

/* Whoever reads the output must not take a part of it for all there was. */
static void check_output(struct discover_job *job)
{
    if (job->failed || (fflush(stdout) == 0 && !ferror(stdout)))
        return;
    failure_set(&job->failure, EXIT_LOCAL_FAILURE, "cannot write to standard output: %s",
                strerror(errno));
    fail(job);
}

static void on_log(void *ctx, const char *text)
{
    const struct discover_job *job = ctx;

    fprintf(stderr, "[%7.3f] %s\n", (double)(clock_ms() - job->started_ms) / 1000.0, text);
}

static void on_lost(void *ctx, const struct failure *failure)
{
    struct discover_job *job = ctx;

    job->failure = *failure;
    fail(job);
}

static bool is_meant(const struct discover_job *job, const struct device *device)
{
    const struct discover_options *options = &job->options;
    char board[4 * 256];

    if (options->match && !device_matches(device, options->match))
        return false;
    return !options->board ||
           fnmatch(options->board, device_board(device, board, sizeof board), FNM_CASEFOLD) == 0;
}

/* --- Watching --------------------------------------------------------------------------------- */

/*
 * What becomes of a device in the list; false when that is no news. One that begins to match, or
 * ceases to, comes and goes as well.
 */
static bool note_shown(struct discover_job *job, enum finder_event *event,
                       const struct device *device)
{
    if (*event == FINDER_REMOVED || !is_meant(job, device)) {
        *event = FINDER_REMOVED;
        return discover_names_remove(&job->shown, device->name);
    }
    *event = discover_names_has(&job->shown, device->name) ? FINDER_CHANGED : FINDER_ADDED;
    discover_names_add(&job->shown, device->name);
    return true;
}

static void print_line(struct discover_job *job, enum finder_event event,
                       const struct device *device)
{
    static const char signs[] = {
        [FINDER_ADDED] = '+',
        [FINDER_CHANGED] = '~',
        [FINDER_REMOVED] = '-',
    };
    struct discover_row row;
    char clock[16] = "";
    time_t now = time(NULL);
    struct tm local;

    if (localtime_r(&now, &local))
        strftime(clock, sizeof clock, "%H:%M:%S", &local);
    discover_row_fill(&row, device);
    discover_widths_add(&job->widths, &row);
    printf("%s %c ", clock, signs[event]);
    discover_row_print(stdout, &row, &job->widths);
}

static void print_json(struct discover_job *job, const struct device *device, const char *event)
{
    char *line = discover_json_line(device, event);

    if (line) {
        puts(line);
    } else {
        lack_memory(job);
    }
    free(line);
}

static void watch(struct discover_job *job, enum finder_event event, const struct device *device)
{
    static const char *const names[] = {
        [FINDER_ADDED] = "add",
        [FINDER_CHANGED] = "change",
        [FINDER_REMOVED] = "remove",
    };

    if (!note_shown(job, &event, device))
        return;
    if (job->options.json)
        print_json(job, device, names[event]);
    else
        print_line(job, event, device);
    check_output(job);
}

static void log_event(struct discover_job *job, enum finder_event event,
                      const struct device *device)
{
    static const char *const words[] = {
        [FINDER_ADDED] = "found",
        [FINDER_CHANGED] = "changed",
        [FINDER_REMOVED] = "gone",
    };
    char name[4 * DEVICE_NAME_MAX];
    char line[sizeof name + 16];

    snprintf(line, sizeof line, "%s %s", words[event], device_name_text(device, name, sizeof name));
    on_log(job, line);
}

static void on_event(void *ctx, enum finder_event event, const struct device *device)
{
    struct discover_job *job = ctx;

    if (job->failed)
        return;
    if (job->options.debug)
        log_event(job, event, device);
    job->found = job->found || is_meant(job, device);
    if (job->options.watch) {
        watch(job, event, device);
    } else if (job->live && event == FINDER_ADDED && is_meant(job, device)) {
        discover_screen_add(&job->screen, device);
        check_output(job);
    }
}

/* --- The list at the end ---------------------------------------------------------------------- */

/* Zeros where it does not say. */
static struct winsize terminal_size(void)
{
    struct winsize size = { 0 };

    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    return size;
}

static void print_names(const struct device *const *devices, size_t count)
{
    char text[TARGET_TEXT_MAX];

    for (size_t i = 0; i < count; i++)
        puts(target_text(devices[i], text));
}

static void print_list(struct discover_job *job, const struct device *const *devices, size_t count)
{
    struct winsize size = terminal_size();

    if (job->live) {
        if (!discover_screen_finish(&job->screen, devices, count, size.ws_row, size.ws_col))
            lack_memory(job);
    } else if (job->options.names) {
        print_names(devices, count);
    } else if (job->options.json) {
        for (size_t i = 0; i < count; i++)
            print_json(job, devices[i], NULL);
    } else {
        discover_screen_table(stdout, devices, count);
    }
    check_output(job);
}

static void explain_nothing(const struct discover_job *job, size_t others)
{
    if (others > 0) {
        fprintf(stderr,
                "espota-c: no device matches; %zu other%s found\n"
                "    Without --match and --board they are listed.\n",
                others, others == 1 ? " was" : "s were");
        return;
    }
    fprintf(stderr,
            "espota-c: no device found in %g s\n"
            "    Is the device on, and in this network? Its announcements (mDNS) do not cross\n"
            "    routers, VLANs, VPNs, or the border of a container's network.\n"
            "    Does its sketch start ArduinoOTA, and call ArduinoOTA.handle() all the time?\n"
            "    Is UDP port 5353 open in this machine's firewall, and client isolation off in\n"
            "    the access point? With an address no search is needed: espota-c -i ADDRESS\n",
            (double)job->options.timeout_ms / 1000.0);
}

/* However it ends, also when it is interrupted, what has been found is printed. */
static void finish(struct discover_job *job)
{
    const struct device **devices;

    /* Nobody may read the list: from now on a signal ends the program at once. */
    event_del(job->interrupt);
    event_del(job->terminate);
    size_t total = finder_devices(job->finder, &devices);
    size_t count = 0;

    for (size_t i = 0; i < total; i++) {
        if (is_meant(job, devices[i]))
            devices[count++] = devices[i];
    }
    if (!job->options.watch) {
        job->found = count > 0;
        print_list(job, devices, count);
    }
    if (!job->found && !job->failed && job->signal == 0 && !job->options.names)
        explain_nothing(job, total);
    free(devices);
}

/* --- The run ---------------------------------------------------------------------------------- */

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
    struct discover_job *job = arg;

    (void)fd;
    (void)what;
    event_base_loopbreak(job->base);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct discover_job *job = arg;

    (void)what;
    job->signal = (int)number;
    event_base_loopbreak(job->base);
}

static bool add_events(struct discover_job *job)
{
    const struct timeval timeout = {
        .tv_sec = job->options.timeout_ms / 1000,
        .tv_usec = (suseconds_t)(job->options.timeout_ms % 1000) * 1000,
    };

    job->timeout = evtimer_new(job->base, on_timeout, job);
    job->interrupt = evsignal_new(job->base, SIGINT, on_signal, job);
    job->terminate = evsignal_new(job->base, SIGTERM, on_signal, job);
    return job->timeout && job->interrupt && job->terminate &&
           event_add(job->interrupt, NULL) == 0 && event_add(job->terminate, NULL) == 0 &&
           (job->options.timeout_ms == 0 || event_add(job->timeout, &timeout) == 0);
}

/* On a terminal the user sees each device as soon as it is found. */
static bool start_output(struct discover_job *job)
{
    const char *terminal = getenv("TERM");
    bool can_redraw = terminal && terminal[0] != '\0' && strcmp(terminal, "dumb") != 0;

    job->widths = discover_widths_usual();
    if (job->options.watch)
        return discover_names_open(&job->shown);
    if (job->options.json || job->options.names || isatty(STDOUT_FILENO) != 1)
        return true;
    size_t rows = terminal_size().ws_row;
    job->live = true;
    return discover_screen_open(&job->screen, stdout, can_redraw && !job->options.debug,
                                rows > 0 ? rows : USUAL_ROWS);
}

static bool start(struct discover_job *job)
{
    const struct finder_options options = {
        .mode = job->options.mdns.mode,
        .interface = job->options.mdns.interface,
        .family = job->options.family,
        .insist = true,
        .log = job->options.debug ? on_log : NULL,
        .event = on_event,
        .lost = on_lost,
        .ctx = job,
    };

    job->started_ms = clock_ms();
    job->base = event_base_new();
    if (!job->base || !add_events(job) || !start_output(job))
        return failure_set(&job->failure, EXIT_LOCAL_FAILURE, "cannot start: %s", strerror(errno));
    job->finder = finder_open(job->base, &options, &job->failure);
    return job->finder != NULL;
}

static void release(struct discover_job *job)
{
    struct event *const events[] = { job->timeout, job->interrupt, job->terminate };

    finder_close(job->finder);
    if (job->live)
        discover_screen_close(&job->screen);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        if (events[i])
            event_free(events[i]);
    }
    if (job->base)
        event_base_free(job->base);
    discover_names_close(&job->shown);
}

int discover_run(int argc, char **argv)
{
    struct discover_job *job = calloc(1, sizeof *job);

    if (!job) {
        perror("espota-c");
        return EXIT_LOCAL_FAILURE;
    }
    discover_options_parse(&job->options, argc, argv);
    signal(SIGPIPE, SIG_IGN);
    job->failed = !start(job);
    if (!job->failed) {
        event_base_dispatch(job->base);
        finish(job);
    }
    int code = job->failed ? failure_print(&job->failure)
                           : (int)(job->found ? EXIT_UPDATED : EXIT_NOT_FOUND);
    int signal_number = job->signal;
    release(job);
    free(job);
    if (signal_number != 0) {
        /* A shell must see that it was a signal, and stop as well. */
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    return code;
}
