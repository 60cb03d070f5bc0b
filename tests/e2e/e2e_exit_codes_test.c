/*
 * The exit codes of espota-c-upload(1): a test that produces each of them.
 */
#include "e2e.h"

E2E_SUITE(exit_code);

#define TAKES_THE_IMAGE DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT, DEVICE_READ_ALL

static const struct device_step nothing[] = { DEVICE_END };

Test(exit_code, is_0_when_updated)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_WRITE("OK"), DEVICE_END };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
    expect_silent(act.uploader->out);
    expect_err(act.uploader, "127.0.0.1: updated: 8192 bytes in ");
}

Test(exit_code, is_1_when_the_image_is_missing)
{
    struct process *uploader = uploader_run(ARGS("-i", "127.0.0.1", "-f", "missing.bin"));

    expect_exit(uploader, 1);
    expect_silent(uploader->out);
    expect_err(uploader, "missing.bin: No such file or directory");
}

Test(exit_code, is_1_when_a_socket_cannot_be_had)
{
    struct e2e_image sketch = e2e_sketch(8192);
    struct process *uploader =
        uploader_run(ARGS("-i", "127.0.0.1", "-I", "192.0.2.1", "-f", sketch.path.text));

    expect_exit(uploader, 1);
    expect_err(uploader, "192.0.2.1");
    expect_err(uploader, "-I");
}

Test(exit_code, is_2_for_a_bad_command_line)
{
    struct process *uploader = uploader_run(ARGS("-i", "127.0.0.1"));

    expect_exit(uploader, 2);
    expect_silent(uploader->out);
    expect_err(uploader, "-f");
}

Test(exit_code, is_3_when_the_image_is_refused)
{
    struct e2e_image noise = e2e_image("noise.bin", build_noise(5000, E2E_SEED));
    struct process *uploader =
        uploader_run(ARGS("-i", "127.0.0.1", "-p", "9", "-f", noise.path.text));

    expect_exit(uploader, 3);
    expect_silent(uploader->out);
    expect_err(uploader, "noise.bin: it is not firmware");
}

Test(exit_code, is_4_when_the_name_has_no_address)
{
    struct e2e_image sketch = e2e_sketch(8192);
    struct process *uploader =
        uploader_run(ARGS("-i", "no..such..device", "-t", "5", "-f", sketch.path.text));

    expect_exit(uploader, 4);
    expect_silent(uploader->out);
    expect_err(uploader, "no device called \"no..such..device\"");
}

Test(exit_code, is_5_without_an_answer)
{
    struct act act;

    act_run(&act, nothing, ARGS("-t", "0.3"));
    expect_exit(act.uploader, 5);
    expect_silent(act.uploader->out);
    expect_err(act.uploader, "no answer from 127.0.0.1:");
}

Test(exit_code, is_5_at_once_when_nobody_listens_there)
{
    static const struct device_step script[] = { DEVICE_LEAVE, DEVICE_END };
    struct scripted_device *device =
        device_play(script, &(struct device_options){ .address = "127.0.0.73" });
    struct e2e_image sketch = e2e_sketch(8192);
    struct port_text port = port_text(scripted_device_port(device));

    cr_assert(scripted_device_reached(device, 1, E2E_PATIENCE_MS));
    struct process *uploader = uploader_run(
        ARGS("-i", "127.0.0.73", "-p", port.text, "-t", "3600", "-f", sketch.path.text));
    scripted_device_finish(device, NULL);
    expect_exit(uploader, 5);
    expect_err(uploader, "nothing listens there at UDP port");
    expect_err(uploader, port.text);
}

Test(exit_code, is_6_for_a_wrong_password)
{
    static const struct device_step script[] = {
        DEVICE_INVITED, DEVICE_ANSWER("AUTH 00112233445566778899aabbccddeeff"), DEVICE_PROOF,
        DEVICE_ANSWER("Authentication Failed"), DEVICE_END
    };
    struct act act;

    act_run(&act, script, ARGS("-a", "wrong"));
    expect_exit(act.uploader, 6);
    expect_silent(act.uploader->out);
    expect_err(act.uploader, "rejected the password");
}

Test(exit_code, is_6_when_a_password_is_needed)
{
    static const struct device_step script[] = {
        DEVICE_INVITED, DEVICE_ANSWER("AUTH 00112233445566778899aabbccddeeff"), DEVICE_END
    };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 6);
    expect_err(act.uploader, "none was given");
    expect_err(act.uploader, "--auth-file");
}

Test(exit_code, is_7_when_the_device_never_calls_back)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_END };
    struct act act;

    act_run(&act, script, ARGS("-t", "1"));
    expect_exit(act.uploader, 7);
    expect_silent(act.uploader->out);
}

Test(exit_code, is_8_when_the_device_reports_an_error)
{
    static const struct device_step script[] = {
        TAKES_THE_IMAGE, DEVICE_WRITE("ERROR[12]: Signature verification failed\n"), DEVICE_END
    };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 8);
    expect_silent(act.uploader->out);
    expect_err(act.uploader, "the device reports: ERROR[12]: Signature verification failed\n");
}

Test(exit_code, is_9_when_the_transfer_breaks)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,    DEVICE_ANSWER("OK"), DEVICE_CONNECT,
        DEVICE_READ(4096), DEVICE_RESET,        DEVICE_END,
    };
    static const struct device_options slow_reader = { .receive_buffer = 4096 };
    struct act act;

    act_run_with(&act, script, ARGS("--retries", "0"),
                 &(struct act_options){ .image_size = 512u * 1024, .device = &slow_reader });
    expect_exit(act.uploader, 9);
    expect_silent(act.uploader->out);
    expect_err(act.uploader, " of 524288 bytes");
}

Test(exit_code, is_10_without_a_verdict)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_CLOSE, DEVICE_END };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 10);
    expect_silent(act.uploader->out);
    expect_err(act.uploader, "it is unknown whether it was updated");
}

/* ---- several devices: told apart by their address, all at one port ---- */

/* Run the uploader against two devices on different addresses but with the same UDP port. */
static struct process *run_against_two(const char *first, const char *second)
{
    struct e2e_image sketch = e2e_sketch(8192);

    return uploader_run(
        ARGS("-i", first, "-i", second, "-t", "2", "-p", "9", "-f", sketch.path.text));
}

Test(exit_code, of_several_devices_is_the_failure_they_share)
{
    struct process *uploader = run_against_two("127.0.0.71", "127.0.0.72");

    expect_exit(uploader, 5);
    expect_err(uploader, "127.0.0.71: ");
    expect_err(uploader, "127.0.0.72: ");
}

Test(exit_code, of_several_devices_is_1_when_they_fail_differently)
{
    struct process *uploader = run_against_two("127.0.0.71", "no..such..device");

    expect_exit(uploader, 1);
    expect_err(uploader, "127.0.0.71: nothing listens there");
    expect_err(uploader, "no device called");
}

Test(exit_code, of_several_devices_ignores_those_that_were_updated)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_WRITE("OK"), DEVICE_END };
    struct act act;

    act_run(&act, script, ARGS("-i", "127.0.0.72"));
    expect_exit(act.uploader, 5);
    expect_err(act.uploader, "127.0.0.1: updated: ");
    expect_err(act.uploader, "127.0.0.72: nothing listens there");
    expect_received(&act);
}
