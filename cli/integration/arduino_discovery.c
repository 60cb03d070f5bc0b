#include "cli/integration/arduino_discovery.h"

#include "cli/discover/finder.h"
#include "cli/discover/mdns_options.h"
#include "cli/integration/arduino_port.h"
#include "cli/integration/arduino_protocol.h"
#include "cli/integration/line_writer.h"
#include "cli/printable.h"
#include "cli/usage.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As long as more than this waits for the client to read it, its commands wait, too. */
#define PENDING_HIGH ((size_t)64 * 1024)

/* What may wait at all. As many devices as there may be, each as large as may be, do fit. */
#define PENDING_MAX ((size_t)16 * 1024 * 1024)

/* For the client to read the last answers, when it has ended the conversation. */
#define FLUSH_S 5

/* Between two attempts to look for devices, once the way to do it is lost. */
#define REOPEN_S 5

struct discovery {
    struct mdns_choice mdns;
    bool debug;
    struct event_base *base;
    struct arduino_protocol protocol;
    struct finder *finder; /* NULL: not looking, or the way to it is lost */
    struct line_writer *answers;
    struct event *commands; /* stdin is readable */
    struct event *reopen;
    struct event *flush; /* time is up */
    char bytes[4096];    /* commands that were read, and not yet carried out */
    size_t len;
    bool ending; /* as soon as the answers are written */
    struct failure failure;
};

/* --- The end ---------------------------------------------------------------------------------- */

/* `failure` is filled in. */
static void fail(struct discovery *discovery)
{
    event_base_loopbreak(discovery->base);
    discovery->ending = true;
}

/* The conversation is over. */
static void end(struct discovery *discovery)
{
    const struct timeval patience = { .tv_sec = FLUSH_S };

    discovery->ending = true;
    event_del(discovery->commands);
    if (line_writer_pending(discovery->answers) == 0)
        event_base_loopbreak(discovery->base);
    else
        event_add(discovery->flush, &patience);
}

static void on_flush_timeout(evutil_socket_t fd, short what, void *arg)
{
    struct discovery *discovery = arg;

    (void)fd;
    (void)what;
    failure_set(&discovery->failure, EXIT_LOCAL_FAILURE,
                "standard output: nobody reads the last answers");
    fail(discovery);
}

static void on_write_failed(void *ctx, int error)
{
    struct discovery *discovery = ctx;

    failure_set(&discovery->failure, EXIT_LOCAL_FAILURE, "standard output: %s",
                error == ENOBUFS ? "nobody reads it" : strerror(error));
    fail(discovery);
}

/* Something that the client should have been told is lost. */
static bool has_memory(struct discovery *discovery)
{
    if (!discovery->protocol.no_memory)
        return true;
    failure_set(&discovery->failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    fail(discovery);
    return false;
}

/* --- Devices ---------------------------------------------------------------------------------- */

static void log_step(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "espota-c: %s\n", text);
}

static void on_device(void *ctx, enum finder_event event, const struct device *device)
{
    struct discovery *discovery = ctx;

    if (event == FINDER_REMOVED)
        arduino_protocol_remove_port(&discovery->protocol, device->name);
    else
        arduino_protocol_set_port(&discovery->protocol, device->name, arduino_port(device));
    has_memory(discovery);
}

static void reopen_later(struct discovery *discovery)
{
    const struct timeval interval = { .tv_sec = REOPEN_S };

    event_add(discovery->reopen, &interval);
}

/* Nothing is known of the devices any more; the finder is closed later, as this comes from it. */
static void on_lost(void *ctx, const struct failure *failure)
{
    struct discovery *discovery = ctx;

    failure_print(failure);
    fprintf(stderr, "    All ports are gone. Another attempt follows every %d s.\n", REOPEN_S);
    arduino_protocol_remove_all(&discovery->protocol);
    reopen_later(discovery);
}

static bool look(struct discovery *discovery, struct failure *failure)
{
    const struct finder_options options = {
        .mode = discovery->mdns.mode,
        .interface = discovery->mdns.interface,
        .family = AF_UNSPEC,
        .insist = true,
        .log = discovery->debug ? log_step : NULL,
        .event = on_device,
        .lost = on_lost,
        .ctx = discovery,
    };

    if (discovery->mdns.mode == MDNS_OFF)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "mDNS is switched off (--mdns=off)");
    discovery->finder = finder_open(discovery->base, &options, failure);
    return discovery->finder != NULL;
}

static void on_reopen(evutil_socket_t fd, short what, void *arg)
{
    struct discovery *discovery = arg;
    struct failure failure;

    (void)fd;
    (void)what;
    finder_close(discovery->finder);
    discovery->finder = NULL;
    if (look(discovery, &failure))
        return;
    if (discovery->debug)
        failure_print(&failure);
    arduino_protocol_remove_all(&discovery->protocol);
    reopen_later(discovery);
}

/* --- The conversation ------------------------------------------------------------------------- */

static bool start(void *ctx, struct failure *failure)
{
    struct discovery *discovery = ctx;

    return look(discovery, failure);
}

