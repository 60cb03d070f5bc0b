/*
 * The session from the device's connection to the verdict.
 */
#include "tests/unit/cli/session_driver.h"

#include <string.h>

Test(session, an_upload_that_goes_well)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_reads(&d, 1460);
    device_writes(&d, "1460");
    cr_assert_eq(d.session.acknowledged, 1460u);
    device_reads_all(&d);
    expect_event(&d, PUSH_EVENT_SENT_ALL, 1);
    expect_state(&d, PUSH_AWAITING_VERDICT);
    device_writes(&d, "3540");
    device_writes(&d, "OK");
    expect_finished(&d, PUSH_UPDATED);
    cr_assert_eq(d.session.ended_in, PUSH_AWAITING_VERDICT);
    cr_assert_eq(d.closes, 1u);
    expect_event(&d, PUSH_EVENT_RETRY, 0);
}

Test(session, quirk_5_finds_the_verdict_behind_glued_counts)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "14601460146062OK");
    expect_finished(&d, PUSH_UPDATED);
}

Test(session, quirk_5_success_may_be_split_at_every_byte)
{
    static const char stream[] = "1460536\n3004OK";

    for (size_t split = 0; split < sizeof stream; split++) {
        struct session_driver d;
        char head[sizeof stream] = "";
        memcpy(head, stream, split);
        session_driver_send_all(&d);
        device_writes(&d, head);
        time_passes(&d, 1000);
        device_writes(&d, stream + split);
        expect_finished(&d, PUSH_UPDATED);
    }
}

Test(session, quirk_5_an_error_may_be_split_at_every_byte)
{
    static const char stream[] = "600ERROR[7]: MD5 verification failed\r\n";

    for (size_t split = 0; split < sizeof stream; split++) {
        struct session_driver d;
        char head[sizeof stream] = "";
        memcpy(head, stream, split);
        session_driver_send_all(&d);
        device_writes(&d, head);
        device_writes(&d, stream + split);
        expect_finished(&d, PUSH_FAILED);
        cr_assert_str_eq(d.session.text, "ERROR[7]: MD5 verification failed");
    }
}

Test(session, quirk_5_takes_bare_text_for_an_error_when_the_device_closes)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "5000MD5 Check Failed");
    expect_state(&d, PUSH_AWAITING_VERDICT);
    device_closes(&d);
    expect_finished(&d, PUSH_FAILED);
    cr_assert_str_eq(d.session.text, "MD5 Check Failed");
}

Test(session, quirk_5_takes_bare_text_for_an_error_when_the_device_goes_on)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "Update not finished");
    silence_to_the_end(&d);
    expect_finished(&d, PUSH_FAILED);
    cr_assert_str_eq(d.session.text, "Update not finished");
}

Test(session, quirk_6_waits_for_an_ok_that_comes_after_a_second)
{
    struct session_driver d;

    session_driver_send_all(&d);
    time_passes(&d, 1000);
    device_writes(&d, "OK");
    expect_finished(&d, PUSH_UPDATED);
    unsigned before = d.actions;
    device_closes(&d);
    cr_assert_eq(d.actions, before, "what comes after the end means nothing");
}

Test(session, quirk_7_a_device_may_erase_for_eight_seconds)
{
    struct session_driver d;

    session_driver_connect(&d);
    uploader_sends(&d, 2920);
    time_passes(&d, 8000);
    expect_state(&d, PUSH_STREAMING);
    device_reads_all(&d);
    time_passes(&d, 8000);
    device_writes(&d, "OK");
    expect_finished(&d, PUSH_UPDATED);
}

Test(session, quirk_8_a_close_without_a_verdict_is_never_success)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "14601460");
    device_closes(&d);
    expect_finished(&d, PUSH_CLOSED_SILENTLY);
    expect_event(&d, PUSH_EVENT_RETRY, 0);
}

Test(session, quirk_8_a_reset_without_a_verdict_is_never_success)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_resets(&d);
    expect_finished(&d, PUSH_CLOSED_SILENTLY);
}

Test(session, quirk_8_a_device_without_power_is_not_waited_for_for_ever)
{
    struct session_driver d;

    session_driver_send_all(&d);
    time_passes(&d, d.config.verdict_ms - 1);
    expect_state(&d, PUSH_AWAITING_VERDICT);
    time_passes(&d, 1);
    expect_finished(&d, PUSH_NO_VERDICT);
    cr_assert_eq(d.closes, 1u);
}

Test(session, quirk_10_the_connection_stays_whole_after_the_last_byte)
{
    struct session_driver d;

    session_driver_send_all(&d);
    time_passes(&d, d.config.verdict_ms - 1);
    cr_assert_eq(d.closes, 0u);
    cr_assert_not(push_session_wants_bytes(&d.session));
}

Test(session, quirk_12_does_not_wait_for_counts)
{
    struct session_driver d;

    session_driver_connect(&d);
    for (size_t i = 0; i < 5; i++) {
        time_passes(&d, d.config.stall_ms - 1);
        cr_assert(push_session_wants_bytes(&d.session));
        device_reads(&d, 1000);
    }
    expect_state(&d, PUSH_AWAITING_VERDICT);
    device_writes(&d, "5000OK");
    expect_finished(&d, PUSH_UPDATED);
}

