/*
 * What a device says while its image is still on its way: the uploader is not woken up for the few
 * bytes of it, and has to hear it all the same.
 */
#include "e2e.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

E2E_SUITE(stream);

/* A device that reads no more blocks the uploader soon. */
static const struct device_options slow_reader = { .receive_buffer = 4096 };
static const struct act_options big = { .image_size = 512u * 1024, .device = &slow_reader };

Test(stream, a_short_error_is_heard_though_nothing_moves)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,     DEVICE_ANSWER("OK"), DEVICE_CONNECT,
        DEVICE_READ(20000), DEVICE_SLEEP(200),   DEVICE_WRITE("ERROR[4]: No Space\n"),
        DEVICE_HOLD,        DEVICE_END,
    };
    /* Longer than a program may take that the tests wait for. */
    const char *const *args = ARGS("--retries", "0", "--stall-timeout", "300");
    struct act act;

    act_run_with(&act, script, args, &big);
    expect_exit(act.uploader, 8);
    expect_err(act.uploader, "ERROR[4]: No Space\n");
}

/* The device's end of a connection to the inviter, on which it has said `text` at once. */
static int call_and_say(int udp, const char *text)
{
    struct loopback_address inviter = { .len = sizeof inviter.sa };
    int64_t deadline = deadline_after(E2E_PATIENCE_MS);
    struct invitation invitation;
    char datagram[512];

    cr_assert(loopback_wait(udp, POLLIN, -1, deadline), "no invitation");
    ssize_t n = recvfrom(udp, datagram, sizeof datagram, 0, &inviter.sa.any, &inviter.len);
    cr_assert(n > 0 && invitation_parse(&invitation, datagram, (size_t)n));
    loopback_set_port(&inviter, invitation.port);
    int tcp = loopback_connect(&inviter, "127.0.0.1", 0, E2E_PATIENCE_MS);
    cr_assert_geq(tcp, 0);
    cr_assert_eq(send(tcp, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    return tcp;
}

/*
 * The whole image fits into buffers: it is sent, and acknowledged by the device's TCP, in one turn.
 * So that the OK is there before it, the uploader sleeps meanwhile; the kernel takes the call.
 */
Test(stream, an_ok_before_a_small_image_is_no_success)
{
    struct e2e_image image = e2e_sketch(8192);
    siginfo_t stopped;
    int udp = loopback_bind("127.0.0.1", 0, SOCK_DGRAM);
    cr_assert_geq(udp, 0);
    struct port_text port = port_text(loopback_port(udp));
    struct process *uploader =
        program_start(E2E_UPLOADER,
                      ARGS("-i", "127.0.0.1", "-p", port.text, "-f", image.path.text, "--retries",
                           "0", "--verdict-timeout", "2"),
                      NULL);

    cr_assert(loopback_wait(udp, POLLIN, -1, deadline_after(E2E_PATIENCE_MS)));
    process_signal(uploader, SIGSTOP);
    cr_assert_eq(waitid(P_PID, (id_t)uploader->pid, &stopped, WSTOPPED), 0);
    int tcp = call_and_say(udp, "OK");
    process_signal(uploader, SIGCONT);
    program_finish(uploader);
    loopback_close(&tcp);
    loopback_close(&udp);
    expect_exit(uploader, 9);
    expect_err(uploader, "said OK too early");
}
