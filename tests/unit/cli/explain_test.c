#include "cli/push/explain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* An upload of a sketch from 192.168.1.2:40000 to 192.168.1.40:8266 that ended for `reason`. */
static struct push_upload ended(enum push_reason reason)
{
    struct push_upload upload = {
        .name = "garage",
        .config = { .command = PUSH_SKETCH,
                    .size = 262144,
                    .timeout_ms = 20000,
                    .stall_ms = 60000,
                    .verdict_ms = 1500 },
        .session = { .state = PUSH_FINISHED, .reason = reason, .acknowledged = 65536 },
        .started_ms = 1000,
        .connected_ms = 3000,
        .finished_ms = 7000,
    };

    cr_assert(address_parse(&upload.device, "192.168.1.40"));
    address_set_port(&upload.device, 8266);
    cr_assert(address_parse(&upload.local, "192.168.1.2"));
    address_set_port(&upload.local, 40000);
    return upload;
}

static struct explanation explained_as(struct push_upload *upload, enum image_kind kind)
{
    struct explanation explanation;

    upload->session.config = &upload->config;
    explain_upload(&explanation, upload, kind);
    return explanation;
}

static struct explanation explained(struct push_upload upload)
{
    return explained_as(&upload, IMAGE_ESP8266);
}

/* What the device said last. */
static void say(struct push_upload *upload, const char *text)
{
    snprintf(upload->session.text, sizeof upload->session.text, "%s", text);
}

#define expect_part(text, part) \
    cr_assert_not_null(strstr(text, part), "no \"%s\" in \"%s\"", part, text)

/* What the device said on the connection. */
static struct explanation explained_error(const char *said, enum image_kind kind)
{
    struct push_upload upload = ended(PUSH_FAILED);

    say(&upload, said);
    return explained_as(&upload, kind);
}

Test(explain, success_with_size_time_and_rate)
{
    struct explanation e = explained(ended(PUSH_UPDATED));

    cr_assert_str_eq(e.sentence, "updated: 262144 bytes in 6.0 s, 42.7 KiB/s");
    cr_assert_str_eq(e.hint, "");
}

Test(explain, success_in_no_time_has_a_finite_rate)
{
    struct push_upload upload = ended(PUSH_UPDATED);

    upload.connected_ms = upload.finished_ms = upload.started_ms;
    struct explanation e = explained(upload);
    cr_assert_null(strstr(e.sentence, "inf"));
    cr_assert_null(strstr(e.sentence, "nan"));
}

Test(explain, silence_names_the_port_and_the_option)
{
    struct explanation e = explained(ended(PUSH_SILENT));

    expect_part(e.sentence, "192.168.1.40:8266");
    expect_part(e.sentence, "20 s");
    expect_part(e.hint, "8266");
    expect_part(e.hint, "-p");
}

Test(explain, silence_tells_a_network_error)
{
    struct push_upload upload = ended(PUSH_SILENT);

    upload.network_error = 113; /* EHOSTUNREACH */
    struct explanation e = explained(upload);
    expect_part(e.sentence, strerror(113));
}

Test(explain, an_unreachable_port)
{
    struct explanation e = explained(ended(PUSH_UNREACHABLE));

    expect_part(e.sentence, "8266");
    expect_part(e.hint, "-p");
}

Test(explain, a_proof_without_an_answer)
{
    struct explanation e = explained(ended(PUSH_PROOF_UNANSWERED));

    expect_part(e.sentence, "password");
    expect_part(e.hint, "-t");
}

Test(explain, a_missing_password_names_the_ways_to_give_one)
{
    struct explanation e = explained(ended(PUSH_PASSWORD_MISSING));

    expect_part(e.hint, "--auth-file");
    expect_part(e.hint, "ESPOTA_AUTH");
    expect_part(e.hint, "-a");
}

Test(explain, a_wrong_password)
{
    struct push_upload upload = ended(PUSH_PASSWORD_WRONG);

    expect_part(explained(upload).sentence, "rejected the password");
    cr_assert_null(strstr(explained(upload).hint, "-m"));
    upload.config.md5_target = true;
    expect_part(explained(upload).hint, "-m");
}

