/*
 * The catalogue as it changes, rollouts, and devices that fail.
 */
#include "serve_world.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

SERVE_SUITE(serve_catalog);

#define DOOR "18:FE:AA:AA:AA:AA"

static struct e2e_image first;
static struct e2e_image second;

static void catalog(const char *releases, const char *release)
{
    char text[2048];

    snprintf(text, sizeof text, "%s[default]\nrelease = %s\n", releases, release);
    serve_file("catalog.ini", text);
}

#define RELEASES                        \
    "[release ONE]\nsketch = one.bin\n" \
    "[release TWO]\nsketch = two.bin\n"

static struct served start(const char *releases, const char *release, const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    first = e2e_image("one.bin", build_esp8266(20000, 1));
    second = e2e_image("two.bin", build_esp8266(24000, 2));
    catalog(releases, release);
    join_arguments(argv, ARGS("--catalog", "catalog.ini"), args);
    return serve_start(argv);
}

static void expect_said(const struct served *served, const char *text)
{
    cr_assert(process_expect(served->process, &served->process->err, text, E2E_PATIENCE_MS),
              "\"%s\" is not said:\n%s", text, served->process->err.text);
}

/* A device that has a number for its MAC asks, and reports a version. */
static struct answer device_asks(const struct served *served, unsigned number, const char *version)
{
    char mac[24];

    snprintf(mac, sizeof mac, "18:FE:00:00:%02X:%02X", number >> 8 & 0xFF, number & 0xFF);
    return ask(served,
               &(struct stock_updater){ .family = STOCK_ESP8266, .mac = mac, .version = version });
}

Test(serve_catalog, a_change_holds_from_the_next_request_on)
{
    struct served served = start(RELEASES, "ONE", NULL);
    struct answer answer = device_asks(&served, 1, "ZERO");

    expect_image(&answer, &first.content);
    catalog(RELEASES "[release THREE]\nsketch = two.bin\n", "TWO");
    expect_said(&served, "3 releases");
    answer = device_asks(&served, 1, "ONE");
    expect_image(&answer, &second.content);
    serve_stop(&served);
}

Test(serve_catalog, a_broken_one_is_refused_with_its_line_and_the_old_one_stays)
{
    struct served served = start(RELEASES, "ONE", NULL);
    struct answer answer;

    serve_file("catalog.ini", RELEASES "[default]\nrelaese = TWO\n");
    expect_said(&served, "catalog.ini:6: ");
    expect_said(&served, "what was served before still is");
    answer = device_asks(&served, 1, NULL);
    expect_image(&answer, &first.content);
    catalog(RELEASES "[release THREE]\nsketch = two.bin\n", "TWO");
    expect_said(&served, "3 releases");
    answer = device_asks(&served, 1, NULL);
    expect_image(&answer, &second.content);
    serve_stop(&served);
}

Test(serve_catalog, an_image_that_is_gone_keeps_the_old_ones_in_service)
{
    struct temp_path two = temp_path(&e2e_folder, "two.bin");
    struct temp_path away = temp_path(&e2e_folder, "away.bin");
    struct served served = start(RELEASES, "ONE", NULL);
    struct answer answer;

    cr_assert_eq(rename(two.text, away.text), 0);
    expect_said(&served, "two.bin: No such file or directory; what was served before still is");
    first = e2e_image("one.bin", build_esp8266(28000, 3));
    process_signal(served.process, SIGHUP);
    expect_said(&served, "still is\nespota-c: catalog.ini:4: "); /* who asks is told again */
    answer = device_asks(&served, 1, "ZERO");
    expect_status(&answer, 200);
    cr_assert_eq(answer.body_len, 20000u, "half of a broken set is served");
    cr_assert_eq(rename(away.text, two.text), 0);
    for (unsigned i = 2; i < 50 && answer.body_len == 20000; i++) {
        cr_assert_not(process_ended(served.process, 200));
        answer = device_asks(&served, i, "ZERO");
    }
    expect_image(&answer, &first.content);
    serve_stop(&served);
}

Test(serve_catalog, a_broken_one_at_the_start_is_the_end)
{
    struct process *process;

    serve_file("catalog.ini", "[release ONE]\nsketch = nothing.bin\n");
    process = program_run(E2E_UPLOADER, ARGS("serve", "--listen", "127.0.0.1:0",
                                             "--state=:memory:", "--catalog", "catalog.ini"));
    expect_exit(process, 1);
    expect_err(process, "catalog.ini:");
    expect_err(process, "nothing.bin");
}