Test(session, quirk_13_reads_an_error_text_to_its_end)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "600ERROR[7]: MD5 verifi");
    expect_state(&d, PUSH_READING_VERDICT);
    time_passes(&d, 500);
    device_writes(&d, "cation failed");
    device_closes(&d);
    expect_finished(&d, PUSH_FAILED);
    cr_assert_str_eq(d.session.text, "ERROR[7]: MD5 verification failed");
    cr_assert_eq(d.closes, 0u, "it was closed already");
}

Test(session, quirk_13_an_endless_error_text_ends_after_ten_seconds)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "E");
    for (int i = 0; i < 101 && d.session.state != PUSH_FINISHED; i++) {
        time_passes(&d, 100);
        device_writes(&d, "rror");
    }
    expect_finished(&d, PUSH_FAILED);
}

Test(session, an_error_in_mid_transfer_ends_it_without_a_retry)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_reads(&d, 1460);
    device_writes(&d, "1460ERROR[1]: Flash Write Failed\n");
    expect_finished(&d, PUSH_FAILED);
    expect_event(&d, PUSH_EVENT_RETRY, 0);
    cr_assert_eq(d.closes, 1u);
}

Test(session, sends_nothing_more_while_an_error_text_arrives)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_reads(&d, 1460);
    device_writes(&d, "ERR");
    cr_assert_not(push_session_wants_bytes(&d.session));
    device_resets(&d);
    expect_finished(&d, PUSH_FAILED);
}

Test(session, quirk_15_never_sends_more_than_the_image)
{
    struct session_driver d;

    session_driver_connect(&d);
    uploader_sends(&d, DRIVER_SIZE - 1);
    cr_assert(push_session_wants_bytes(&d.session));
    uploader_sends(&d, 1);
    cr_assert_not(push_session_wants_bytes(&d.session));
    cr_assert_eq(d.session.sent, d.config.size);
}

Test(session, quirk_15_a_device_that_waits_for_ever_meets_a_stall)
{
    struct session_driver d;

    session_driver_init(&d);
    d.config.retries = 0;
    session_driver_start(&d);
    device_connects(&d);
    device_reads(&d, 1460);
    time_passes(&d, d.config.stall_ms - 1);
    expect_state(&d, PUSH_STREAMING);
    time_passes(&d, 1);
    expect_finished(&d, PUSH_STALLED);
    cr_assert_eq(d.closes, 1u);
}

Test(session, handing_bytes_to_tcp_is_no_progress)
{
    struct session_driver d;

    session_driver_init(&d);
    d.config.retries = 0;
    session_driver_start(&d);
    device_connects(&d);
    time_passes(&d, d.config.stall_ms - 1);
    uploader_sends(&d, 1460);
    time_passes(&d, 1);
    expect_finished(&d, PUSH_STALLED);
}

Test(session, an_acknowledgement_that_says_nothing_new_is_no_progress)
{
    struct session_driver d;

    session_driver_init(&d);
    d.config.retries = 0;
    session_driver_start(&d);
    device_connects(&d);
    device_reads(&d, 1460);
    time_passes(&d, d.config.stall_ms - 1);
    push_session_on_acknowledged(&d.session, 1460, d.now);
    push_session_on_acknowledged(&d.session, 1000, d.now);
    cr_assert_eq(d.session.acknowledged, 1460u);
    time_passes(&d, 1);
    expect_finished(&d, PUSH_STALLED);
}

Test(session, never_believes_in_more_acknowledged_than_sent)
{
    struct session_driver d;

    session_driver_connect(&d);
    uploader_sends(&d, 1000);
    push_session_on_acknowledged(&d.session, 4000, d.now);
    cr_assert_eq(d.session.acknowledged, 1000u);
    expect_state(&d, PUSH_STREAMING);
}

Test(session, an_early_ok_is_not_success)
{
    struct session_driver d;

    session_driver_connect(&d);
    uploader_sends(&d, DRIVER_SIZE - 1);
    device_writes(&d, "OK");
    expect_finished(&d, PUSH_EARLY_OK);
}

Test(session, an_early_lone_o_is_not_success)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_writes(&d, "O");
    device_closes(&d);
    expect_finished(&d, PUSH_EARLY_OK);
}

Test(session, counts_alone_keep_the_wait_for_the_verdict_open)
{
    struct session_driver d;

    session_driver_send_all(&d);
    time_passes(&d, d.config.verdict_ms - 1);
    device_writes(&d, "1460");
    time_passes(&d, d.config.verdict_ms - 1);
    device_writes(&d, "OK");
    expect_finished(&d, PUSH_UPDATED);
}

Test(session, an_empty_image_has_nothing_to_send)
{
    struct session_driver d;

    session_driver_init(&d);
    d.config.size = 0;
    session_driver_start(&d);
    device_connects(&d);
    cr_assert_not(push_session_wants_bytes(&d.session));
    expect_state(&d, PUSH_AWAITING_VERDICT);
    device_writes(&d, "ERROR[13]: No Data\n");
    expect_finished(&d, PUSH_FAILED);
}

Test(session, bytes_without_a_connection_mean_nothing)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_writes(&d, "OK");
    device_closes(&d);
    push_session_on_sent(&d.session, 10);
    push_session_on_acknowledged(&d.session, 10, d.now);
    expect_state(&d, PUSH_INVITING);
    cr_assert_eq(d.session.sent, 0u);
}
