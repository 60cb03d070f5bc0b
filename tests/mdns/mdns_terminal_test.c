/*
 * What somebody before a terminal is asked: which device, and for its password. And that nobody is
 * asked where there is no terminal.
 */
#include "mdns_upload.h"

#include <signal.h>
#include <string.h>
#include <termios.h>

WORLD_SUITE(mdns_terminal);

#define WHICH  "Which one (1 to 2, several, or all)? "
#define SECRET "swordfish"
#define LOCKED ARGS("--password", SECRET)

/* What Ctrl-D on an empty line is. */
#define END_OF_FILE "\x04"

static void expect_shown_in_order(const struct process *upload, const char *first,
                                  const char *second)
{
    const char *at = strstr(upload->err.text, first);

    cr_assert(at && strstr(at, second), "not \"%s\" before \"%s\": %s", first, second,
              upload->err.text);
}

/* ---- which device ---- */

/* By name, the one that the image is for is the last. */
struct two {
    struct process *esp32;
    struct process *esp8266;
};

static struct two two_devices(void)
{
    struct upload_lan lan = upload_lan(NULL);

    return (struct two){
        .esp32 = peer_device(lan.attic, "attic", ARGS("--chip", "esp32")),
        .esp8266 = peer_device(lan.cellar, "zoo", NULL),
    };
}

Test(mdns_terminal, without_one_the_devices_are_listed)
{
    struct two two = two_devices();
    struct process *upload = upload_run(NULL);

    expect_exit(upload, 2);
    expect_err(upload, "no device given: name it with -i");
    expect_err(upload, "  zoo");
    expect_err(upload, ":3232");
    expect_shown_in_order(upload, "  zoo ", "  attic ");
    expect_no_err(upload, "Which");
    expect_silent(upload->out);
    expect_device_said(two.esp8266, "invited ", 0);
    expect_device_said(two.esp32, "invited ", 0);
}

Test(mdns_terminal, without_one_and_without_devices)
{
    upload_lan(NULL);
    struct process *upload = upload_run(NULL);

    expect_exit(upload, 2);
    expect_err(upload, "none found by mDNS");
    upload = upload_run(ARGS("--mdns=off"));
    expect_exit(upload, 2);
    expect_err(upload, "-i");
}

Test(mdns_terminal, offers_devices_and_asks_until_it_understands)
{
    struct two two = two_devices();
    struct process *upload = upload_typing(NULL);

    upload_answer(upload, WHICH, "3\n");
    upload_answer(upload, WHICH, "the first\n");
    upload_answer(upload, WHICH, "1\n");
    program_finish(upload);
    expect_exit(upload, 0);
    expect_shown_in_order(upload, "  1  zoo ", "  2  attic ");
    expect_err_times(upload, "Which", 3);
    expect_err(upload, "updated: ");
    expect_device_said(two.esp8266, "updated ", 1);
    expect_device_said(two.esp32, "invited ", 0);
}

Test(mdns_terminal, gives_up_at_the_end_of_input)
{
    struct two two = two_devices();
    struct process *upload = upload_typing(NULL);

    upload_answer(upload, WHICH, END_OF_FILE);
    program_finish(upload);
    expect_exit(upload, 2);
    expect_err(upload, "no device given: name it with -i");
    expect_device_said(two.esp8266, "invited ", 0);
}

Test(mdns_terminal, gives_up_when_nothing_is_understood)
{
    struct two two = two_devices();
    struct process *upload = upload_typing(NULL);

    upload_answer(upload, WHICH, "0\n");
    upload_answer(upload, WHICH, "\n");
    upload_answer(upload, WHICH, "1 9\n");
    program_finish(upload);
    expect_exit(upload, 2);
    expect_device_said(two.esp8266, "invited ", 0);
}

Test(mdns_terminal, may_choose_all)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *a = peer_device(lan.attic, "attic", NULL);
    struct process *b = peer_device(lan.cellar, "cellar", LOCKED);
    struct process *upload = upload_typing(ARGS("-a", SECRET));

    upload_answer(upload, WHICH, "all\n");
    program_finish(upload);
    expect_exit(upload, 0);
    expect_err(upload, "(password)");
    expect_err_times(upload, "updated: ", 2);
    expect_device_said(a, "updated ", 1);
    expect_device_said(b, "updated ", 1);
}

Test(mdns_terminal, interrupted_at_the_choice)
{
    struct two two = two_devices();
    struct process *upload = upload_typing(NULL);

    upload_answer(upload, WHICH, "");
    process_signal(upload, SIGINT);
    program_finish(upload);
    expect_exit(upload, 128 + SIGINT);
    expect_device_said(two.esp8266, "invited ", 0);
}

/* ---- its password ---- */

static void expect_echo(const struct process *upload, bool echo)
{
    struct termios terminal;

    cr_assert_eq(tcgetattr(upload->terminal, &terminal), 0);
    cr_assert_eq((terminal.c_lflag & ECHO) != 0, echo);
}

