#include "cli/push/upload_options.h"

#include "cli/exit_code.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 32

/* What a child that was not ended by the parser exits with. */
#define ACCEPTED 99

/* A command line of its own, since passwords are wiped in it. */
static char *words[WORDS_MAX + 1];
static struct upload_options options;

static void enter(void)
{
    argp_err_exit_status = EXIT_BAD_USAGE; /* as main() does */
}

static void leave(void)
{
    upload_options_free(&options);
    for (size_t i = 0; words[i]; i++) {
        free(words[i]);
        words[i] = NULL;
    }
}

TestSuite(upload_options, .init = enter, .fini = leave);

static void parse_words(const char *const *line)
{
    int count = 0;

    leave();
    for (; line[count]; count++) {
        cr_assert_lt(count, WORDS_MAX);
        words[count] = strdup(line[count]);
        cr_assert_not_null(words[count]);
    }
    upload_options_parse(&options, count, words);
}

#define LINE(...) ((const char *const[]){ "espota-c", __VA_ARGS__, NULL })

/* Parse a whole command line; or one that is complete but for these words. */
#define parse(...)      parse_words(LINE(__VA_ARGS__))
#define parse_also(...) parse_words(LINE("-i", "10.0.0.7", "-f", "x.bin", __VA_ARGS__))

/* What a parser that may end the program did in a child of ours. */
struct outcome {
    int status;
    char out[8192];
    char err[8192];
};

static void read_back(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static struct outcome outcome_of(const char *const *line)
{
    struct outcome outcome;
    FILE *out = tmpfile();
    FILE *err = tmpfile();
    int status;

    cr_assert(out && err);
    fflush(NULL);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        parse_words(line);
        _exit(ACCEPTED);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status));
    outcome.status = WEXITSTATUS(status);
    read_back(out, outcome.out, sizeof outcome.out);
    read_back(err, outcome.err, sizeof outcome.err);
    return outcome;
}

/* Refused with exit code 2 and a message that holds `reason`. */
static void expect_refused(const char *const *line, const char *reason)
{
    struct outcome outcome = outcome_of(line);

    cr_assert_eq(outcome.status, EXIT_BAD_USAGE, "exit code %d, \"%s\"", outcome.status,
                 outcome.err);
    cr_assert_not_null(strstr(outcome.err, reason), "no \"%s\" in \"%s\"", reason, outcome.err);
    cr_assert_str_eq(outcome.out, "");
}

#define refuse(reason, ...)      expect_refused(LINE(__VA_ARGS__), reason)
#define refuse_also(reason, ...) refuse(reason, "-i", "10.0.0.7", "-f", "x.bin", __VA_ARGS__)

/* --- What there is ---------------------------------------------------------------------------- */

Test(upload_options, defaults)
{
    parse("-i", "10.0.0.7", "-f", "x.bin");
    cr_assert_eq(options.device_count, 1u);
    cr_assert_str_eq(options.devices[0], "10.0.0.7");
    cr_assert_str_eq(options.image, "x.bin");
    cr_assert_eq(options.port, 0);
    cr_assert_eq(options.ports.first, 0);
    cr_assert_eq(options.ports.last, 0);
    cr_assert_eq(options.bind_to.len, 0u);
    cr_assert_eq(options.timeout_ms, 20000u);
    cr_assert_eq(options.stall_ms, 60000u);
    cr_assert_eq(options.verdict_ms, 60000u);
    cr_assert_eq(options.retries, 2u);
    cr_assert_not(options.password.given);
    cr_assert_null(options.auth_file);
    cr_assert_not(options.filesystem || options.md5_target || options.debug || options.progress ||
                  options.json || options.quiet || options.force);
}

Test(upload_options, short_spellings)
{
    parse("-i", "10.0.0.7", "-p", "8266", "-I", "127.0.0.1", "-P", "5000-5010", "-a", "pw", "-f",
          "x.bin", "-s", "-d", "-r", "-q", "-m", "-t", "1.5");
    cr_assert_eq(options.port, 8266);
    cr_assert_eq(options.bind_to.u.any.sa_family, AF_INET);
    cr_assert_eq(options.ports.first, 5000);
    cr_assert_eq(options.ports.last, 5010);
    cr_assert_eq(options.password.len, 2u);
    cr_assert_eq(options.timeout_ms, 1500u);
    cr_assert(options.filesystem && options.debug && options.progress && options.quiet &&
              options.md5_target);
}

Test(upload_options, long_spellings)
{
    parse("--ip=10.0.0.7", "--port=8266", "--host_ip=::1", "--host_port=5000", "--auth=pw",
          "--file=x.bin", "--spiffs", "--debug", "--progress", "--timeout=3", "--md5-target",
          "--auth-file=secret", "--json", "--quiet", "--retries=0", "--force", "--stall-timeout=4",
          "--verdict-timeout=5");
    cr_assert_str_eq(options.devices[0], "10.0.0.7");
    cr_assert_eq(options.port, 8266);
    cr_assert_eq(options.bind_to.u.any.sa_family, AF_INET6);
    cr_assert_eq(options.ports.first, 5000);
    cr_assert_eq(options.ports.last, 5000);
    cr_assert_str_eq(options.auth_file, "secret");
    cr_assert_eq(options.timeout_ms, 3000u);
    cr_assert_eq(options.retries, 0u);
    cr_assert_eq(options.stall_ms, 4000u);
    cr_assert_eq(options.verdict_ms, 5000u);
    cr_assert(options.filesystem && options.debug && options.progress && options.quiet &&
              options.md5_target && options.json && options.force);
}

