#include "cli/serve/fleet_file.h"

#include "cli/serve/fleet_ini.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct failure failure;

static struct fleet *parse(const char *text)
{
    return fleet_file_parse("c.ini", text, strlen(text), &failure);
}

#define RELEASE "[release A]\nsketch = a.bin\n"

Test(fleet_file, everything_that_can_be_said_is_read)
{
    struct fleet *fleet = parse("# a comment\n"
                                "; another\r\n"
                                "\r\n"
                                "[release DOOR-7-g14f53a19]   # what devices report\r\n"
                                "  sketch = bin/DOOR-7 (1);x#y.bin   # relative\n"
                                "\tfilesystem=/srv/files.bin ; absolute\n"
                                "family = esp8266\n"
                                "rollout = 10%\n"
                                "after = 2026-12-01T08:00Z\n"
                                "stop-if-failing = 5%\n"
                                "[ release Two Words ]\n"
                                "filesystem: fs.bin\n"
                                "[device 18:FE:[0-3]*]\n"
                                "release = Two Words\n"
                                "[default] ; the rest\n"
                                "release = DOOR-7-g14f53a19");

    cr_assert_not_null(fleet, "%s", failure.text);
    cr_assert_eq(fleet->release_count, 2);
    const struct release *release = &fleet->releases[0];
    cr_assert_str_eq(release->name, "DOOR-7-g14f53a19");
    cr_assert_eq(release->line, 4);
    cr_assert_eq(release->family, IMAGE_ESP8266);
    cr_assert_eq(release->rollout, 100000);
    cr_assert_eq(release->after, 1796112000);
    cr_assert(release->has_stop);
    cr_assert_eq(release->stop_if_failing, 50000);
    release = &fleet->releases[1];
    cr_assert_str_eq(release->name, "Two Words");
    cr_assert_eq(release->family, IMAGE_UNKNOWN);
    cr_assert_eq(release->rollout, RELEASE_WHOLE);
    cr_assert_eq(release->after, 0);
    cr_assert_not(release->has_stop);
    cr_assert_eq(fleet->rule_count, 1);
    cr_assert_str_eq(fleet->rules[0].pattern, "18:FE:[0-3]*");
    cr_assert_eq(fleet->rules[0].line, 13);
    cr_assert_eq(fleet->rules[0].release, release);
    cr_assert_eq(fleet->fallback, &fleet->releases[0]);
    fleet_free(fleet);
}

Test(fleet_file, a_release_may_come_after_what_names_it)
{
    struct fleet *fleet = parse("[default]\nrelease = A\n" RELEASE);

    cr_assert_not_null(fleet, "%s", failure.text);
    cr_assert_eq(fleet->fallback, &fleet->releases[0]);
    fleet_free(fleet);
}

Test(fleet_file, a_mark_of_utf_8_is_skipped)
{
    struct fleet *fleet = parse("\xEF\xBB\xBF" RELEASE);

    cr_assert_not_null(fleet, "%s", failure.text);
    fleet_free(fleet);
}

Test(fleet_file, long_names_of_releases_are_read_whole)
{
    char text[300];
    char name[UPDATE_VERSION_SIZE];

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(text, sizeof text, "[release %s]\nsketch = a\n[default]\nrelease = %s\n", name, name);
    struct fleet *fleet = parse(text);
    cr_assert_not_null(fleet, "%s", failure.text);
    cr_assert_str_eq(fleet->fallback->name, name);
    fleet_free(fleet);
}

