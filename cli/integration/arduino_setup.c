#include "cli/integration/arduino_setup.h"

#include "cli/integration/arduino_change.h"
#include "cli/integration/arduino_recipes.h"
#include "cli/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct setup {
    const struct setup_options *options;
    char program[PATH_MAX];
    struct arduino_cores cores;
    struct arduino_change changes[ARDUINO_CORES_MAX]; /* of each core, the same index */
    size_t planned;                                   /* changes that there are to carry out */
    int code;                                         /* the program's exit code so far */
    struct failure failure;
};

/* What recipes run: as it is called, or the file that this process is. */
static bool choose_program(struct setup *setup)
{
    const char *program = setup->options->program;

    if (program) {
        size_t len = strlen(program);
        if (len >= sizeof setup->program)
            return failure_set(&setup->failure, EXIT_BAD_USAGE, "--program: %s",
                               strerror(ENAMETOOLONG));
        memcpy(setup->program, program, len + 1);
    } else {
        ssize_t len = readlink("/proc/self/exe", setup->program, sizeof setup->program - 1);
        if (len < 0)
            return failure_set(&setup->failure, EXIT_LOCAL_FAILURE,
                               "/proc/self/exe: %s; --program says what the tools shall run",
                               strerror(errno));
        setup->program[len] = '\0';
    }
    if (!arduino_recipes_can_name(setup->program))
        return failure_set(&setup->failure, EXIT_BAD_USAGE,
                           "a recipe cannot hold the path \"%s\": quotes and braces have a meaning "
                           "there; --program names another",
                           failure_path(setup->program));
    return true;
}

static bool plan_one(struct setup *setup, size_t i)
{
    const struct arduino_core *core = &setup->cores.list[i];
    struct arduino_tools tools;

    arduino_tools_read(&tools, core->path);
    char *body =
        arduino_recipes_text(core->template, setup->program, !setup->options->no_discovery, &tools);
    if (!body)
        return failure_set(&setup->failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    bool good = arduino_change_plan(&setup->changes[i], core, body, setup->options->remove,
                                    &setup->failure);
    free(body);
    return good;
}

/* False when there is no core at all, or no memory, with the failure told. */
static bool find_cores(struct setup *setup)
{
    const struct setup_options *options = setup->options;

    if (!arduino_cores_init(&setup->cores, &setup->failure)) {
        setup->code = failure_print(&setup->failure);
        return false;
    }
    for (size_t i = 0; i < options->folder_count; i++) {
        if (!arduino_cores_find_in(&setup->cores, options->folders[i], &setup->failure))
            setup->code = failure_print(&setup->failure);
    }
    if (options->folder_count > 0)
        return setup->cores.count > 0;
    arduino_cores_find_all(&setup->cores);
    if (setup->cores.count > 0)
        return true;
    failure_set(&setup->failure, EXIT_NOT_FOUND,
                "no core esp8266, esp32 or rp2040 is there; --dir says where to look, such as "
                "--dir ~/.arduino15");
    setup->code = failure_print(&setup->failure);
    return false;
}

/* Programs of the system may be out of reach of an IDE in a snap or flatpak. */
static void warn_of_sandbox(const struct setup *setup, size_t i)
{
    const char *path = setup->cores.list[i].path;

    if (setup->changes[i].changes && !setup->options->remove &&
        (strstr(path, "/snap/") || strstr(path, "/.var/app/")))
        puts("  this IDE is a snap or flatpak, which may not be allowed to run programs of the "
             "system: if uploads fail then, --remove undoes it");
}

/* What cannot be done is told, and does not keep the other cores from it. */
static void plan(struct setup *setup)
{
    for (size_t i = 0; i < setup->cores.count; i++) {
        if (plan_one(setup, i)) {
            arduino_change_show(&setup->changes[i], stdout);
            warn_of_sandbox(setup, i);
            setup->planned += setup->changes[i].changes;
        } else {
            fflush(stdout);
            setup->code = failure_print(&setup->failure);
            setup->changes[i].changes = false;
        }
    }
    if (setup->cores.more)
        printf("There are more than %d cores; the others are passed over.\n", ARDUINO_CORES_MAX);
    fflush(stdout);
}

/* False with the failure filled in when it must not be done. */
static bool may_do_it(struct setup *setup)
{
    char line[32];

    if (setup->options->yes)
        return true;
    if (!terminal_has_person())
        return failure_set(&setup->failure, EXIT_BAD_USAGE,
                           "nothing is changed, as nobody can be asked: --yes does it unasked");
    fprintf(stderr, "Change %s (y/n)? ", setup->planned == 1 ? "this file" : "these files");
    if (!fgets(line, sizeof line, stdin) || (line[0] != 'y' && line[0] != 'Y'))
        return failure_set(&setup->failure, EXIT_LOCAL_FAILURE, "nothing is changed");
    return true;
}

static void apply(struct setup *setup)
{
    for (size_t i = 0; i < setup->cores.count; i++) {
        if (!setup->changes[i].changes ||
            arduino_change_apply(&setup->changes[i], stdout, &setup->failure))
            continue;
        fflush(stdout);
        setup->code = failure_print(&setup->failure);
    }
    puts("Restart the IDE to make it take effect.");
}

/* Everything but what is to be released. */
static int run(struct setup *setup)
{
    const struct setup_options *options = setup->options;

    if (!choose_program(setup))
        return failure_print(&setup->failure);
    if (!find_cores(setup))
        return setup->code;
    plan(setup);
    if (setup->planned > 0 && !options->dry_run) {
        if (!may_do_it(setup))
            return failure_print(&setup->failure);
        apply(setup);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        failure_set(&setup->failure, EXIT_LOCAL_FAILURE, "standard output: %s", strerror(errno));
        return failure_print(&setup->failure);
    }
    return setup->code;
}

int arduino_setup_run(const struct setup_options *options)
{
    struct setup *setup = calloc(1, sizeof *setup);
    int code = EXIT_LOCAL_FAILURE;

    if (!setup) {
        fprintf(stderr, "espota-c: %s\n", strerror(ENOMEM));
        return code;
    }
    setup->options = options;
    setup->code = EXIT_UPDATED;
    code = run(setup);
    for (size_t i = 0; i < ARDUINO_CORES_MAX; i++)
        arduino_change_free(&setup->changes[i]);
    arduino_cores_free(&setup->cores);
    free(setup);
    return code;
}
