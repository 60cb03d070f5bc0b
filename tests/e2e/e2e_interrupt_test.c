/*
 * Interruption by SIGINT or SIGTERM: the user learns what state the device was left in, the program
 * dies by the signal, and nothing of it is left.
 */
#include "e2e.h"

#include "tests/support/loopback.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

E2E_SUITE(interrupt);

#define CONNECTS DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT
#define STAYS    DEVICE_READ_TO_END, DEVICE_END
#define NONCE    "AUTH 00112233445566778899aabbccddeeff"

/* Of the uploader: an address that nobody else binds to. */
#define LOCAL "127.0.0.91"

static const struct device_options slow_reader = { .receive_buffer = 4096 };
static const struct act_options big = { .image_size = 512u * 1024, .device = &slow_reader };

/* Whatever the program might have started would become our child now. */
static void expect_no_children(void)
{
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_assert_eq(errno, ECHILD);
}

static void expect_no_listener(const struct device_record *seen)
{
    struct loopback_address at;

    cr_assert_gt(seen->invitations, 0);
    cr_assert(loopback_parse(&at, LOCAL, seen->invitation.port));
    cr_assert_eq(loopback_connect(&at, NULL, 0, 5000), -1, "the port is still open");
    cr_assert_eq(errno, ECONNREFUSED);
}

/* Send the signal once so many steps are done and the uploader has said `when` on stdout. */
static void interrupt(struct act *act, const struct device_step *script, const char *const *args,
                      size_t steps, const char *when, int number)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    act_start(act, script, args, &big);
    act_reaches(act, steps);
    cr_assert(process_expect(act->uploader, &act->uploader->out, when, E2E_PATIENCE_MS), "%s",
              act->uploader->out.text);
    process_signal(act->uploader, number);
    act_finish(act);
    expect_exit(act->uploader, 128 + number);
    expect_no_children();
    expect_no_listener(&act->seen);
}

/* What the kernel still holds must not complete an update that was called off. */
Test(interrupt, takes_back_what_is_not_at_the_device_yet)
{
    static const struct act_options small = { .image_size = 16000, .device = &slow_reader };
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(2048), DEVICE_SLEEP(1000),
                                                 DEVICE_READ_TO_END, DEVICE_END };
    struct act act;

    act_start(&act, script, NULL, &small);
    act_reaches(&act, 4);
    process_signal(act.uploader, SIGINT);
    act_finish(&act);
    expect_exit(act.uploader, 128 + SIGINT);
    cr_assert_lt(act.seen.connection[0].bytes, act.image.content.size, "all of it arrived");
}

Test(interrupt, while_inviting_again_after_a_broken_try)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(20000), DEVICE_RESET,
                                                 DEVICE_INVITED, DEVICE_END };
    struct act act;

    interrupt(&act, script, ARGS("-I", LOCAL, "--json", "-s", "--force"), 6, "\"attempt\":2",
              SIGINT);
    expect_err(act.uploader, "interrupted after ");
    expect_err(act.uploader, "Its file system may be incomplete now");
    expect_no_err(act.uploader, "nothing was sent");
}

Test(interrupt, while_inviting)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_END };
    struct act act;

    interrupt(&act, script, ARGS("--json", "-I", LOCAL), 1, "\"invited\"", SIGINT);
    expect_err(act.uploader, "espota-c: 127.0.0.1: interrupted before it accepted: nothing was "
                             "sent, nothing has changed on it");
    expect_out(act.uploader, "\"event\":\"result\"");
}

Test(interrupt, while_inviting_by_sigterm)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_END };
    struct act act;

    interrupt(&act, script, ARGS("--json", "-I", LOCAL), 1, "\"invited\"", SIGTERM);
    expect_err(act.uploader, "interrupted before it accepted");
}

/* A terminal was closed: programs are told, and what is written at the end is. */
Test(interrupt, while_inviting_by_sighup)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_END };
    struct act act;

    interrupt(&act, script, ARGS("--json", "-I", LOCAL, "--junit", "report.xml"), 1, "\"invited\"",
              SIGHUP);
    expect_out(act.uploader, "\"event\":\"result\"");
    char *report = file_read(temp_path(&e2e_folder, "report.xml").text, NULL);
    cr_assert(report && strstr(report, "interrupted before it accepted"), "%s", report);
    free(report);
}

