#include "cli/push/upload.h"

#include "cli/image/image_file.h"
#include "cli/printable.h"
#include "cli/push/loop.h"
#include "cli/push/report.h"
#include "cli/push/report_json.h"
#include "cli/push/resolve.h"
#include "cli/push/upload_options.h"
#include "common/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define PORT_ESP8266 8266
#define PORT_ESP32   3232
#define PORT_PICO    2040

/* Everything one run of the command works with. */
struct upload_job {
    struct upload_options options;
    struct image_file image;
    struct push_password password;
    bool has_password;
    struct report report;
    struct push_upload *uploads; /* devices that were found */
    size_t count;
    struct failure failure; /* of the whole job, before any device is asked */
    bool failure_told;      /* it has been printed */
    int worst;              /* exit code so far: the failures' if they agree, else 1 */
};

static void note_code(struct upload_job *job, enum exit_code code)
{
    if (code == EXIT_UPDATED)
        return;
    if (job->worst == EXIT_UPDATED)
        job->worst = (int)code;
    else if (job->worst != (int)code)
        job->worst = EXIT_LOCAL_FAILURE;
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

static uint16_t default_port(const struct image_file *image)
{
    switch (image_file_kind(image)) {
    case IMAGE_ESP32:
        return PORT_ESP32;
    case IMAGE_PICO:
        return PORT_PICO;
    default:
        return PORT_ESP8266;
    }
}

static void fill_upload(const struct upload_job *job, struct push_upload *upload,
                        const struct resolve_request *found)
{
    const struct upload_options *options = &job->options;

    upload->name = found->name;
    upload->device = found->address;
    address_set_port(&upload->device, options->port ? options->port : default_port(&job->image));
    upload->config = (struct push_config){
        .command = options->filesystem ? PUSH_FILESYSTEM : PUSH_SKETCH,
        .size = job->image.size,
        .password = job->has_password ? &job->password : NULL,
        .md5_target = options->md5_target,
        .timeout_ms = options->timeout_ms,
        .stall_ms = options->stall_ms,
        .verdict_ms = options->verdict_ms,
        .retries = options->retries,
    };
    memcpy(upload->config.md5, job->image.md5, sizeof upload->config.md5);
}

/* The signal that came while names were looked up; the loop has its own way with them. */
static volatile sig_atomic_t early_signal;

static void note_signal(int number)
{
    early_signal = number;
}

static void catch_signals(void (*handler)(int))
{
    const struct sigaction action = { .sa_handler = handler };

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/*
 * An upload to the same address, by whatever name. There is one UDP port for all, so it is the same
 * device; and no two share an address, by which listeners tell their callers apart.
 */
static const struct push_upload *find_twin(const struct upload_job *job,
                                           const struct push_upload *upload)
{
    for (size_t i = 0; i < job->count; i++) {
        const struct push_upload *other = &job->uploads[i];
        if (address_same_host(&other->device, &upload->device))
            return other;
    }
    return NULL;
}

static void add_upload(struct upload_job *job, const struct resolve_request *found)
{
    struct push_upload *upload = &job->uploads[job->count];
    char name[256];
    char other[256];

    fill_upload(job, upload, found);
    const struct push_upload *twin = find_twin(job, upload);
    if (!twin) {
        job->count++;
        return;
    }
    fprintf(stderr, "espota-c: %s is the same device as %s: it is updated once\n",
            printable(name, sizeof name, upload->name), printable(other, sizeof other, twin->name));
}

static void add_found(struct upload_job *job, struct resolve_request *request)
{
    if (early_signal)
        failure_set(&request->failure, EXIT_LOCAL_FAILURE,
                    "%s: interrupted before it was asked: nothing has changed on it",
                    request->name);
    if (!early_signal && request->found) {
        add_upload(job, request);
        return;
    }
    report_failure(&job->report, request->name, &request->failure);
    note_code(job, request->failure.code);
}

/* Look every device up: those that are found become uploads, the others are reported. */
static bool find_devices(struct upload_job *job)
{
    const struct upload_options *options = &job->options;
    struct resolve_request *requests = calloc(options->device_count, sizeof *requests);
    int family = options->bind_to.len > 0 ? options->bind_to.u.any.sa_family : AF_UNSPEC;

    job->uploads = calloc(options->device_count, sizeof *job->uploads);
    if (!requests || !job->uploads) {
        free(requests);
        return failure_set(&job->failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    }
    for (size_t i = 0; i < options->device_count; i++)
        requests[i].name = options->devices[i];
    catch_signals(note_signal);
    resolve_all(requests, options->device_count, family, options->timeout_ms, &early_signal);
    catch_signals(SIG_DFL);
    for (size_t i = 0; i < options->device_count; i++)
        add_found(job, &requests[i]);
    free(requests);
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

/* Returns the signal that interrupted it, or 0. */
static int run_uploads(struct upload_job *job)
{
    struct push_loop_options loop = {
        .image_fd = job->image.fd,
        .image_stamp = &job->image.stamp,
        .bind_to = job->options.bind_to,
        .ports = job->options.ports,
    };

    job->report.uploads = job->uploads;
    job->report.count = job->count;
    if (!report_start(&job->report)) {
        failure_set(&job->failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
        note_code(job, (enum exit_code)failure_print(&job->failure));
        return 0;
    }
    loop.observer = report_observer(&job->report);
    raise_descriptor_limit();
    int signal_number = push_loop_run(job->uploads, job->count, &loop);
    for (size_t i = 0; i < job->count; i++)
        note_code(job, push_reason_code(job->uploads[i].session.reason));
    report_end(&job->report);
    return signal_number;
}

/* What fails before any device was asked fails for all of them. */
static void fail_all(struct upload_job *job)
{
    if (!job->failure_told)
        failure_print(&job->failure);
    for (size_t i = 0; job->options.json && i < job->options.device_count; i++)
        report_json_failure(job->options.devices[i], &job->failure);
    note_code(job, job->failure.code);
}

/* Returns the signal that interrupted it, or 0. */
static int run(struct upload_job *job)
{
    if (!take_password(job) || !open_image(job) || !find_devices(job)) {
        fail_all(job);
        return 0;
    }
    if (early_signal)
        return early_signal;
    return job->count > 0 ? run_uploads(job) : 0;
}

/* A reader that missed some of the events must not take them for all there were. */
static void check_output(struct upload_job *job)
{
    if (!job->options.json || report_json_written())
        return;
    failure_set(&job->failure, EXIT_LOCAL_FAILURE, "cannot write to standard output: %s",
                strerror(errno));
    failure_print(&job->failure);
    if (job->worst == EXIT_UPDATED)
        job->worst = EXIT_LOCAL_FAILURE;
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
    int signal_number = run(job);
    check_output(job);
    int code = job->worst;
    image_file_close(&job->image);
    upload_options_free(&job->options);
    free(job->uploads);
    secret_wipe(job, sizeof *job);
    free(job);
    if (signal_number != 0) {
        /* A shell or build system must see that it was a signal, and stop as well. */
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    return code;
}
