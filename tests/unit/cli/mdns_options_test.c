#include "cli/discover/mdns_options.h"

#include "cli/exit_code.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(mdns_options, .timeout = 30);

Test(mdns_options, a_mode_is_one_of_four_words)
{
    static const struct {
        const char *word;
        enum mdns_mode mode;
    } modes[] = {
        { "auto", MDNS_AUTO },
        { "daemon", MDNS_DAEMON },
        { "embedded", MDNS_EMBEDDED },
        { "off", MDNS_OFF },
    };
    static const char *const wrong[] = { "", "Auto", "autos", "aut", "daemon ", "on", "0" };

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        enum mdns_mode mode = modes[i].mode == MDNS_OFF ? MDNS_AUTO : MDNS_OFF;
        cr_assert(mdns_mode_parse(&mode, modes[i].word), "%s", modes[i].word);
        cr_assert_eq(mode, modes[i].mode, "%s", modes[i].word);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        enum mdns_mode mode = MDNS_EMBEDDED;
        cr_assert_not(mdns_mode_parse(&mode, wrong[i]), "'%s'", wrong[i]);
        cr_assert_eq(mode, MDNS_EMBEDDED);
    }
}

/* A command with nothing but these options. */
static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = state->input;
    return key == ARGP_KEY_INIT ? 0 : ARGP_ERR_UNKNOWN;
}

static struct mdns_choice parse(const char *first, const char *second)
{
    static const struct argp_child children[] = { { &mdns_options_argp, 0, NULL, 0 }, { 0 } };
    static const struct argp command = { .parser = parse_option, .children = children };
    static char texts[3][32] = { "espota-c" }; /* argp wants words that are not constant */
    char *words[4] = { texts[0] };
    struct mdns_choice choice = { 0 };
    int count = 1;

    for (const char *const *word = (const char *const[]){ first, second, NULL }; *word; word++) {
        snprintf(texts[count], sizeof texts[count], "%s", *word);
        words[count] = texts[count];
        count++;
    }
    argp_err_exit_status = EXIT_BAD_USAGE; /* as main() does */
    cr_assert_eq(argp_parse(&command, count, words, 0, NULL, &choice), 0);
    return choice;
}

Test(mdns_options, nothing_said_is_auto_on_all_interfaces)
{
    struct mdns_choice choice = parse(NULL, NULL);

    cr_assert_eq(choice.mode, MDNS_AUTO);
    cr_assert_null(choice.interface);
}

Test(mdns_options, both_are_taken)
{
    struct mdns_choice choice = parse("--mdns=embedded", "--mdns-interface=eth1");

    cr_assert_eq(choice.mode, MDNS_EMBEDDED);
    cr_assert_str_eq(choice.interface, "eth1");
}

/* The complaint about a bad value, from a child that it ended. */
static void complaint_of(const char *word, char *text, size_t size)
{
    FILE *err = tmpfile();
    int status = 0;

    cr_assert_not_null(err);
    fflush(NULL);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        dup2(fileno(err), STDERR_FILENO);
        parse(word, NULL);
        _exit(99);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status));
    cr_assert_eq(WEXITSTATUS(status), EXIT_BAD_USAGE, "%s: %d", word, WEXITSTATUS(status));
    rewind(err);
    text[fread(text, 1, size - 1, err)] = '\0';
    fclose(err);
}

Test(mdns_options, bad_values_end_the_program)
{
    char text[1024];

    complaint_of("--mdns=avahi", text, sizeof text);
    cr_assert_not_null(strstr(text, "--mdns takes auto, daemon, embedded or off, not 'avahi'"));
    complaint_of("--mdns-interface=", text, sizeof text);
    cr_assert_not_null(strstr(text, "--mdns-interface takes the name of a network interface"));
}
