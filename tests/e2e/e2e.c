#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Exit status by which a sanitizer ends a program: one that no program of ours uses. */
#define SANITIZER_EXIT 99

#define SKETCH_SIZE 8192

/* Programs and images of one test. */
#define PROCESSES_MAX 40
#define IMAGES_MAX    8

struct temp e2e_folder;

static struct process *processes[PROCESSES_MAX];
static size_t process_count;
static struct built_image images[IMAGES_MAX];
static size_t image_count;

void e2e_setup(void)
{
    unsetenv("ESPOTA_AUTH");
    unsetenv("TERM"); /* a terminal of unknown type: tests name one where they need it */
    unsetenv("NO_COLOR");
    setenv("ASAN_OPTIONS", "exitcode=99:detect_leaks=1", 1);
    setenv("LSAN_OPTIONS", "exitcode=99", 1);
    setenv("UBSAN_OPTIONS", "exitcode=99:print_stacktrace=1", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    cr_assert(temp_create(&e2e_folder), "no temporary folder");
}

void e2e_teardown(void)
{
    while (process_count > 0) {
        process_free(processes[--process_count]);
        free(processes[process_count]);
    }
    while (image_count > 0)
        built_image_free(&images[--image_count]);
    temp_remove(&e2e_folder);
}

void join_arguments(const char *out[ARGUMENTS_MAX], const char *const *first,
                    const char *const *second)
{
    size_t count = 0;

    for (; *first; first++)
        out[count++] = *first;
    for (; second && *second; second++) {
        cr_assert_lt(count, ARGUMENTS_MAX - 1);
        out[count++] = *second;
    }
    out[count] = NULL;
}

/* ---- images ---- */

struct e2e_image e2e_image(const char *name, struct built_image content)
{
    struct e2e_image image = { temp_path(&e2e_folder, name), content };

    cr_assert(content.bytes, "no memory for %s", name);
    cr_assert_lt(image_count, IMAGES_MAX);
    images[image_count++] = content;
    cr_assert(file_write(image.path.text, content.bytes, content.size), "%s", image.path.text);
    return image;
}

struct md5_text e2e_md5(const struct built_image *content)
{
    struct md5_text text;
    struct digest digest;
    uint8_t md5[DIGEST_MD5_SIZE];

    digest_init(&digest, DIGEST_MD5);
    digest_update(&digest, content->bytes, content->size);
    digest_finish(&digest, md5);
    hex_encode(text.text, md5, sizeof md5);
    return text;
}

struct e2e_image e2e_sketch(size_t size)
{
    return e2e_image("sketch.bin", build_esp8266(size, E2E_SEED));
}

/* ---- the programs ---- */

struct process *program_start(const char *program, const char *const *args,
                              const struct program_options *options)
{
    const char *argv[ARGUMENTS_MAX];
    struct process_options start = { .argv = argv, .folder = e2e_folder.path };

    if (options) {
        start.environment = options->environment;
        start.stderr_terminal = options->columns > 0 && !options->stdout_terminal;
        start.stdout_terminal = options->stdout_terminal;
        start.terminal = options->terminal;
        start.columns = options->columns;
        start.rows = options->rows;
    }
    join_arguments(argv, ARGS(program), args);
    cr_assert_lt(process_count, PROCESSES_MAX);
    struct process *process = calloc(1, sizeof *process);
    cr_assert(process && process_start(process, &start), "%s does not start", program);
    processes[process_count++] = process;
    return process;
}

void program_finish(struct process *program)
{
    bool ended = process_wait(program, E2E_PATIENCE_MS);

    cr_assert(ended, "it hangs; stdout:\n%s\nstderr:\n%s", program->out.text, program->err.text);
    cr_assert(program->exit_code != SANITIZER_EXIT && !strstr(program->err.text, "Sanitizer") &&
                  !strstr(program->err.text, "runtime error:"),
              "a sanitizer complains:\n%s", program->err.text);
}

struct process *program_run(const char *program, const char *const *args)
{
    struct process *process = program_start(program, args, NULL);

    program_finish(process);
    return process;
}

/* ---- a scripted device ---- */

struct port_text port_text(unsigned port)
{
    struct port_text text;

    snprintf(text.text, sizeof text.text, "%u", port);
    return text;
}

struct scripted_device *device_play(const struct device_step *script,
                                    const struct device_options *options)
{
    struct scripted_device *device = scripted_device_start(script, options);

    cr_assert(device, "no scripted device");
    return device;
}

void act_start(struct act *act, const struct device_step *script, const char *const *args,
               const struct act_options *options)
{
    const struct act_options usual = { 0 };
    const char *argv[ARGUMENTS_MAX];

    options = options ? options : &usual;
    const char *address = options->device ? options->device->address : NULL;
    *act = (struct act){
        .image = e2e_sketch(options->image_size > 0 ? options->image_size : SKETCH_SIZE),
        .device = device_play(script, options->device),
    };
    struct port_text port = port_text(scripted_device_port(act->device));
    join_arguments(
        argv,
        ARGS("-i", address ? address : "127.0.0.1", "-p", port.text, "-f", act->image.path.text),
        args);
    act->uploader = program_start(E2E_UPLOADER, argv, &options->uploader);
}

void act_reaches(struct act *act, size_t steps)
{
    if (scripted_device_reached(act->device, steps, E2E_PATIENCE_MS))
        return;
    process_wait(act->uploader, 0);
    cr_assert_fail("step %zu was never done; the uploader says:\n%s", steps,
                   act->uploader->err.text);
}

void act_finish(struct act *act)
{
    program_finish(act->uploader);
    scripted_device_finish(act->device, &act->seen);
    act->device = NULL;
}

void act_run_with(struct act *act, const struct device_step *script, const char *const *args,
                  const struct act_options *options)
{
    act_start(act, script, args, options);
    act_finish(act);
    cr_assert(act->seen.completed, "%s; the uploader says:\n%s", act->seen.problem,
              act->uploader->err.text);
}

void act_run(struct act *act, const struct device_step *script, const char *const *args)
{
    act_run_with(act, script, args, NULL);
}

/* ---- expectations ---- */

void expect_exit_at(const char *file, int line, const struct process *program, int code)
{
    cr_assert_eq(program->exit_code, code, "%s:%d: exit %d instead of %d; stdout:\n%s\nstderr:\n%s",
                 file, line, program->exit_code, code, program->out.text, program->err.text);
}

static int count_of(const struct process_stream *stream, const char *text)
{
    int count = 0;
    const char *at = stream->text;
    const char *end = stream->text + stream->len;

    while ((at = memmem(at, (size_t)(end - at), text, strlen(text)))) {
        count++;
        at += strlen(text);
    }
    return count;
}

void expect_said_at(const char *file, int line, const struct process *program,
                    const struct process_stream *stream, const char *text, int times)
{
    int count = count_of(stream, text);

    cr_assert(times == TIMES_ANY ? count > 0 : count == times,
              "%s:%d: \"%s\" is said %d times on %s:\n%s", file, line, text, count,
              stream == &program->out ? "stdout" : "stderr", stream->text);
}

void expect_received(const struct act *act)
{
    const struct device_record *seen = &act->seen;
    const struct device_connection *last = &seen->connection[seen->connections - 1];
    struct md5_text md5 = e2e_md5(&act->image.content);
    char announced[HEX_SIZE(DIGEST_MD5_SIZE)];

    cr_assert_gt(seen->connections, 0);
    hex_encode(announced, seen->invitation.md5, DIGEST_MD5_SIZE);
    cr_assert_str_eq(announced, md5.text);
    cr_assert_eq(seen->invitation.size, act->image.content.size);
    cr_assert_eq(last->bytes, act->image.content.size);
    cr_assert_str_eq(last->md5, md5.text);
    cr_assert_not(last->surplus, "more was sent than announced");
    cr_assert_not(last->ended_early, "it was closed before the verdict");
}
