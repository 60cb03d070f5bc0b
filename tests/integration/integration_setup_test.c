/*
 * What espota-c setup arduino writes, keeps and takes back.
 */
#include "arduino_home.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

HOME_SUITE(setup);

Test(setup, lists_what_can_be_set_up)
{
    struct process *process = program_run(E2E_UPLOADER, ARGS("setup"));

    expect_exit(process, 2);
    expect_err(process, "espota-c setup arduino");
    process = program_run(E2E_UPLOADER, ARGS("setup", "toaster"));
    expect_exit(process, 2);
    expect_err(process, "\"toaster\"");
    expect_err(process, "espota-c setup arduino");
}

/* ---- asking ---- */

Test(setup, changes_nothing_when_nobody_can_be_asked)
{
    make_core(ESP8266);
    struct process *process = set_up(NULL, 2);
    expect_out(process, "+ tools.esptool.upload.network_pattern");
    expect_err(process, "--yes");
    cr_assert_not(is_there(ESP8266 LOCAL));
}

/* Somebody is asked. */
static struct process *ask(void)
{
    struct process *process = program_start(E2E_UPLOADER, ARGS("setup", "arduino"),
                                            &(struct program_options){ .terminal = true });

    cr_assert(process_expect(process, &process->err, "Change this file (y/n)?", E2E_PATIENCE_MS));
    return process;
}

/* And answers. */
static struct process *answer(struct process *process, const char *text)
{
    cr_assert(process_write(process, text, strlen(text), E2E_PATIENCE_MS));
    program_finish(process);
    return process;
}

Test(setup, does_as_it_is_told)
{
    make_core(ESP8266);
    expect_exit(answer(ask(), "n\n"), 1);
    cr_assert_not(is_there(ESP8266 LOCAL));
    expect_exit(answer(ask(), "y\n"), 0);
    expect_within(ESP8266 LOCAL, BEGIN, true);
}

/* An edit made while the question stands is in nobody's backup. */
Test(setup, keeps_what_is_edited_meanwhile)
{
    make_core(ESP8266);
    struct process *process = ask();
    put(ESP8266 LOCAL, "my.key=1\n");
    answer(process, "y\n");
    expect_exit(process, 1);
    expect_err(process, ESP8266 LOCAL ": it has been changed meanwhile");
    expect_content(ESP8266 LOCAL, "my.key=1\n");
    process = ask();
    put(ESP8266 LOCAL, "my.key=2\n");
    expect_exit(answer(process, "y\n"), 1);
    expect_content(ESP8266 LOCAL, "my.key=2\n");
    cr_assert_not(is_there(ESP8266 LOCAL ".bak"));
    expect_exit(answer(ask(), "y\n"), 0);
    expect_content(ESP8266 LOCAL ".bak", "my.key=2\n");
}

/* ---- writing and removing ---- */

Test(setup, keeps_users_lines_and_gives_them_back)
{
    static const char *const own[] = { "my.key=1\n", "my.key=1\r\nother=2\r\n", "no.end=1",
                                       "no.end=1\r\nat=all", "" };

    make_core(ESP32);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        char backup[sizeof ESP32 + 64];
        put(ESP32 LOCAL, own[i]);
        set_up(ARGS("--yes"), 0);
        expect_within(ESP32 LOCAL, own[i], true);
        expect_within(ESP32 LOCAL, BEGIN, true);
        snprintf(backup, sizeof backup, ESP32 LOCAL ".bak.%zu", 2 * i + 1);
        if (i == 0)
            snprintf(backup, sizeof backup, ESP32 LOCAL ".bak");
        expect_content(backup, own[i]);
        set_up(ARGS("--yes", "--remove"), 0);
        expect_content(ESP32 LOCAL, own[i]);
    }
}

Test(setup, keeps_the_files_line_ends)
{
    make_core(ESP32);
    put(ESP32 LOCAL, "my.key=1\r\n");
    set_up(ARGS("--yes"), 0);
    char *text = file_read(temp_path(&e2e_folder, ESP32 LOCAL).text, NULL);
    for (char *c = text; (c = strchr(c, '\n')) != NULL; c++)
        cr_assert_eq(c[-1], '\r', "a line ends otherwise");
    free(text);
}

