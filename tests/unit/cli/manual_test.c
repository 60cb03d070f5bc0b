/*
 * The options and exit codes in the code, in --help and in the manual are the same.
 */
#include "cli/discover/mdns_options.h"
#include "cli/exit_code.h"
#include "cli/push/upload_options.h"
#include "cli/usage.h"
#include "tests/support/process.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 64
#define PATIENCE_MS 20000

/* Spellings such as "-i" and "--ip", each once. */
struct options {
    char names[OPTIONS_MAX][32];
    size_t count;
};

/* Texts that are released also when a test fails. */
static char *page;
static struct process process;
static bool started;

static void leave(void)
{
    free(page);
    page = NULL;
    if (started)
        process_free(&process);
    started = false;
}

TestSuite(manual, .fini = leave);

static bool has(const struct options *options, const char *name)
{
    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->names[i], name) == 0)
            return true;
    }
    return false;
}

static void add(struct options *options, const char *name)
{
    if (has(options, name))
        return;
    cr_assert_lt(options->count, (size_t)OPTIONS_MAX);
    cr_assert_lt(strlen(name), sizeof options->names[0]);
    snprintf(options->names[options->count++], sizeof options->names[0], "%s", name);
}

/* --- The code --------------------------------------------------------------------------------- */

static void add_from_table(struct options *options, const struct argp_option *option)
{
    char name[40];

    if (option->key > 0 && option->key < 128 && isgraph(option->key)) {
        snprintf(name, sizeof name, "-%c", option->key);
        add(options, name);
    }
    if (option->name) {
        snprintf(name, sizeof name, "--%s", option->name);
        add(options, name);
    }
}

/* Add a table's options: those that --help shows, or the hidden ones. */
static void add_table(struct options *options, const struct argp_option *table, bool hidden)
{
    for (; table->name || table->key || table->doc; table++) {
        if (hidden == ((table->flags & OPTION_HIDDEN) != 0))
            add_from_table(options, table);
    }
}

/* --- The help --------------------------------------------------------------------------------- */

/* "  -i, --ip=HOST     Address ..." */
static void add_from_help_line(struct options *options, const char *line)
{
    size_t indent = strspn(line, " ");

    line += indent;
    if (indent == 0 || indent > 6)
        return;
    while (*line == '-') {
        char name[40];
        size_t len = strcspn(line, " ,=[\n");
        cr_assert_lt(len, sizeof name);
        memcpy(name, line, len);
        name[len] = '\0';
        add(options, name);
        line += strcspn(line, " ,\n");
        if (*line == ',')
            line++;
        line += *line == ' ' && line[1] == '-';
    }
}

static struct options options_of_help(const char *program, const char *command)
{
    const char *argv[] = { program, command ? command : "--help", command ? "--help" : NULL, NULL };
    struct options options = { .count = 0 };
    char line[256];

    started = process_start(&process, &(struct process_options){ .argv = argv });
    cr_assert(started, "%s does not start", program);
    while (process_read_line(&process, &process.out, line, sizeof line, PATIENCE_MS))
        add_from_help_line(&options, line);
    cr_assert(process_wait(&process, PATIENCE_MS), "%s --help does not end", program);
    cr_assert_eq(process.exit_code, 0, "%s", process.err.text);
    return options;
}

/* --- The manual ------------------------------------------------------------------------------- */

static void read_page(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/man/%s", ESPOTA_SOURCE_DIR, name);
    page = file_read(path, NULL);
    cr_assert_not_null(page, "%s cannot be read", path);
}

/* A word of mdoc without the escapes that print nothing. */
static void strip_escapes(char *word)
{
    char *out = word;

    for (const char *in = word; *in; in++) {
        if (in[0] == '\\' && in[1] == '&')
            in++;
        else if (in[0] != '\\')
            *out++ = *in;
    }
    *out = '\0';
}

/* ".It Fl i Ar host , Fl -ip Ar host" and likewise with "Fl Fl ip". */
static void add_from_item(struct options *options, char *line)
{
    int dashes = 0;
    char *rest = NULL;

    for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char name[64];
        if (strcmp(word, "Fl") == 0) {
            dashes++;
            continue;
        }
        strip_escapes(word);
        snprintf(name, sizeof name, "%.*s%s", dashes, "--", word);
        if (dashes > 0)
            add(options, name);
        dashes = 0;
    }
}