static const struct {
    const char *text;
    unsigned line;
    const char *says;
} wrong[] = {
    { "", 1, "there is no release" },
    { "\n\n# nothing\n", 3, "there is no release" },
    { "sketch = a.bin\n", 1, "in no section" },
    { "[release A]\nnonsense\n", 2, "neither a section nor a key" },
    { RELEASE "= x\n", 3, "unknown key" },
    { "[release A\nsketch = a\n", 1, "does not end" },
    { RELEASE "[device 18:FE:*] x\nrelease = A\n", 3, "does not end" },
    { "[releases A]\n", 1, "unknown section" },
    { "[releaseA]\n", 1, "unknown section" },
    { "[]\n", 1, "unknown section" },
    { RELEASE "[default x]\n", 3, "unknown section" },
    { RELEASE "[Default]\nrelease = A\n", 3, "unknown section" },
    { "[release]\n", 1, "no name" },
    { "[release T\xC3\xBCr]\n", 1, "no name" },
    { RELEASE "[device]\n", 3, "neither a MAC" },
    { RELEASE "[device 18-FE-AA-AA-AA-AA]\n", 3, "neither a MAC" },
    { RELEASE "colour = red\n", 3, "unknown key" },
    { RELEASE "Sketch = b.bin\n", 3, "unknown key" },
    { RELEASE "release = A\n", 3, "unknown key" },
    { RELEASE "[default]\nsketch = a.bin\n", 4, "unknown key" },
    { RELEASE "[device 18:*]\nrollout = 5%\n", 4, "unknown key" },
    { RELEASE "sketch = b.bin\n", 3, "twice" },
    { RELEASE "[default]\nrelease = A\nrelease = A\n", 5, "twice" },
    { "[release A]\nsketch =\n", 2, "no value" },
    { "[release A]\nsketch = # nothing\n", 2, "no value" },
    { "[release A]\nsketch = a\n[release A #2]\nsketch = b\n", 3, "begins a comment" },
    { "[release A;2]\nsketch = a\n[release A ;2]\nsketch = b\n", 3, "begins a comment" },
    { "\n[release A]\nfamily = esp32\n[release B]\nsketch = b\n", 2, "neither a sketch" },
    { RELEASE "\n[release B]", 4, "neither a sketch" },
    { RELEASE "[default]\n", 3, "does not name a release" },
    { RELEASE "[device 18:*]\n[default]\nrelease = A\n", 3, "does not name a release" },
    { RELEASE "family = z80\n", 3, "no family" },
    { RELEASE "rollout = 10\n", 3, "no share" },
    { RELEASE "rollout = 101%\n", 3, "no share" },
    { RELEASE "stop-if-failing = many\n", 3, "no share" },
    { RELEASE "after = 2026-12-01T08:00\n", 3, "no time" },
    { RELEASE "after = 2026-02-30T08:00Z\n", 3, "no time" },
    { RELEASE "[default]\nrelease = B\n", 4, "there is no release \"B\"" },
    { RELEASE "[device 18:*]\nrelease = a\n", 4, "there is no release \"a\"" },
    { RELEASE "\n" RELEASE, 4, "release \"A\" is there twice: first in line 1" },
    { RELEASE "[default]\nrelease = A\n[default]\nrelease = A\n", 5, "first in line 3" },
    { RELEASE "[device 18:fe:*]\nrelease = A\n[device 18:FE:*]\nrelease = A\n", 5,
      "device \"18:FE:*\" is there twice: first in line 3" },
    { RELEASE "[device 18:FE:AA:AA:AA:AA]\nrelease = A\n[device *]\nrelease = A\n"
              "[device 18:fe:aa:aa:aa:aa]\nrelease = A\n",
      7, "first in line 3" },
    { RELEASE "family = esp\x01\n", 3, "control character" },
    { "[release A]\rsketch = a\n", 1, "control character" },
};

Test(fleet_file, what_is_wrong_is_told_with_its_line)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char where[32];

        memset(&failure, 0, sizeof failure);
        snprintf(where, sizeof where, "c.ini:%u: ", wrong[i].line);
        cr_expect_null(parse(wrong[i].text), "%s", wrong[i].text);
        cr_expect_eq(strncmp(failure.text, where, strlen(where)), 0, "%s: %s", wrong[i].text,
                     failure.text);
        cr_expect_not_null(strstr(failure.text, wrong[i].says), "%s: %s", wrong[i].text,
                           failure.text);
        cr_expect_eq(failure.code, EXIT_LOCAL_FAILURE);
    }
}

Test(fleet_file, a_byte_of_zero_is_refused)
{
    static const char text[] = "[release A]\nsketch = a\0b\n";

    cr_assert_null(fleet_file_parse("c.ini", text, sizeof text - 1, &failure));
    cr_assert_str_eq(failure.text, "c.ini:2: there is a control character");
}

Test(fleet_file, a_line_is_read_whole_or_refused)
{
    char text[FLEET_LINE_MAX + 100] = "[release A]\nsketch = ";
    size_t head = strlen(text);
    size_t start = strlen("[release A]\n");

    memset(text + head, 'x', FLEET_LINE_MAX - (head - start));
    text[start + FLEET_LINE_MAX] = '\0';
    struct fleet *fleet = parse(text);
    cr_assert_not_null(fleet, "%s", failure.text);
    fleet_free(fleet);

    text[start + FLEET_LINE_MAX] = 'x';
    cr_assert_null(parse(text));
    cr_assert_eq(strncmp(failure.text, "c.ini:2: the line is longer", 27), 0, "%s", failure.text);
}

Test(fleet_file, a_file_that_is_too_large_is_refused)
{
    size_t len = (size_t)FLEET_FILE_MAX + 1;
    char *text = malloc(len);

    cr_assert_not_null(text);
    memset(text, '\n', len);
    memcpy(text, RELEASE, strlen(RELEASE));
    cr_assert_null(fleet_file_parse("c.ini", text, len, &failure));
    cr_assert_not_null(strstr(failure.text, "larger than 16 MiB"), "%s", failure.text);
    struct fleet *fleet = fleet_file_parse("c.ini", text, len - 1, &failure);
    cr_assert_not_null(fleet, "%s", failure.text);
    fleet_free(fleet);
    free(text);
}

Test(fleet_file, there_are_at_most_10000_releases)
{
    size_t room = 10001 * 40;
    char *text = malloc(room);
    size_t used = 0;

    cr_assert_not_null(text);
    for (unsigned i = 0; i < 10000; i++)
        used += (size_t)snprintf(text + used, room - used, "[release R%u]\nsketch = r\n", i);
    struct fleet *fleet = parse(text);
    cr_assert_not_null(fleet, "%s", failure.text);
    cr_assert_eq(fleet->release_count, 10000);
    cr_assert_eq(fleet_release(fleet, "R9999"), &fleet->releases[9999]);
    fleet_free(fleet);
    snprintf(text + used, room - used, "[release R10000]\nsketch = r\n");
    cr_assert_null(parse(text));
    cr_assert_eq(strncmp(failure.text, "c.ini:20001: there are more than 10000", 38), 0, "%s",
                 failure.text);
    free(text);
}