Test(setup, makes_and_removes_a_file_that_was_not_there)
{
    make_core(RP2040);
    struct process *process = set_up(ARGS("--yes"), 0);
    expect_out(process, "Wrote");
    expect_within(RP2040 LOCAL, E2E_UPLOADER, true);
    set_up(ARGS("--yes", "--remove"), 0);
    cr_assert_not(is_there(RP2040 LOCAL));
    cr_assert_not(is_there(RP2040 LOCAL ".bak"));
    expect_out(set_up(ARGS("--remove"), 0), "nothing to change");
}

/* A line of a user's within the block goes with it, and is not lost. */
Test(setup, backs_up_a_file_that_it_made_when_it_holds_more)
{
    make_core(RP2040);
    set_up(ARGS("--yes"), 0);
    char *text = file_read(temp_path(&e2e_folder, RP2040 LOCAL).text, NULL);
    char *end = strstr(text, "# <<< espota-c");
    char edited[16384];
    snprintf(edited, sizeof edited, "%.*suser.line=1\n%s", (int)(end - text), text, end);
    put(RP2040 LOCAL, edited);
    expect_out(set_up(ARGS("--yes", "--remove"), 0), "; as it was: ");
    cr_assert_not(is_there(RP2040 LOCAL));
    expect_content(RP2040 LOCAL ".bak", edited);
    free(text);
}

Test(setup, does_it_once)
{
    make_core(ESP8266);
    set_up(ARGS("--yes"), 0);
    char *first = file_read(temp_path(&e2e_folder, ESP8266 LOCAL).text, NULL);
    expect_out(set_up(NULL, 0), "nothing to change");
    expect_content(ESP8266 LOCAL, first);
    cr_assert_not(is_there(ESP8266 LOCAL ".bak"));
    free(first);
}

Test(setup, replaces_a_block_in_its_place)
{
    make_core(ESP8266);
    put(ESP8266 LOCAL, "before=1\n" BEGIN " \nof.old=1\n# <<< espota-c \t\nafter=1\n");
    struct process *process = set_up(ARGS("--yes", "--no-discovery", "--program", "/opt/up"), 0);
    expect_out(process, "\n- of.old=1\n");
    expect_within(ESP8266 LOCAL, "before=1\n" BEGIN "\n# Network uploads", true);
    expect_within(ESP8266 LOCAL, "# <<< espota-c\nafter=1\n", true);
    expect_within(ESP8266 LOCAL, "\"/opt/up\" \"--ip", true);
    expect_within(ESP8266 LOCAL, "of.old", false);
    expect_within(ESP8266 LOCAL, "discovery.espota_c", false);
    set_up(ARGS("--yes", "--remove"), 0);
    expect_content(ESP8266 LOCAL, "before=1\nafter=1\n");
}

/* Versions of a core call their tools differently; only those that run espota.py are replaced. */
Test(setup, knows_tools_by_what_they_run)
{
    make_core(ESP8266);
    put(ESP8266 "/platform.txt",
        "tools.esptool.network_cmd=python3 espota.py\n"
        "tools.esptool.upload.pattern=esptool {serial.port}\n"
        "tools.airborne.cmd.linux=python3 espota.py\n"
        "tools.airborne.upload.pattern={cmd} -i {upload.port.address}\n"
        "tools.other.upload.pattern=other {upload.port.address}\n"
        "tools.older.upload.network_pattern=espota.py -i {serial.port}\n"
        "tools.no name.upload.network_pattern=espota.py -i {serial.port}\n");
    set_up(ARGS("--yes", "--program", "/opt/up"), 0);
    expect_within(ESP8266 LOCAL, "\ntools.airborne.upload.pattern.linux=\"/opt/up\" \"--ip", true);
    expect_within(ESP8266 LOCAL, "\ntools.airborne.upload.field.password=Password\n", true);
    expect_within(ESP8266 LOCAL, "tools.airborne.upload.network_pattern", false);
    expect_within(ESP8266 LOCAL, "\ntools.older.upload.network_pattern.linux=\"/opt/up\" \"--ip={s",
                  true);
    expect_within(ESP8266 LOCAL, "tools.older.upload.pattern", false);
    expect_within(ESP8266 LOCAL, "tools.other", false);
    expect_within(ESP8266 LOCAL, "tools.no name", false);
    expect_within(ESP8266 LOCAL, "tools.esptool.upload.pattern", false);
}

