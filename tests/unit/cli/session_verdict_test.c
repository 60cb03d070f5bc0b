/*
 * Verdicts that are not plain: half of one, or text that opens none.
 */
#include "tests/unit/cli/session_driver.h"

Test(session, text_that_opens_no_verdict_does_not_stop_the_transfer)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_reads(&d, 1460);
    device_writes(&d, ".");
    expect_state(&d, PUSH_STREAMING);
    device_reads_all(&d);
    expect_state(&d, PUSH_AWAITING_VERDICT);
}

Test(session, a_lone_o_is_nothing_when_the_connection_is_reset)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "O");
    device_resets(&d);
    expect_finished(&d, PUSH_CLOSED_SILENTLY);
}

Test(session, a_lone_o_is_nothing_when_the_rest_never_comes)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "O");
    silence_to_the_end(&d);
    expect_finished(&d, PUSH_NO_VERDICT);
}

Test(session, text_that_begins_like_ok_is_an_error)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "Out of memory\n");
    expect_finished(&d, PUSH_FAILED);
    cr_assert_str_eq(d.session.text, "Out of memory");
}

Test(session, a_lone_o_is_success_when_the_device_closes)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "O");
    device_closes(&d);
    expect_finished(&d, PUSH_UPDATED);
}