Test(interrupt, not_by_sighup_where_that_is_ignored)
{
    static const struct device_step script[] = { DEVICE_INVITED,      DEVICE_SLEEP(300),
                                                 DEVICE_ANSWER("OK"), DEVICE_CONNECT,
                                                 DEVICE_READ_ALL,     DEVICE_WRITE("OK"),
                                                 DEVICE_END };
    struct scripted_device *device = device_play(script, NULL);
    struct port_text port = port_text(scripted_device_port(device));

    e2e_sketch(8192);
    struct process *uploader =
        program_start("/usr/bin/env",
                      ARGS("--ignore-signal=HUP", E2E_UPLOADER, "-f", "sketch.bin", "-i",
                           "127.0.0.1", "-p", port.text, "--json"),
                      NULL);
    cr_assert(process_expect(uploader, &uploader->out, "\"invited\"", E2E_PATIENCE_MS));
    process_signal(uploader, SIGHUP);
    program_finish(uploader);
    scripted_device_finish(device, NULL);
    expect_exit(uploader, 0);
}

Test(interrupt, while_proving_the_password)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER(NONCE), DEVICE_PROOF,
                                                 DEVICE_END };
    struct act act;

    interrupt(&act, script, ARGS("--json", "-I", LOCAL, "-a", "secret"), 3, "\"invited\"", SIGINT);
    expect_err(act.uploader, "interrupted before it accepted");
}

Test(interrupt, before_the_device_connects)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER(NONCE), DEVICE_PROOF,
                                                 DEVICE_ANSWER("OK"), DEVICE_END };
    struct act act;

    interrupt(&act, script, ARGS("--json", "-I", LOCAL, "-a", "secret"), 4, "\"authenticated\"",
              SIGINT);
    expect_err(act.uploader, "interrupted before it connected: nothing was sent");
}

/* Read a part, then as many bytes again as the device's buffers let through. */
static const struct device_step half_way[] = { CONNECTS, DEVICE_READ(50000), DEVICE_HOLD, STAYS };

Test(interrupt, while_streaming)
{
    struct act act;

    interrupt(&act, half_way, ARGS("--json", "-I", LOCAL), 4, "\"progress\"", SIGINT);
    expect_err(act.uploader, "127.0.0.1: interrupted after ");
    expect_err(act.uploader, " of 524288 bytes");
    expect_err(act.uploader, "It still runs its old sketch.");
    cr_assert_lt(act.seen.connection[0].bytes, 524288);
}

Test(interrupt, while_streaming_by_sigterm)
{
    struct act act;

    interrupt(&act, half_way, ARGS("--json", "-I", LOCAL), 4, "\"progress\"", SIGTERM);
    expect_err(act.uploader, "127.0.0.1: interrupted after ");
}

Test(interrupt, while_streaming_a_file_system)
{
    struct act act;

    interrupt(&act, half_way, ARGS("--json", "-I", LOCAL, "-s", "--force"), 4, "\"progress\"",
              SIGINT);
    expect_err(act.uploader, "Its file system may be incomplete now");
}

Test(interrupt, while_awaiting_the_verdict)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ_ALL, STAYS };
    struct act act;

    interrupt(&act, script, ARGS("--json", "-I", LOCAL), 4, "\"bytes\":524288", SIGINT);
    expect_err(act.uploader, "interrupted when everything was sent: it may have been updated");
    expect_out(act.uploader, "\"status\":\"no-verdict\",\"code\":10");
    cr_assert(act.seen.completed, "the connection was left open: %s", act.seen.problem);
}

Test(interrupt, between_two_tries)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(20000), DEVICE_RESET,
                                                 DEVICE_END };
    struct act act;

    act_start(&act, script, ARGS("-I", LOCAL), &big);
    cr_assert(process_expect(act.uploader, &act.uploader->err, "trying again", E2E_PATIENCE_MS));
    process_signal(act.uploader, SIGINT);
    act_finish(&act);
    expect_exit(act.uploader, 128 + SIGINT);
    expect_err(act.uploader, "127.0.0.1: interrupted after ");
    expect_no_listener(&act.seen);
}

Test(interrupt, tells_about_every_device)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_END };
    struct act act;

    interrupt(&act, script, ARGS("--json", "-i", "127.0.0.76", "-I", LOCAL), 1,
              "\"device\":\"127.0.0.76\",\"status\"", SIGINT);
    expect_err(act.uploader, "127.0.0.76: nothing listens there");
    expect_err(act.uploader, "127.0.0.1: interrupted before it accepted");
}