static struct options options_of_page(const char *name)
{
    static const char item[] = ".It ";
    struct options options = { .count = 0 };

    read_page(name);
    for (char *line = page; line;) {
        char *next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (strncmp(line, item, sizeof item - 1) == 0)
            add_from_item(&options, line + sizeof item - 1);
        line = next;
    }
    return options;
}

/* --- All of them ------------------------------------------------------------------------------ */

static void expect_all(const struct options *expected, const char *in, const struct options *actual,
                       const char *where)
{
    cr_assert_gt(expected->count, 0u, "no options in %s", in);
    for (size_t i = 0; i < expected->count; i++)
        cr_expect(has(actual, expected->names[i]), "%s is in %s, but not in %s", expected->names[i],
                  in, where);
}

/* The page has all of the program's options, perhaps hidden ones, and none that there is not. */
static void compare_page(const char *name, struct options options)
{
    struct options manual = options_of_page(name);

    expect_all(&options, "--help", &manual, name);
    add_table(&options, usage_children[0].argp->options, true);
    expect_all(&manual, name, &options, "the program");
}

Test(manual, upload_help_lists_the_options_of_the_code)
{
    struct options code = { .count = 0 };
    struct options help = options_of_help(ESPOTA_BIN_DIR "/espota-c", "upload");

    add_table(&code, upload_option_table, false);
    add_table(&code, mdns_options_argp.options, false);
    add_table(&code, usage_children[0].argp->options, false);
    expect_all(&code, "the code", &help, "--help");
    expect_all(&help, "--help", &code, "the code");
}

Test(manual, upload_page_lists_the_options_of_its_help)
{
    compare_page("espota-c-upload.1", options_of_help(ESPOTA_BIN_DIR "/espota-c", "upload"));
}

Test(manual, inspect_page_lists_the_options_of_its_help)
{
    compare_page("espota-c-inspect.1", options_of_help(ESPOTA_BIN_DIR "/espota-c", "inspect"));
}

Test(manual, serve_page_lists_the_options_of_its_help)
{
    compare_page("espota-c-serve.1", options_of_help(ESPOTA_BIN_DIR "/espota-c", "serve"));
}

Test(manual, setup_page_lists_the_options_of_its_help)
{
    compare_page("espota-c-setup.1", options_of_help(ESPOTA_BIN_DIR "/espota-c", "setup"));
}

Test(manual, arduino_discovery_page_lists_the_options_of_its_help)
{
    compare_page("espota-c-arduino-discovery.1",
                 options_of_help(ESPOTA_BIN_DIR "/espota-c", "arduino-discovery"));
}

Test(manual, discover_page_lists_the_options_of_its_help)
{
    compare_page("espota-c-discover.1", options_of_help(ESPOTA_BIN_DIR "/espota-c", "discover"));
}

Test(manual, device_page_lists_the_options_of_its_help)
{
    compare_page("espota-device.1", options_of_help(ESPOTA_BIN_DIR "/espota-device", NULL));
}

/* ".It 5 Pq no-answer" */
Test(manual, upload_page_lists_every_exit_code_with_its_name)
{
    read_page("espota-c-upload.1");
    for (int code = EXIT_UPDATED; code <= EXIT_SKIPPED; code++) {
        char item[80];
        snprintf(item, sizeof item, "\n.It %d Pq %s\n", code, exit_code_name((enum exit_code)code));
        cr_expect_not_null(strstr(page, item), "no item for exit code %d, %s", code,
                           exit_code_name((enum exit_code)code));
    }
}

Test(manual, upload_page_lists_no_exit_code_that_there_is_not)
{
    static const char item[] = "\n.It ";
    int listed = 0;

    read_page("espota-c-upload.1");
    for (const char *at = page; (at = strstr(at, item)) != NULL;) {
        char *end;
        at += sizeof item - 1;
        long code = strtol(at, &end, 10);
        if (end == at)
            continue;
        cr_expect_str_neq(exit_code_name((enum exit_code)code), "unknown", "exit code %ld", code);
        listed++;
    }
    cr_assert_eq(listed, EXIT_SKIPPED + 1);
}