Test(serve_catalog, a_release_is_sent_three_times_and_then_held_back)
{
    struct served served = start(RELEASES, "ONE", NULL);

    for (int i = 0; i < 3; i++) {
        struct answer answer = device_asks(&served, 1, "ZERO");
        expect_image(&answer, &first.content);
    }
    for (int i = 0; i < 2; i++) {
        struct answer answer = device_asks(&served, 1, "ZERO");
        expect_status(&answer, 304);
    }
    expect_logged(&served, " held-back");
    /* Another device is not concerned. */
    struct answer answer = device_asks(&served, 2, "ZERO");
    expect_image(&answer, &first.content);
    serve_stop(&served);
}

Test(serve_catalog, a_held_device_gets_the_next_release)
{
    struct served served = start(RELEASES, "ONE", ARGS("--attempts=1"));
    struct answer answer = device_asks(&served, 1, "ZERO");

    expect_image(&answer, &first.content);
    answer = device_asks(&served, 1, "ZERO");
    expect_status(&answer, 304);
    catalog(RELEASES "[release THREE]\nsketch = two.bin\n", "THREE");
    expect_said(&served, "3 releases");
    answer = device_asks(&served, 1, "ZERO");
    expect_image(&answer, &second.content);
    serve_stop(&served);
}

Test(serve_catalog, without_a_limit_nobody_is_held_back)
{
    struct served served = start(RELEASES, "ONE", ARGS("--attempts=0"));

    for (int i = 0; i < 8; i++) {
        struct answer answer = device_asks(&served, 1, "ZERO");
        expect_image(&answer, &first.content);
    }
    serve_stop(&served);
}

Test(serve_catalog, a_rollout_offers_a_release_to_the_same_share_each_time)
{
    enum {
        DEVICES = 40,
    };
    struct served served = start("[release ONE]\nsketch = one.bin\nrollout = 50%\n", "ONE", NULL);
    bool offered[DEVICES];
    unsigned count = 0;

    for (unsigned i = 0; i < DEVICES; i++) {
        struct answer answer = device_asks(&served, i, "ZERO");
        offered[i] = answer.status == 200;
        count += offered[i];
        if (!offered[i])
            expect_status(&answer, 304);
    }
    cr_assert(count > 5 && count < DEVICES - 5, "%u of %d", count, (int)DEVICES);
    serve_stop(&served);
    serve_teardown();
    e2e_setup();

    /* Another server comes to the same. */
    served = start("[release ONE]\nsketch = one.bin\nrollout = 50%\n", "ONE", NULL);
    for (unsigned i = 0; i < DEVICES; i++) {
        struct answer answer = device_asks(&served, i, "ZERO");
        expect_status(&answer, offered[i] ? 200 : 304);
    }
    serve_stop(&served);
}

/* A device asks, is sent the first image, and the server has noticed that it has it. */
static void device_takes(struct served *served, unsigned number, unsigned time)
{
    char line[64];
    struct answer answer = device_asks(served, number, "ZERO");

    expect_image(&answer, &first.content);
    snprintf(line, sizeof line, "18:FE:00:00:%02X:%02X offered\n", number >> 8 & 0xFF,
             number & 0xFF);
    expect_logged_times(served, line, time);
}

Test(serve_catalog, a_rollout_stops_when_too_many_come_back_with_another_version)
{
    struct served served =
        start("[release ONE]\nsketch = one.bin\nstop-if-failing = 20%\n", "ONE", NULL);
    struct answer answer;

    /* Nine do well, three come back with what they had. */
    for (unsigned i = 0; i < 9; i++) {
        device_takes(&served, i, 1);
        answer = device_asks(&served, i, "ONE");
        expect_status(&answer, 304);
    }
    for (unsigned i = 100; i < 103; i++)
        device_takes(&served, i, 1);
    for (unsigned i = 100; i < 102; i++)
        device_takes(&served, i, 2);
    /* With the third of twelve it is a quarter. */
    answer = device_asks(&served, 102, "ZERO");
    expect_status(&answer, 304);
    expect_logged(&served, " stopped");
    answer = device_asks(&served, 103, "ZERO");
    expect_status(&answer, 304);
    answer = device_asks(&served, 1, "ONE");
    expect_status(&answer, 304);
    serve_stop(&served);
}