Test(explain, no_callback_names_where_the_device_was_told_to_connect)
{
    struct explanation e = explained(ended(PUSH_NOT_CALLED_BACK));

    expect_part(e.sentence, "192.168.1.2:40000");
    expect_part(e.sentence, "20 s");
    expect_part(e.hint, "40000");
    expect_part(e.hint, "-P");
}

Test(explain, no_callback_names_its_causes_in_their_order)
{
    struct explanation e = explained(ended(PUSH_NOT_CALLED_BACK));
    const char *firewall = strstr(e.hint, "firewall");
    const char *container = strstr(e.hint, "container");
    const char *isolation = strstr(e.hint, "isolation");

    cr_assert(firewall && container && isolation, "%s", e.hint);
    cr_assert(firewall < container && container < isolation, "%s", e.hint);
}

Test(explain, quirk_9_no_callback_tells_the_second_error)
{
    struct push_upload upload = ended(PUSH_NOT_CALLED_BACK);

    say(&upload, "ERROR[6]: Stream Read Timeout");
    expect_part(explained(upload).sentence, "ERROR[6]: Stream Read Timeout");
}

Test(explain, a_device_error_is_told_verbatim)
{
    struct explanation e = explained_error("ERROR[7]: MD5 verification failed", IMAGE_ESP8266);

    expect_part(e.sentence, "ERROR[7]: MD5 verification failed");
    expect_part(e.hint, "try again");
}

Test(explain, a_refusal_is_told_verbatim)
{
    struct push_upload upload = ended(PUSH_REFUSED);

    say(&upload, "ERROR[4]: Not Enough Space");
    expect_part(explained(upload).sentence, "refuses: ERROR[4]: Not Enough Space");
    expect_part(explained(upload).hint, "must both fit");
}

Test(explain, an_error_that_is_not_known_has_no_remedy)
{
    cr_assert_str_eq(explained_error("Whatever", IMAGE_ESP32).hint, "");
    cr_assert_str_eq(explained_error("ERROR[99]: ?", IMAGE_ESP8266).hint, "");
}

Test(explain, what_a_device_says_cannot_write_to_the_terminal)
{
    struct explanation e = explained_error("\033]0;owned\a\xFF\r\n", IMAGE_ESP8266);

    expect_part(e.sentence, "\\x1b]0;owned\\x07\\xff\\x0d\\x0a");
    for (const char *c = e.sentence; *c; c++)
        cr_assert(*c >= 0x20 && *c < 0x7F);
}

Test(explain, the_longest_text_of_a_device_does_no_harm)
{
    struct push_upload upload = ended(PUSH_FAILED);

    memset(upload.session.text, '\a', sizeof upload.session.text - 1);
    cr_assert_lt(strlen(explained(upload).sentence), sizeof((struct explanation *)0)->sentence);
    upload.session.reason = PUSH_NOT_CALLED_BACK;
    cr_assert_lt(strlen(explained(upload).sentence), sizeof((struct explanation *)0)->sentence);
}

Test(explain, a_broken_transfer_tells_how_far_it_came)
{
    static const enum push_reason reasons[] = { PUSH_CLOSED, PUSH_RESET, PUSH_STALLED,
                                                PUSH_EARLY_OK };

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        struct explanation e = explained(ended(reasons[i]));
        expect_part(e.sentence, "after 65536 of 262144 bytes");
        expect_part(e.hint, reasons[i] == PUSH_EARLY_OK ? "may have been updated" : "old sketch");
    }
    expect_part(explained(ended(PUSH_STALLED)).sentence, "60 s");
}

Test(explain, a_broken_file_system_is_no_old_sketch)
{
    struct push_upload upload = ended(PUSH_RESET);

    upload.config.command = PUSH_FILESYSTEM;
    expect_part(explained(upload).hint, "file system may be incomplete");
}

/* What the kernel still holds may arrive after the uploader has given up. */
Test(explain, an_image_that_was_sent_whole_may_have_been_taken)
{
    struct push_upload upload = ended(PUSH_STALLED);

    upload.session.sent = upload.config.size;
    expect_part(explained(upload).hint, "may have been updated");
}

