/*
 * The puller's connection to one address.
 */
#include "tests/unit/device/posix_pull_rig.h"

#include <sys/timerfd.h>

PULL_SUITE(posix_pull);

Test(posix_pull, a_whole_update_over_ipv4)
{
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    expect_update(fd, 60000);
}

Test(posix_pull, a_whole_update_over_ipv6)
{
    int fd = loopback_bind("::1", 0, SOCK_STREAM);

    if (fd < 0)
        cr_skip_test("needs IPv6");
    ask("[::1]", loopback_port(fd));
    expect_update(fd, 60000);
}

Test(posix_pull, a_whole_update_from_a_name)
{
    int fd = listener("127.0.0.1", 0);

    ask("localhost", loopback_port(fd));
    expect_update(fd, 60000);
}

Test(posix_pull, a_whole_update_in_small_pieces)
{
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    expect_update(fd, 777);
}

/* Whatever the updater does not take waits, and its end comes behind it. */
Test(posix_pull, a_peer_that_has_gone_before_its_bytes_were_taken)
{
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    int room = 1 << 20;
    setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    send_head(peer);
    ssize_t sent = send(peer, image, sizeof image, MSG_NOSIGNAL);
    cr_assert_gt(sent, 50000);
    if ((size_t)sent < sizeof image)
        send_all(peer, image + sent, sizeof image - (size_t)sent, sizeof image);
    close(peer);
    expect_image();
    close(fd);
}

Test(posix_pull, a_port_at_which_nobody_listens)
{
    int fd = listener("127.0.0.1", 0);
    uint16_t port = loopback_port(fd);

    close(fd);
    ask("127.0.0.1", port);
    expect_failed(OTA_PULL_NOT_CONNECTED);
}

Test(posix_pull, a_peer_that_closes_at_once)
{
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    close(accept_request(fd));
    expect_failed(OTA_PULL_CONNECTION_LOST);
    close(fd);
}

Test(posix_pull, a_peer_that_resets_the_connection)
{
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    send_head(peer);
    send_all(peer, image, 50000, 50000);
    setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(peer);
    expect_failed(OTA_PULL_CONNECTION_LOST);
    close(fd);
}

Test(posix_pull, a_peer_that_is_silent)
{
    int fd = listener("127.0.0.1", 0);

    config.header_timeout_ms = 50;
    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    expect_failed(OTA_PULL_TIMEOUT);
    close(peer);
    close(fd);
}

Test(posix_pull, giving_up_closes_the_connection)
{
    int fd = listener("127.0.0.1", 0);
    char byte;

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    ota_puller_abort(&puller, OTA_PULL_CONNECTION_LOST);
    expect_failed(OTA_PULL_CONNECTION_LOST);
    cr_assert_eq(loopback_wait(peer, POLLIN, -1, deadline_after(PATIENCE_MS)) & POLLIN, POLLIN);
    cr_assert_leq(recv(peer, &byte, 1, 0), 0);
    close(peer);
    close(fd);
}

Test(posix_pull, what_the_connection_has_no_room_for_is_sent_later)
{
    static char much[1 << 20];
    int fd = listener("127.0.0.1", 0);
    struct pollfd fds[POSIX_PULL_FDS];

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    while (pull.net.send(pull.net.ctx, much, sizeof much) == (int32_t)sizeof much)
        ;
    posix_pull_prepare(&pull, fds);
    cr_assert(fds[0].events & POLLOUT, "it waits for room");
    cr_assert_eq(poll(fds, 1, 0), 0);
    while (recv(peer, much, sizeof much, 0) > 0)
        ;
    cr_assert_eq(poll(fds, 1, PATIENCE_MS), 1);
    posix_pull_serve(&pull, &puller, fds);
    posix_pull_prepare(&pull, fds);
    cr_assert_not(fds[0].events & POLLOUT, "it has been told");
    close(peer);
    close(fd);
}

/* A server may answer before it has heard all, but there is nobody for its answer yet. */
Test(posix_pull, an_answer_that_comes_before_the_request_is_out_waits)
{
    static char much[1 << 20];
    int fd = listener("127.0.0.1", 0);
    struct pollfd fds[POSIX_PULL_FDS];

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    while (pull.net.send(pull.net.ctx, much, sizeof much) == (int32_t)sizeof much)
        ;
    cr_assert_eq(send(peer, "HTTP", 4, MSG_NOSIGNAL), 4);
    cr_assert_gt(posix_pull_prepare(&pull, fds), 0u);
    cr_assert_eq(poll(fds, 1, 0), 0, "nothing has to be done: %x", (unsigned)fds[0].revents);
    while (recv(peer, much, sizeof much, 0) > 0)
        ;
    while (pull.input_len == 0)
        step(-1, 0);
    cr_assert_arr_eq(pull.input, "HTTP", 4);
    close(peer);
    close(fd);
}

/* What is left of the first connection is nothing to the second. */
Test(posix_pull, a_question_after_one_that_the_peer_has_ended)
{
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    send_head(peer);
    send_all(peer, image, 50000, 50000);
    close(peer);
    expect_failed(OTA_PULL_CONNECTION_LOST);
    events[OTA_PULL_EVENT_DONE] = 0;
    ask("127.0.0.1", loopback_port(fd));
    expect_update(fd, 60000);
}

Test(posix_pull, what_was_not_taken_of_one_answer_is_not_in_the_next)
{
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    send_head(peer);
    cr_assert_gt(send(peer, image, 50000, MSG_NOSIGNAL), 0);
    while (pull.input_at == pull.input_len)
        step(-1, 0);
    give_up();
    close(peer);
    ask("127.0.0.1", loopback_port(fd));
    expect_update(fd, 60000);
}

/* One that is slow to answer is better than none: it has as long as the puller waits. */
Test(posix_pull, the_only_address_is_not_left)
{
    const struct itimerspec while_tried = { .it_value = { .tv_sec = 2, .tv_nsec = 600000000 } };
    struct deaf deaf = deaf_start("127.0.0.1", 0);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

    _Static_assert(POSIX_PULL_TRY_MS < 2600, "it would be left by then");
    cr_assert(timer >= 0 && timerfd_settime(timer, 0, &while_tried, NULL) == 0);
    config.connect_timeout_ms = PATIENCE_MS;
    ask("127.0.0.1", loopback_port(deaf.listener));
    while (!(step(timer, POLLIN) & POLLIN))
        ;
    cr_assert_eq(pull.state, POSIX_PULL_CONNECTING);
    deaf_listen(&deaf);
    expect_update_on(accept_request(deaf.listener), 60000);
    deaf_stop(&deaf);
    close(timer);
}

Test(posix_pull, there_is_no_tls)
{
    cr_assert_not(pull.net.connect(pull.net.ctx, "127.0.0.1", 443, true));
    cr_assert(posix_pull_start(&pull, &puller, "https://127.0.0.1/", OTA_SKETCH));
    expect_failed(OTA_PULL_NOT_CONNECTED);
}
