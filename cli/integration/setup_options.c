#include "cli/integration/setup_options.h"

#include "cli/exit_code.h"
#include "cli/usage.h"

enum option_key {
    KEY_DIR = 0x100,
    KEY_PROGRAM,
    KEY_NO_DISCOVERY,
    KEY_REMOVE,
};

static const struct argp_option option_table[] = {
    { "dir", KEY_DIR, "FOLDER", 0,
      "Look here instead of in the usual places: a core, the tools' data folder, a sketchbook or a "
      "portable IDE; may be given several times",
      0 },
    { "program", KEY_PROGRAM, "PATH", 0, "What the tools shall run (default: this program)", 0 },
    { "no-discovery", KEY_NO_DISCOVERY, NULL, 0, "Leave the finding of devices as it is", 0 },
    { "remove", KEY_REMOVE, NULL, 0, "Undo it", 0 },
    { "dry-run", 'n', NULL, 0, "Show what would change, and change nothing", 0 },
    { "yes", 'y', NULL, 0, "Do not ask", 0 },
    { 0 },
};

static void add_folder(struct setup_options *options, const struct argp_state *state,
                       const char *folder)
{
    if (folder[0] == '\0')
        argp_error(state, "--dir needs a folder");
    if (options->folder_count == SETUP_FOLDERS_MAX)
        argp_error(state, "--dir can be given %d times", SETUP_FOLDERS_MAX);
    else
        options->folders[options->folder_count++] = folder;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct setup_options *options = state->input;

    switch (key) {
    case KEY_DIR:
        add_folder(options, state, arg);
        break;
    case KEY_PROGRAM:
        options->program = arg;
        break;
    case KEY_NO_DISCOVERY:
        options->no_discovery = true;
        break;
    case KEY_REMOVE:
        options->remove = true;
        break;
    case 'n':
        options->dry_run = true;
        break;
    case 'y':
        options->yes = true;
        break;
    case ARGP_KEY_ARG:
        if (options->what)
            argp_error(state, "one thing at a time: '%s' is a second", arg);
        options->what = arg;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp setup_argp = {
    .options = option_table,
    .parser = parse_option,
    .children = usage_children,
    .args_doc = "arduino",
    .doc = "Make other tools upload by espota-c: `arduino` is Arduino IDE 1.8 and 2 and "
           "arduino-cli, with the cores esp8266, esp32 and rp2040. What changes is shown "
           "first.\v"
           "Exit status: 0 done, or nothing to do; 1 a file could not be changed, or you said "
           "no; 2 bad command line, or nobody there to ask; 4 no core found. See "
           "espota-c-setup(1).",
};

void setup_options_parse(struct setup_options *options, int argc, char **argv)
{
    argp_err_exit_status = EXIT_BAD_USAGE;
    *options = (struct setup_options){ .what = NULL };
    argp_parse(&setup_argp, argc, argv, ARGP_NO_HELP, NULL, options);
}