Test(upload_options, filesystem_is_another_name_for_spiffs)
{
    parse_also("--filesystem");
    cr_assert(options.filesystem);
}

Test(upload_options, unambiguous_beginnings)
{
    parse("--ip", "10.0.0.7", "--file", "x.bin", "--spif", "--deb", "--prog", "--time", "7",
          "--host_i", "127.0.0.1", "--host_p", "5000", "--md5", "--js", "--ret", "1", "--stall",
          "8", "--verd", "9", "--auth-f", "secret");
    cr_assert_str_eq(options.image, "x.bin");
    cr_assert(options.filesystem && options.debug && options.progress && options.md5_target &&
              options.json);
    cr_assert_eq(options.timeout_ms, 7000u);
    cr_assert_eq(options.bind_to.u.any.sa_family, AF_INET);
    cr_assert_eq(options.ports.first, 5000);
    cr_assert_eq(options.retries, 1u);
    cr_assert_eq(options.stall_ms, 8000u);
    cr_assert_eq(options.verdict_ms, 9000u);
    cr_assert_str_eq(options.auth_file, "secret");
}

Test(upload_options, several_devices_in_their_order)
{
    parse("-i", "10.0.0.7", "-f", "x.bin", "-i", "esp.lan", "--ip=::1");
    cr_assert_eq(options.device_count, 3u);
    cr_assert_str_eq(options.devices[0], "10.0.0.7");
    cr_assert_str_eq(options.devices[1], "esp.lan");
    cr_assert_str_eq(options.devices[2], "::1");
}

Test(upload_options, options_grouped_and_glued)
{
    parse("-i10.0.0.7", "-p8266", "-fx.bin", "-drs", "-aPW");
    cr_assert_eq(options.port, 8266);
    cr_assert_str_eq(options.image, "x.bin");
    cr_assert(options.debug && options.progress && options.filesystem);
    cr_assert_eq(memcmp(options.password.bytes, "PW", 2), 0);
}

/* --- Passwords -------------------------------------------------------------------------------- */

Test(upload_options, an_empty_password_counts_as_not_given)
{
    parse_also("--auth=");
    cr_assert_not(options.password.given);
    parse_also("-a", "");
    cr_assert_not(options.password.given);
}

Test(upload_options, a_password_may_look_like_anything)
{
    parse_also("--auth=-i {x} = \xFF");
    cr_assert_eq(options.password.len, strlen("-i {x} = \xFF"));
    parse_also("-a", "--force");
    cr_assert_eq(options.password.len, strlen("--force"));
    cr_assert_not(options.force);
}

Test(upload_options, a_password_is_wiped_from_the_command_line)
{
    parse("--auth=hunter2", "-i", "10.0.0.7", "-f", "x.bin");
    cr_assert_str_eq(words[1], "--auth=");
    cr_assert_eq(memcmp(words[1] + strlen("--auth="), "\0\0\0\0\0\0\0", 7), 0);
    cr_assert_eq(memcmp(options.password.bytes, "hunter2", 7), 0);
}

Test(upload_options, an_empty_auth_file_counts_as_not_given)
{
    parse_also("--auth-file=");
    cr_assert_null(options.auth_file);
}

/* --- What IDEs and build systems run ---------------------------------------------------------- */

Test(upload_options, the_recipe_of_the_esp8266_core)
{
    parse("-I", "/home/me/.arduino15/packages/esp8266/hardware/esp8266/3.1.2/tools/espota.py", "-i",
          "192.168.1.40", "-p", "8266", "--auth=", "-f", "/tmp/arduino/sketches/A1/blink.ino.bin");
    cr_assert_eq(options.bind_to.len, 0u);
    cr_assert_eq(options.device_count, 1u);
    cr_assert_str_eq(options.devices[0], "192.168.1.40");
    cr_assert_eq(options.port, 8266);
    cr_assert_not(options.password.given);
    cr_assert_str_eq(options.image, "/tmp/arduino/sketches/A1/blink.ino.bin");
}

Test(upload_options, the_recipe_of_the_rp2040_core)
{
    parse("-I", "C:\\packages\\rp2040\\hardware\\rp2040\\4.4.0/tools/espota.py", "-i",
          "192.168.1.41", "-p", "2040", "--auth=secret", "-f", "blink.ino.bin");
    cr_assert_eq(options.bind_to.len, 0u);
    cr_assert_eq(options.port, 2040);
    cr_assert(options.password.given);
}

Test(upload_options, the_recipe_of_the_esp32_core)
{
    parse("-r", "-i", "192.168.1.42", "-p", "3232", "--auth=secret", "-f", "blink.ino.bin");
    cr_assert(options.progress);
    cr_assert_eq(options.port, 3232);
}

