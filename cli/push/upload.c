#include "cli/push/upload.h"

#include "cli/discover/choose.h"
#include "cli/image/image_file.h"
#include "cli/printable.h"
#include "cli/push/ask_password.h"
#include "cli/push/report.h"
#include "cli/push/report_json.h"
#include "cli/push/rollout.h"
#include "cli/push/upload_options.h"
#include "cli/push/wanted.h"
#include "common/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Devices at the same time, however many files may be open. */
#define ROOM_MAX 10000u

/* Descriptors that no device's sockets may take: the image, the loop's, mDNS, up to 20 lookups. */
#define OTHER_FILES 32u

/* Descriptors of a device: UDP, the port it calls, its call, and a look whether it is back. */
#define DEVICE_FILES 4u

/* Everything one run of the command works with. */
struct upload_job {
    struct upload_options options;
    struct wanted_list wanted;
    struct image_file image;
    struct push_password password;
    bool has_password;
    struct located *chosen; /* on the terminal */
    size_t chosen_count;
    struct report report;
    struct failure failure; /* of the whole job, before any device is asked */
    bool failure_told;      /* it has been printed */
    int code;               /* exit code */
};

/*
 * The builds of the esp8266 and rp2040 cores put a signed image beside the plain one; that is the
 * one such a device wants. The ESP32's builds have no such file.
 */
static bool prefer_signed(struct upload_job *job)
{
    enum image_kind kind = image_file_kind(&job->image);
    char signed_path[PATH_MAX];
    char safe[4 * PATH_MAX];

    if ((kind != IMAGE_ESP8266 && kind != IMAGE_PICO) ||
        !image_file_signed_path(job->options.image, signed_path))
        return true;
    image_file_close(&job->image);
    fprintf(stderr, "The signed image is sent: %s\n", printable(safe, sizeof safe, signed_path));
    return image_file_open(&job->image, signed_path, &job->failure);
}

static bool open_image(struct upload_job *job)
{
    const struct upload_options *options = &job->options;

    if (!image_file_open(&job->image, options->image, &job->failure) || !prefer_signed(job))
        return false;
    if (image_file_judge(&job->image, options->filesystem, &job->failure))
        return true;
    failure_print(&job->failure);
    fprintf(stderr, options->force ? "    It is sent all the same (--force).\n"
                                   : "    It is not sent; --force sends it all the same.\n");
    job->failure_told = true;
    return options->force;
}

static bool take_password(struct upload_job *job)
{
    struct password *password = &job->options.password;

    if (!password->given && job->options.auth_file &&
        !password_from_file(password, job->options.auth_file, &job->failure))
        return false;
    if (!password_from_environment(password, &job->failure))
        return false;
    job->has_password = password->given;
    password_digest_and_wipe(password, &job->password);
    return true;
}

/*
 * How many devices may be under way at the same time, so that none fails for want of descriptors;
 * the usual soft limit is far below the hard one.
 */
static size_t make_room(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return ROOM_MAX;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    rlim_t files = limit.rlim_cur > OTHER_FILES ? limit.rlim_cur - OTHER_FILES : 0;
    rlim_t room = files / DEVICE_FILES;
    return room > ROOM_MAX ? ROOM_MAX : room > 0 ? (size_t)room : 1;
}

static size_t limit_jobs(struct upload_job *job)
{
    size_t room = make_room();

    if (job->options.jobs <= room)
        return room;
    report_note(&job->report, NULL,
                "--jobs %u is lowered to %zu, as this process cannot open more files (ulimit -n)",
                job->options.jobs, room);
    job->options.jobs = (unsigned)room;
    return room;
}

static bool is_repeated(const struct upload_options *options, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        if (strcmp(options->devices[i], options->devices[number]) == 0)
            return true;
    }
    return false;
}

/* What fails before any device was asked fails for all of them. */
static void fail_all(struct upload_job *job)
{
    if (!job->failure_told)
        failure_print(&job->failure);
    for (size_t i = 0; i < job->wanted.count; i++)
        report_failed_before(&job->report, job->wanted.list[i].name, &job->failure);
    /* Where it is not known which those are, what was named stands for them. */
    for (size_t i = 0; job->wanted.count == 0 && i < job->options.device_count; i++) {
        if (!is_repeated(&job->options, i))
            report_failed_before(&job->report, job->options.devices[i], &job->failure);
    }
    job->code = (int)job->failure.code;
}

static void on_log(void *ctx, const char *text)
{
    report_step(ctx, NULL, text);
}

/* Without -i somebody may be there to choose. */
static bool choose_devices(struct upload_job *job, struct event_base *base)
{
    const struct upload_options *options = &job->options;
    const struct choose_options choose = {
        .log = options->debug ? on_log : NULL,
        .log_ctx = &job->report,
        .mdns = options->mdns,
        .family = options->bind_to.len > 0 ? options->bind_to.u.any.sa_family : AF_UNSPEC,
        .kind = image_file_kind(&job->image),
    };

    if (job->wanted.count > 0)
        return true;
    job->chosen_count = choose_run(base, &choose, &job->chosen, &job->failure);
    return job->chosen_count > 0;
}