Test(mdns_terminal, a_password_is_asked_for_and_never_shown)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "vault", LOCKED);
    struct process *upload = upload_typing(ARGS("-i", "vault", "-d", "--json"));

    upload_answer(upload, "Password for vault: ", "");
    expect_echo(upload, false);
    upload_answer(upload, "", SECRET "\n");
    program_finish(upload);
    expect_exit(upload, 0);
    expect_echo(upload, true);
    expect_no_err(upload, SECRET);
    expect_no_out(upload, SECRET);
    expect_device_said(device, "updated ", 1);
}

/* Where mDNS has not said it, the device itself does. */
Test(mdns_terminal, a_password_is_asked_for_when_the_device_wants_one)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = silent_device(lan.attic, "vault.flash", LOCKED);
    struct process *upload = upload_typing(ARGS("-i", LAN_ADDRESS(lan.attic), "--mdns=off"));

    upload_answer(upload, "Password for ", SECRET "\n");
    program_finish(upload);
    expect_exit(upload, 0);
    expect_no_err(upload, SECRET);
    expect_device_said(device, "updated ", 1);
}

Test(mdns_terminal, an_empty_password_is_none)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "vault", LOCKED);
    struct process *upload = upload_typing(ARGS("-i", "vault"));

    upload_answer(upload, "Password for vault: ", "\n");
    program_finish(upload);
    expect_exit(upload, 6);
    expect_echo(upload, true);
    upload = upload_typing(ARGS("-i", "vault"));
    upload_answer(upload, "Password for vault: ", END_OF_FILE);
    program_finish(upload);
    expect_exit(upload, 6);
    expect_device_said(device, "invited ", 0);
}

Test(mdns_terminal, a_wrong_password_is_not_asked_for_again)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "vault", LOCKED);
    struct process *upload = upload_typing(ARGS("-i", "vault"));

    upload_answer(upload, "Password for vault: ", "marlin\n");
    program_finish(upload);
    expect_exit(upload, 6);
    expect_err_times(upload, "Password for", 1);
    expect_device_said(device, "updated ", 0);
}

static void expect_interrupted_at_password(int signal)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "vault", LOCKED);
    struct process *upload = upload_typing(ARGS("-i", "vault"));

    upload_answer(upload, "Password for vault: ", "half of it");
    process_signal(upload, signal);
    program_finish(upload);
    expect_exit(upload, 128 + signal);
    expect_echo(upload, true);
    expect_err(upload, "interrupted");
    expect_device_said(device, "invited ", 0);
}

Test(mdns_terminal, interrupted_at_the_password)
{
    expect_interrupted_at_password(SIGINT);
}

Test(mdns_terminal, ended_at_the_password)
{
    expect_interrupted_at_password(SIGTERM);
}

/* Signals that the program does not handle else: they must not leave a terminal without echo. */
static void expect_killed_at_password(int signal)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "vault", LOCKED);
    struct process *upload = upload_typing(ARGS("-i", "vault"));

    upload_answer(upload, "Password for vault: ", "half of it");
    expect_echo(upload, false);
    process_signal(upload, signal);
    program_finish(upload);
    expect_exit(upload, 128 + signal);
    expect_echo(upload, true);
    expect_device_said(device, "invited ", 0);
}

Test(mdns_terminal, quit_at_the_password)
{
    expect_killed_at_password(SIGQUIT);
}

Test(mdns_terminal, hung_up_at_the_password)
{
    expect_killed_at_password(SIGHUP);
}

/* One password for all of them, asked for when all else is done. */
Test(mdns_terminal, one_question_for_several_devices)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *open = peer_device(lan.attic, "kitchen", NULL);
    struct process *a =
        peer_device(lan.attic, "vault-a", ARGS("--port", "8270", "--password", SECRET));
    struct process *b = peer_device(lan.cellar, "vault-b", LOCKED);
    struct process *upload = upload_typing(ARGS("-i", "vault-*", "-i", "kitchen"));

    upload_answer(upload, "Password for vault-", SECRET "\n");
    program_finish(upload);
    cr_assert(strstr(upload->err.text, "Password for vault-a, vault-b: ") ||
                  strstr(upload->err.text, "Password for vault-b, vault-a: "),
              "%s", upload->err.text);
    expect_exit(upload, 0);
    expect_err_times(upload, "Password for", 1);
    expect_shown_in_order(upload, "kitchen: updated: ", "Password for");
    expect_device_said(a, "updated ", 1);
    expect_device_said(b, "updated ", 1);
    expect_device_said(open, "updated ", 1);
}

/* Nobody needs to wait for a password's question until something else has woken up. */
Test(mdns_terminal, asks_while_another_one_is_waited_for)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *vault = peer_device(lan.attic, "vault", LOCKED);
    struct process *upload = upload_typing(ARGS("-i", "vault", "-i", "asleep", "--wait", "3600"));

    upload_answer(upload, "Password for vault: ", SECRET "\n");
    device_is_updated(vault);
    struct process *asleep = peer_device(lan.cellar, "asleep", LOCKED);
    program_finish(upload);
    expect_exit(upload, 0);
    expect_device_said(asleep, "updated ", 1);
}
