#include "cli/push/upload.h"

#include "cli/discover/choose.h"
#include "cli/discover/target.h"
#include "cli/image/image_file.h"
#include "cli/printable.h"
#include "cli/push/ask_password.h"
#include "cli/push/report.h"
#include "cli/push/report_json.h"
#include "cli/push/rollout.h"
#include "cli/push/upload_options.h"
#include "common/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Everything one run of the command works with. */
struct upload_job {
    struct upload_options options;
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

/* A pattern may match several devices. */
static bool names_several(const struct upload_options *options)
{
    struct address address;

    return options->device_count > 1 || (options->device_count == 1 &&
                                         target_kind(options->devices[0], &address) == TARGET_GLOB);
}

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

/* Every device takes three descriptors; the usual soft limit is far below the hard one. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* What fails before any device was asked fails for all of them. */
static void fail_all(struct upload_job *job)
{
    if (!job->failure_told)
        failure_print(&job->failure);
    for (size_t i = 0; i < job->options.device_count; i++)
        report_failed_before(&job->report, job->options.devices[i], &job->failure);
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

    if (options->device_count > 0)
        return true;
    job->chosen_count = choose_run(base, &choose, &job->chosen, &job->failure);
    return job->chosen_count > 0;
}

/* Whoever has chosen is there, and is asked for a password before anything begins. */
static void ask_chosen_password(struct upload_job *job, struct rollout_job *rollout)
{
    struct password *password = &job->options.password;
    char whose[4 * DEVICE_NAME_MAX];
    size_t count = 0;

    for (size_t i = 0; i < job->chosen_count; i++) {
        if (job->chosen[i].auth != DEVICE_AUTH_YES)
            continue;
        count++;
        printable(whose, sizeof whose, job->chosen[i].name);
    }
    if (count > 1)
        snprintf(whose, sizeof whose, "%zu devices", count);
    if (count == 0 || job->has_password)
        return;
    enum ask_outcome outcome;
    do {
        outcome = ask_password(password, whose);
    } while (outcome == ASK_STOPPED);
    rollout->has_declined = outcome != ASK_ENTERED;
    job->has_password = outcome == ASK_ENTERED;
    if (job->has_password)
        password_digest_and_wipe(password, &job->password);
}

/* Returns the signal that interrupted it, or 0. */
static int run(struct upload_job *job, struct event_base *base)
{
    struct rollout_job rollout = {
        .options = &job->options,
        .image = &job->image,
        .password = &job->password,
        .report = &job->report,
    };

    if (!base)
        failure_set(&job->failure, EXIT_LOCAL_FAILURE, "cannot start the event loop");
    if (!base || !take_password(job) || !open_image(job) || !choose_devices(job, base)) {
        fail_all(job);
        return 0;
    }
    ask_chosen_password(job, &rollout);
    rollout.chosen = job->chosen;
    rollout.chosen_count = job->chosen_count;
    rollout.has_password = job->has_password;
    job->report.several = job->chosen_count > 1 || names_several(&job->options);
    raise_descriptor_limit();
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
    job->report.junit = job->options.junit;
    job->report.filesystem = job->options.filesystem;
    job->report.image = &job->image;
    signal(SIGPIPE, SIG_IGN);
    report_start(&job->report);
    struct event_base *base = event_base_new();
    int signal_number = run(job, base);
    if (base)
        event_base_free(base);
    end_report(job);
    check_output(job);
    int code = job->code;
    image_file_close(&job->image);
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
