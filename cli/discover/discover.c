#include "cli/discover/discover.h"

#include "cli/clock.h"
#include "cli/discover/discover_json.h"
#include "cli/discover/discover_options.h"
#include "cli/discover/discover_screen.h"
#include "cli/discover/discover_table.h"
#include "cli/discover/finder.h"
#include "cli/exit_code.h"

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

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
    char (*shown)[DEVICE_NAME_MAX]; /* with --watch: what has been told and is there */
    size_t shown_count;
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

/* Where the device is among those that are shown; their count when it is not. */
static size_t find_shown(const struct discover_job *job, const struct device *device)
{
    size_t i = 0;

    while (i < job->shown_count && strcasecmp(job->shown[i], device->name) != 0)
        i++;
    return i;
}

/* A device that begins to match, or ceases to, comes and goes as well. */
static enum finder_event note_shown(struct discover_job *job, enum finder_event event,
                                    const struct device *device)
{
    size_t at = find_shown(job, device);
    bool was_shown = at < job->shown_count;

    if (event == FINDER_REMOVED || !is_meant(job, device)) {
        if (was_shown)
            memmove(job->shown[at], job->shown[--job->shown_count], DEVICE_NAME_MAX);
        return FINDER_REMOVED;
    }
    if (was_shown)
        return FINDER_CHANGED;
    if (job->shown_count < FINDER_DEVICES_MAX)
        memcpy(job->shown[job->shown_count++], device->name, DEVICE_NAME_MAX);
    return FINDER_ADDED;
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
    } else if (!job->failed) {
        failure_set(&job->failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
        fail(job);
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
    size_t before = job->shown_count;
    enum finder_event shown = note_shown(job, event, device);

    if (shown == FINDER_REMOVED && before == job->shown_count)
        return;
    if (job->options.json)
        print_json(job, device, names[shown]);
    else
        print_line(job, shown, device);
    check_output(job);
}

static void on_event(void *ctx, enum finder_event event, const struct device *device)
{
    struct discover_job *job = ctx;

    if (job->failed)
        return;
    job->found = job->found || is_meant(job, device);
    if (job->options.watch) {
        watch(job, event, device);
    } else if (job->live && event == FINDER_ADDED && is_meant(job, device)) {
        discover_screen_add(&job->screen, device);
        check_output(job);
    }
}

/* --- The list at the end ---------------------------------------------------------------------- */

static void print_list(struct discover_job *job, const struct device *const *devices, size_t count)
{
    struct winsize size = { 0 };

    if (job->live) {
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
        discover_screen_finish(&job->screen, devices, count, size.ws_row, size.ws_col);
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

static void finish(struct discover_job *job)
{
    const struct device **devices;
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
    if (!job->found && !job->failed)
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
    if (job->options.watch) {
        job->shown = calloc(FINDER_DEVICES_MAX, sizeof *job->shown);
        return job->shown != NULL;
    }
    if (job->options.json || isatty(STDOUT_FILENO) != 1)
        return true;
    job->live = discover_screen_open(&job->screen, stdout, can_redraw && !job->options.debug);
    return job->live;
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
    free(job->shown);
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
        if (job->signal == 0)
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