Test(setup, tells_of_users_lines_that_set_the_same)
{
    make_core(ESP8266);
    put(ESP8266 LOCAL, "tools.esptool.upload.network_pattern=mine\n" BEGIN "\n# <<< espota-c\n"
                       "upload.tool.network=mine\n"
                       "tools.espota_c.upload.pattern = mine\nother=1\n");
    struct process *process = set_up(ARGS("--yes"), 0);
    expect_out(process, "line 1, before the block, sets tools.esptool.upload.network_pattern too: "
                        "the block's counts\n");
    expect_out(process, "sets upload.tool.network too: yours counts\n");
    expect_out(process, "sets tools.espota_c.upload.pattern too: yours counts, but not in Arduino "
                        "IDE 1.8\n");
    expect_no_out(process, "other");
}

/* A run that was killed leaves a part of a file; a backup that is there already is enough. */
Test(setup, leaves_nothing_over)
{
    char part[8192];

    memset(part, 'x', sizeof part - 1);
    part[sizeof part - 1] = '\0';
    make_core(ESP8266);
    for (int i = 0; i < 2; i++) {
        put(ESP8266 LOCAL, "my.key=1\n");
        put(ESP8266 LOCAL ".espota-c", part);
        set_up(ARGS("--yes", "--no-discovery"), 0);
        expect_within(ESP8266 LOCAL, "my.key=1\n" BEGIN, true);
        expect_within(ESP8266 LOCAL, "xxxx", false);
        cr_assert_not(is_there(ESP8266 LOCAL ".espota-c"));
        expect_content(ESP8266 LOCAL ".bak", "my.key=1\n");
    }
    cr_assert_not(is_there(ESP8266 LOCAL ".bak.2"));
}

Test(setup, keeps_permissions)
{
    struct stat stat_after;

    make_core(ESP8266);
    put(ESP8266 LOCAL, "a=1\n");
    cr_assert_eq(chmod(temp_path(&e2e_folder, ESP8266 LOCAL).text, 0660), 0);
    set_up(ARGS("--yes"), 0);
    cr_assert_eq(stat(temp_path(&e2e_folder, ESP8266 LOCAL).text, &stat_after), 0);
    cr_assert_eq(stat_after.st_mode & 07777, 0660u);
}

/* ---- what cannot be done ---- */

/* It is told, the file stays as it is, and the other core is set up. */
static void expect_refused(const char *why)
{
    make_core(ESP32);
    struct process *process = set_up(ARGS("--yes"), 1);
    expect_err(process, ESP8266 LOCAL ": ");
    expect_err(process, why);
    expect_within(ESP32 LOCAL, BEGIN, true);
}

Test(setup, leaves_a_read_only_file)
{
    make_core(ESP8266);
    put(ESP8266 LOCAL, "a=1\n");
    cr_assert_eq(chmod(temp_path(&e2e_folder, ESP8266 LOCAL).text, 0444), 0);
    expect_refused("it is read-only");
    expect_content(ESP8266 LOCAL, "a=1\n");
}

Test(setup, leaves_a_link)
{
    make_core(ESP8266);
    put("mine.txt", "a=1\n");
    cr_assert_eq(symlink("../../../../../../mine.txt", temp_path(&e2e_folder, ESP8266 LOCAL).text),
                 0);
    expect_refused("symbolic link");
    expect_content("mine.txt", "a=1\n");
}

Test(setup, leaves_what_is_no_file)
{
    make_core(ESP8266);
    cr_assert_eq(mkfifo(temp_path(&e2e_folder, ESP8266 LOCAL).text, 0644), 0);
    expect_refused("no regular file");
}

Test(setup, leaves_what_another_run_is_at)
{
    make_core(ESP8266);
    put(ESP8266 LOCAL, "a=1\n");
    put(ESP8266 LOCAL ".espota-c", "");
    int fd = open(temp_path(&e2e_folder, ESP8266 LOCAL ".espota-c").text, O_RDONLY | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(flock(fd, LOCK_EX), 0);
    expect_refused("another espota-c is at work");
    expect_content(ESP8266 LOCAL, "a=1\n");
    close(fd);
}

Test(setup, leaves_a_file_with_half_a_block)
{
    make_core(ESP8266);
    put(ESP8266 LOCAL, "a=1\n" BEGIN "\nb=2\n");
    expect_refused("not one pair");
    expect_content(ESP8266 LOCAL, "a=1\n" BEGIN "\nb=2\n");
}

Test(setup, refuses_a_program_that_a_recipe_cannot_name)
{
    make_core(ESP8266);
    expect_err(set_up(ARGS("--yes", "--program", "/a\"b"), 2), "quotes");
    expect_err(set_up(ARGS("--yes", "--program", "/{b}"), 2), "quotes");
    cr_assert_not(is_there(ESP8266 LOCAL));
}
