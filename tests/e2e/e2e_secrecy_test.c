/*
 * The password is seen nowhere: not in what the programs print, whatever they are asked to print,
 * and not in the list of processes while they run.
 */
#include "e2e_board.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

E2E_SUITE(secrecy);

#define SECRET "swordfish42"
#define OPTION ("--auth=" SECRET)
#define LONGER ("xx" SECRET)

static const struct device_options keeper = { .password = SECRET };

/* A wrong and a right proof, then an error: about everything that can be said is said. */
static const struct device_step eventful[] = {
    DEVICE_INVITED,
    DEVICE_ANSWER("AUTH 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
    DEVICE_PROOF,
    DEVICE_ANSWER("Authentication Failed"),
    DEVICE_INVITED,
    DEVICE_ANSWER("AUTH ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"),
    DEVICE_PROOF,
    DEVICE_ANSWER("OK"),
    DEVICE_CONNECT,
    DEVICE_READ_ALL,
    DEVICE_WRITE("ERROR[7]: MD5 verification failed\n"),
    DEVICE_END,
};

static void expect_unseen(const struct process *uploader)
{
    expect_no_err(uploader, SECRET);
    expect_no_out(uploader, SECRET);
}

static void play_with(const char *const *args, const char *const *environment)
{
    const struct act_options options = { .device = &keeper,
                                         .uploader = { .environment = environment } };
    struct act act;

    act_run_with(&act, eventful, args, &options);
    expect_exit(act.uploader, 8);
    cr_assert_eq(act.seen.proof[0], DEVICE_PROOF_SHA256);
    cr_assert_eq(act.seen.proof[1], DEVICE_PROOF_MD5);
    expect_unseen(act.uploader);
}

Test(secrecy, of_what_is_printed)
{
    play_with(ARGS("-a", SECRET), NULL);
}

Test(secrecy, of_what_is_printed_with_debug_and_json)
{
    play_with(ARGS("-d", "--json", "-r", OPTION), NULL);
}

Test(secrecy, of_what_is_printed_from_the_environment)
{
    play_with(ARGS("-d", "--json"), ARGS("ESPOTA_AUTH=" SECRET));
}

Test(secrecy, of_what_is_printed_about_a_bad_command_line)
{
    struct process *uploader = uploader_run(ARGS("-a", SECRET, OPTION, "-i", "127.0.0.1", "stray"));

    expect_exit(uploader, 2);
    expect_unseen(uploader);
}

/* ---- what others on this machine see ---- */

/* True when a file of /proc about the process holds the text. */
static bool proc_holds(const struct process *process, const char *file, const char *text)
{
    char path[64];
    static char bytes[65536];
    size_t len = 0;
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)process->pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert_geq(fd, 0, "%s", path);
    while (len < sizeof bytes && (n = read(fd, bytes + len, sizeof bytes - len)) > 0)
        len += (size_t)n;
    close(fd);
    cr_assert_gt(len, 0, "%s is empty", path);
    return memmem(bytes, len, text, strlen(text)) != NULL;
}

/* While the uploader waits for an answer, it has been running for long enough to have hidden it. */
static void look_while_it_runs(const char *const *args, const char *const *environment)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_END };
    const struct act_options options = { .uploader = { .environment = environment } };
    struct act act;

    act_start(&act, script, args, &options);
    act_reaches(&act, 1);
    bool in_arguments = proc_holds(act.uploader, "cmdline", SECRET);
    bool in_environment = proc_holds(act.uploader, "environ", SECRET);
    cr_assert(proc_holds(act.uploader, "cmdline", "sketch.bin"));
    process_signal(act.uploader, SIGTERM);
    act_finish(&act);
    expect_exit(act.uploader, 128 + SIGTERM);
    cr_assert_not(in_arguments, "the password is in /proc/PID/cmdline");
    cr_assert_not(in_environment, "the password is in /proc/PID/environ");
}

Test(secrecy, of_the_option_in_two_words)
{
    look_while_it_runs(ARGS("-a", SECRET), NULL);
}

Test(secrecy, of_the_option_in_one_word)
{
    look_while_it_runs(ARGS(OPTION), NULL);
}

Test(secrecy, of_the_option_in_a_short_word)
{
    look_while_it_runs(ARGS("-a" SECRET), NULL);
}

Test(secrecy, of_an_option_given_twice)
{
    look_while_it_runs(ARGS("--auth", LONGER, "-a", SECRET), NULL);
}

Test(secrecy, of_the_environment)
{
    look_while_it_runs(NULL, ARGS("ESPOTA_AUTH=" SECRET));
}

Test(secrecy, of_the_environment_beside_an_option)
{
    look_while_it_runs(ARGS("-a", "another"), ARGS("ESPOTA_AUTH=" SECRET));
}

Test(secrecy, of_the_devices_own)
{
    struct board board = board_start("flash", ARGS("--password", SECRET));
    struct e2e_image sketch = e2e_sketch(8192);

    cr_assert_not(proc_holds(board.process, "cmdline", SECRET));
    upload_run(&board, &sketch, ARGS("-a", "wrong"));
    upload_succeeds(&board, &sketch, ARGS("-a", SECRET));
    board_stop(&board);
    expect_unseen(board.process);
}
