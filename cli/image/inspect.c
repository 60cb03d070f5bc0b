#include "cli/image/inspect.h"

#include "cli/image/image_file.h"
#include "cli/image/inspect_json.h"
#include "cli/image/inspect_text.h"
#include "cli/usage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_JSON = 0x100, /* no short option */
};

struct arguments {
    const char *path;
    bool json;
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->path)
            argp_error(state, "one image at a time: '%s' is a second", text);
        arguments->path = text;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no image given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Write what was found to stdout. False, with errno set, when that failed. */
static bool write_report(const struct image_file *file, bool as_json)
{
    if (as_json) {
        json_t *object = inspect_json(file);
        char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;
        json_decref(object);
        if (!line) {
            errno = ENOMEM;
            return false;
        }
        puts(line);
        free(line);
    } else {
        inspect_text(stdout, file);
    }
    return fflush(stdout) == 0 && !ferror(stdout);
}

static const struct argp_option option_table[] = {
    { "json", OPTION_JSON, NULL, 0, "One JSON object on one line", 0 },
    { 0 },
};

const struct argp inspect_argp = {
    .options = option_table,
    .parser = parse,
    .children = usage_children,
    .args_doc = "IMAGE",
    .doc = "Tell what an image is: for which chip, how built, and whether it is whole.\v"
           "Exit status: 0 nothing is wrong, 1 the file cannot be read, 2 bad command line, "
           "3 something is wrong with the image.",
};

int inspect_run(int argc, char **argv)
{
    struct arguments arguments = { NULL, false };
    struct image_file file;
    struct failure failure;

    argp_err_exit_status = EXIT_BAD_USAGE;
    argp_parse(&inspect_argp, argc, argv, ARGP_NO_HELP, NULL, &arguments);
    if (!image_file_open(&file, arguments.path, &failure))
        return failure_print(&failure);
    if (!write_report(&file, arguments.json))
        failure_set(&failure, EXIT_LOCAL_FAILURE, "standard output: %s", strerror(errno));
    else
        failure.code = image_file_problem(&file) ? EXIT_IMAGE_REFUSED : EXIT_UPDATED;
    image_file_close(&file);
    return failure.code == EXIT_LOCAL_FAILURE ? failure_print(&failure) : (int)failure.code;
}