Test(upload_options, a_recipe_with_variables_that_were_not_filled_in)
{
    parse("-i", "192.168.1.42", "-p", "{upload.port.properties.port}", "--auth=", "-f", "x.bin",
          "-P", "{upload.host_port}", "-I", "{upload.host_ip}");
    cr_assert_eq(options.port, 0);
    cr_assert_eq(options.ports.first, 0);
    cr_assert_eq(options.bind_to.len, 0u);
}

Test(upload_options, the_command_line_of_platformio)
{
    parse("--debug", "--progress", "-i", "192.168.1.40", "--port=8266", "--auth=secret",
          "--host_port=37000", "--timeout=10", "-f", ".pio/build/nodemcuv2/firmware.bin");
    cr_assert(options.debug && options.progress);
    cr_assert_eq(options.port, 8266);
    cr_assert_eq(options.ports.first, 37000);
}

Test(upload_options, the_command_line_of_platformio_for_a_file_system)
{
    parse("--debug", "--progress", "-s", "-i", "esp.local", "-f", ".pio/build/d1/littlefs.bin");
    cr_assert(options.filesystem);
}

Test(upload_options, an_empty_port_counts_as_not_given)
{
    parse_also("-p", "");
    cr_assert_eq(options.port, 0);
}

/* --- What is refused -------------------------------------------------------------------------- */

Test(upload_options, refuses_a_stray_argument)
{
    refuse_also("'y.bin'", "y.bin");
    refuse("'10.0.0.7'", "10.0.0.7", "-i", "10.0.0.7", "-f", "x.bin");
    refuse_also("'-q'", "--", "-q");
}

Test(upload_options, refuses_to_go_without_device_or_image)
{
    refuse("-i", "-f", "x.bin", "--mdns=off");
    refuse("-f", "-i", "10.0.0.7");
    refuse("-i needs", "-i", "", "-f", "x.bin");
}

Test(upload_options, refuses_an_option_without_its_argument)
{
    refuse("requires an argument", "-f", "x.bin", "-i");
    refuse("requires an argument", "-i", "10.0.0.7", "--file");
}

Test(upload_options, refuses_an_argument_for_a_switch)
{
    refuse_also("doesn't allow an argument", "--debug=1");
}

Test(upload_options, refuses_options_it_does_not_know)
{
    refuse_also("--frob", "--frob");
    refuse_also("'z'", "-z");
}

Test(upload_options, refuses_ambiguous_beginnings)
{
    refuse_also("ambiguous", "--p=1");
    refuse_also("ambiguous", "--fil=x.bin");
    refuse_also("ambiguous", "--host=127.0.0.1");
    refuse_also("ambiguous", "--aut=x");
}

Test(upload_options, refuses_ports_out_of_range)
{
    refuse_also("'0'", "-p", "0");
    refuse_also("'65536'", "-p", "65536");
    refuse_also("'http'", "-p", "http");
    refuse_also("'{'", "-p", "{");
    refuse_also("'5010-5000'", "-P", "5010-5000");
    refuse_also("'-1'", "--host_port=-1");
}

Test(upload_options, refuses_local_addresses_that_are_none)
{
    refuse_also("'eth0'", "-I", "eth0");
    refuse_also("''", "-I", "");
    refuse_also("'espota.py.txt'", "-I", "espota.py.txt");
}

Test(upload_options, refuses_times_and_numbers_out_of_range)
{
    refuse_also("-t takes", "-t", "0");
    refuse_also("-t takes", "-t", "soon");
    refuse_also("--stall-timeout takes", "--stall-timeout=-1");
    refuse_also("--verdict-timeout takes", "--verdict-timeout=1e9");
    refuse_also("--retries takes", "--retries=101");
    refuse_also("--retries takes", "--retries=-1");
}

Test(upload_options, refuses_a_password_that_is_too_long_without_showing_it)
{
    static char password[PASSWORD_MAX + 2];
    memset(password, 'P', sizeof password - 1);
    const char *const *line = LINE("-i", "10.0.0.7", "-f", "x.bin", "-a", password);
    struct outcome outcome = outcome_of(line);

    cr_assert_eq(outcome.status, EXIT_BAD_USAGE);
    cr_assert_null(strstr(outcome.err, "PPPP"));
}

Test(upload_options, takes_the_longest_password)
{
    static char password[PASSWORD_MAX + 1];

    memset(password, 'P', sizeof password - 1);
    parse_also("-a", password);
    cr_assert_eq(options.password.len, (size_t)PASSWORD_MAX);
}

Test(upload_options, help_goes_to_standard_output)
{
    static const char *const spellings[] = { "--help", "-h", "-?" };

    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        struct outcome outcome = outcome_of(LINE(spellings[i]));
        cr_assert_eq(outcome.status, 0, "%s", spellings[i]);
        cr_assert_not_null(strstr(outcome.out, "--ip=HOST"), "%s", spellings[i]);
        cr_assert_null(strstr(outcome.err, "--ip"), "%s", spellings[i]);
    }
}