static void stop(void *ctx)
{
    struct discovery *discovery = ctx;

    event_del(discovery->reopen);
    finder_close(discovery->finder);
    discovery->finder = NULL;
}

static void say(void *ctx, const char *line, size_t len)
{
    struct discovery *discovery = ctx;

    line_writer_put(discovery->answers, line, len);
}

/* Carry out what was read, as far as the client reads the answers; then read on. */
static void converse(struct discovery *discovery)
{
    struct arduino_protocol *protocol = &discovery->protocol;
    size_t done = 0;

    while (done < discovery->len && protocol->state != ARDUINO_OVER && !protocol->no_memory &&
           line_writer_pending(discovery->answers) <= PENDING_HIGH)
        done += arduino_protocol_feed(protocol, discovery->bytes + done, discovery->len - done);
    discovery->len -= done;
    memmove(discovery->bytes, discovery->bytes + done, discovery->len);
    if (!has_memory(discovery))
        return;
    if (protocol->state == ARDUINO_OVER)
        end(discovery);
    else if (discovery->len == 0)
        event_add(discovery->commands, NULL);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct discovery *discovery = arg;
    ssize_t n = read((int)fd, discovery->bytes, sizeof discovery->bytes);

    (void)what;
    if (n == 0) {
        end(discovery);
        return;
    }
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        failure_set(&discovery->failure, EXIT_LOCAL_FAILURE, "standard input: %s", strerror(errno));
        fail(discovery);
        return;
    }
    discovery->len = n > 0 ? (size_t)n : 0;
    converse(discovery);
}

static void on_drained(void *ctx)
{
    struct discovery *discovery = ctx;

    if (discovery->ending)
        event_base_loopbreak(discovery->base);
    else if (discovery->len > 0)
        converse(discovery);
}

/* --- The command ------------------------------------------------------------------------------ */

/* A base that takes any kind of descriptor: stdin and stdout may be files. */
static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (config && event_config_require_features(config, EV_FEATURE_FDS) == 0)
        base = event_base_new_with_config(config);
    if (config)
        event_config_free(config);
    return base;
}

static bool prepare(struct discovery *discovery)
{
    const struct line_writer_options options = {
        .fd = STDOUT_FILENO,
        .limit = PENDING_MAX,
        .drained = on_drained,
        .failed = on_write_failed,
        .ctx = discovery,
    };
    struct event_base *base = make_base();

    discovery->base = base;
    if (!base)
        return false;
    discovery->answers = line_writer_new(base, &options);
    discovery->commands = event_new(base, STDIN_FILENO, EV_READ, on_readable, discovery);
    discovery->reopen = evtimer_new(base, on_reopen, discovery);
    discovery->flush = evtimer_new(base, on_flush_timeout, discovery);
    return discovery->answers && discovery->commands && discovery->reopen && discovery->flush &&
           event_add(discovery->commands, NULL) == 0;
}

static void release(struct discovery *discovery)
{
    finder_close(discovery->finder);
    line_writer_free(discovery->answers);
    if (discovery->commands)
        event_free(discovery->commands);
    if (discovery->reopen)
        event_free(discovery->reopen);
    if (discovery->flush)
        event_free(discovery->flush);
    if (discovery->base)
        event_base_free(discovery->base);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct discovery *discovery = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &discovery->mdns;
        return 0;
    case 'd':
        discovery->debug = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s': commands are read from standard input", text);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_table[] = {
    { "debug", 'd', NULL, 0, "Tell every step on standard error", 0 },
    { 0 },
};

static const struct argp_child children[] = {
    { &mdns_options_argp, 0, NULL, 0 },
    { &usage_argp, 0, NULL, -1 },
    { 0 },
};

const struct argp arduino_discovery_argp = {
    .options = option_table,
    .parser = parse,
    .children = children,
    .doc = "Tell the Arduino IDE 2 or arduino-cli of the devices on the network. They run it, and "
           "speak their pluggable discovery protocol with it on standard input and output.\v"
           "Exit status: 0 after QUIT and at the end of the input, 1 local failure, 2 bad "
           "command line.",
};

int arduino_discovery_run(int argc, char **argv)
{
    struct discovery discovery = { .failure.code = EXIT_UPDATED };
    const struct arduino_hooks hooks = { start, stop, say, &discovery };

    argp_err_exit_status = EXIT_BAD_USAGE;
    argp_parse(&arduino_discovery_argp, argc, argv, ARGP_NO_HELP, NULL, &discovery);
    signal(SIGPIPE, SIG_IGN);
    arduino_protocol_init(&discovery.protocol, &hooks);
    if (!prepare(&discovery))
        failure_set(&discovery.failure, EXIT_LOCAL_FAILURE, "cannot start the event loop: %s",
                    strerror(errno));
    else
        event_base_dispatch(discovery.base);
    release(&discovery);
    arduino_protocol_free(&discovery.protocol);
    return discovery.failure.code == EXIT_UPDATED ? EXIT_UPDATED
                                                  : failure_print(&discovery.failure);
}