/* Whoever has chosen is there, and is asked for a password before anything begins. */
static void ask_chosen_password(struct upload_job *job, struct rollout_job *rollout)
{
    struct password *password = &job->options.password;
    struct asked_names names = { .count = 0 };

    for (size_t i = 0; i < job->chosen_count; i++) {
        if (job->chosen[i].auth == DEVICE_AUTH_YES)
            asked_names_add(&names, job->chosen[i].name);
    }
    if (names.count == 0 || job->has_password)
        return;
    const char *whose = asked_names_text(&names);
    enum ask_outcome outcome;
    do {
        outcome = ask_password(password, whose);
    } while (outcome == ASK_STOPPED);
    rollout->has_declined = outcome != ASK_ENTERED;
    job->has_password = outcome == ASK_ENTERED;
    if (job->has_password)
        password_digest_and_wipe(password, &job->password);
}

/* The file must not turn out to be none when everything is over. */
static bool check_junit(struct upload_job *job, struct failure *failure)
{
    const char *path = job->options.junit;
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666) : -1;

    if (path && fd < 0)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s", failure_path(path),
                           strerror(errno));
    if (fd >= 0)
        close(fd);
    job->report.junit = path;
    return true;
}

/* "All" must not be all that there are. */
static bool check_all(struct upload_job *job)
{
    const struct upload_options *options = &job->options;

    return !options->all || options->board || options->force ||
           choose_has_family(image_file_kind(&job->image)) ||
           failure_set(&job->failure, EXIT_BAD_USAGE,
                       "--all: the image does not tell which devices it is for; say so with "
                       "--board, or send it to every one with --force");
}

static bool prepare(struct upload_job *job, struct event_base *base)
{
    struct failure unwritable;

    if (!base)
        return failure_set(&job->failure, EXIT_LOCAL_FAILURE, "cannot start the event loop");
    bool gathered = wanted_gather(&job->wanted, &job->options, &job->failure);
    /* A list that cannot be read is told in the file, too. */
    bool writable = check_junit(job, &unwritable);
    if (gathered && !writable)
        job->failure = unwritable;
    return gathered && writable && take_password(job) && open_image(job) && check_all(job) &&
           choose_devices(job, base);
}

/* Returns the signal that interrupted it, or 0. */
static int run(struct upload_job *job, struct event_base *base)
{
    struct rollout_job rollout = {
        .options = &job->options,
        .wanted = &job->wanted,
        .image = &job->image,
        .password = &job->password,
        .report = &job->report,
    };

    if (!prepare(job, base)) {
        fail_all(job);
        return 0;
    }
    ask_chosen_password(job, &rollout);
    rollout.chosen = job->chosen;
    rollout.chosen_count = job->chosen_count;
    rollout.has_password = job->has_password;
    job->report.several = job->chosen_count > 1 || wanted_are_several(&job->wanted);
    if (job->wanted.repeated > 0)
        report_note(&job->report, NULL, "%zu of the devices %s named again: each is updated once",
                    job->wanted.repeated, job->wanted.repeated == 1 ? "is" : "are");
    rollout.room = limit_jobs(job);
    report_attach(&job->report, base);
    struct rollout_result result = rollout_run(base, &rollout);
    report_detach(&job->report);
    job->code = result.code;
    return result.signal;
}

static void end_report(struct upload_job *job)
{
    if (report_end(&job->report, &job->failure))
        return;
    failure_print(&job->failure);
    if (job->code == EXIT_UPDATED)
        job->code = EXIT_LOCAL_FAILURE;
}

/* A reader that missed some of the events must not take them for all there were. */
static void check_output(struct upload_job *job)
{
    if (!job->options.json || report_json_written())
        return;
    failure_set(&job->failure, EXIT_LOCAL_FAILURE, "cannot write to standard output: %s",
                strerror(errno));
    failure_print(&job->failure);
    if (job->code == EXIT_UPDATED)
        job->code = EXIT_LOCAL_FAILURE;
}

int upload_run(int argc, char **argv)
{
    struct upload_job *job = calloc(1, sizeof *job);

    if (!job) {
        perror("espota-c");
        return EXIT_LOCAL_FAILURE;
    }
    job->image.fd = -1;
    upload_options_parse(&job->options, argc, argv);
    job->report.quiet = job->options.quiet;
    job->report.debug = job->options.debug;
    job->report.progress = job->options.progress;
    job->report.json = job->options.json;
    job->report.filesystem = job->options.filesystem;
    job->report.image = &job->image;
    signal(SIGPIPE, SIG_IGN);
    report_start(&job->report);
    struct event_base *base = rollout_base_new();
    int signal_number = run(job, base);
    if (base)
        event_base_free(base);
    end_report(job);
    check_output(job);
    int code = job->code;
    image_file_close(&job->image);
    wanted_free(&job->wanted);
    upload_options_free(&job->options);
    free(job->chosen);
    secret_wipe(job, sizeof *job);
    free(job);
    if (signal_number != 0) {
        /* A shell or build system must see that it was a signal, and stop as well. */
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    return code;
}