Test(explain, an_interruption_after_a_broken_try_does_not_say_that_nothing_was_sent)
{
    static const enum push_state states[] = { PUSH_INVITING, PUSH_PROVING, PUSH_ACCEPTED };

    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        struct push_upload upload = ended(PUSH_INTERRUPTED);
        upload.config.command = PUSH_FILESYSTEM;
        upload.session.attempt = 2;
        upload.session.ended_in = states[i];
        expect_part(explained(upload).sentence, "after 65536 of 262144 bytes");
        expect_part(explained(upload).hint, "may be incomplete");
    }
}

Test(explain, no_callback_of_an_esp32_names_the_cause_it_keeps_to_itself)
{
    struct push_upload upload = ended(PUSH_NOT_CALLED_BACK);

    expect_part(explained_as(&upload, IMAGE_ESP32).hint, "application partition");
    cr_assert_null(strstr(explained(upload).hint, "application partition"));
}

Test(explain, silence_that_was_none_is_quoted)
{
    struct push_upload upload = ended(PUSH_SILENT);

    say(&upload, "HTTP/1.1 400 Bad Request");
    expect_part(explained(upload).sentence, "it said: HTTP/1.1 400 Bad Request");
}

Test(explain, quirk_8_without_a_verdict_the_state_is_unknown)
{
    expect_part(explained(ended(PUSH_NO_VERDICT)).sentence, "unknown");
    expect_part(explained(ended(PUSH_NO_VERDICT)).sentence, "1.5 s");
    expect_part(explained(ended(PUSH_CLOSED_SILENTLY)).sentence, "unknown");
    expect_part(explained(ended(PUSH_CLOSED_SILENTLY)).hint, "version");
}

Test(explain, an_interruption_tells_in_which_state_the_device_was_left)
{
    static const struct {
        enum push_state ended_in;
        const char *part;
    } cases[] = {
        { PUSH_INVITING, "nothing was sent" },
        { PUSH_PROVING, "nothing was sent" },
        { PUSH_ACCEPTED, "gives up by itself" },
        { PUSH_STREAMING, "after 65536 of 262144 bytes" },
        { PUSH_READING_VERDICT, "after 65536 of 262144 bytes" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct push_upload upload = ended(PUSH_INTERRUPTED);
        upload.session.ended_in = cases[i].ended_in;
        expect_part(explained(upload).sentence, cases[i].part);
    }
}

Test(explain, one_interrupted_when_all_was_sent_may_have_been_updated)
{
    static const enum push_state states[] = { PUSH_STREAMING, PUSH_AWAITING_VERDICT,
                                              PUSH_READING_VERDICT };

    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        struct push_upload upload = ended(PUSH_INTERRUPTED);
        upload.session.ended_in = states[i];
        upload.session.sent = upload.config.size;
        expect_part(explained(upload).sentence, "may have been updated");
        expect_part(explained(upload).hint, "version");
    }
}

Test(explain, a_local_failure_is_told_as_it_is)
{
    struct push_upload upload = ended(PUSH_LOCAL_FAILURE);

    failure_set(&upload.failure, EXIT_LOCAL_FAILURE, "the image can no longer be read");
    cr_assert_str_eq(explained(upload).sentence, "the image can no longer be read");
}

Test(explain, every_reason_has_a_sentence)
{
    for (int reason = PUSH_UPDATED; reason <= PUSH_LOCAL_FAILURE; reason++) {
        struct push_upload upload = ended((enum push_reason)reason);
        failure_set(&upload.failure, EXIT_LOCAL_FAILURE, "because");
        say(&upload, "ERROR[4]");
        struct explanation e = explained(upload);
        size_t len = strlen(e.sentence);
        cr_assert_gt(len, 0u, "reason %d", reason);
        cr_assert_neq(e.sentence[len - 1], '.', "\"%s\"", e.sentence);
        cr_assert(e.hint[0] == '\0' || strchr(".?", e.hint[strlen(e.hint) - 1]), "\"%s\"", e.hint);
    }
}
