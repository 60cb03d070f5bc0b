/*
 * The status page as a browser and a program ask for it.
 */
#include "serve_world.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

SERVE_SUITE(serve_status);

static struct served start(const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    e2e_image("one.bin", build_esp8266(20000, 1));
    serve_file("catalog.ini", "[release ONE]\nsketch = one.bin\n[default]\nrelease = ONE\n");
    join_arguments(argv, ARGS("--catalog", "catalog.ini", "--status", "127.0.0.1:0"), args);
    return serve_start(argv);
}

static struct answer get(const struct served *served, const char *path, const char *headers)
{
    char request[512];

    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nConnection: close\r\n%s\r\n", path,
             headers);
    return ask_bytes(served->status_port, request, 0);
}

#define HERE "Host: 127.0.0.1\r\n"

static json_t *status_of(const struct served *served)
{
    struct answer answer = get(served, "/status.json", HERE);
    json_error_t error;

    expect_status(&answer, 200);
    json_t *status = json_loads(answer.body, 0, &error);
    cr_assert_not_null(status, "%s: %s", error.text, answer.body);
    return status;
}

Test(serve_status, it_knows_the_time_before_any_device_has_asked)
{
    struct served served = start(NULL);
    json_t *status = status_of(&served);
    struct tm now = { 0 };
    const char *text = json_string_value(json_object_get(status, "now"));

    cr_assert(text && strptime(text, "%Y-%m-%dT%H:%M:%SZ", &now), "%s", text);
    cr_expect(llabs((long long)timegm(&now) - (long long)time(NULL)) < 3600, "%s", text);
    json_decref(status);
    cr_expect_null(strstr(served.process->out.text, "1970"), "%s", served.process->out.text);
    serve_stop(&served);
}

Test(serve_status, devices_and_what_became_of_them_are_on_it_whatever_they_say)
{
    struct served served = start(NULL);
    struct answer answer =
        ask(&served, &(struct stock_updater){ .family = STOCK_ESP8266,
                                              .version = "<script>alert(1)</script>" });

    expect_status(&answer, 200);
    expect_logged(&served, " offered\n");
    answer = get(&served, "/", HERE);
    expect_status(&answer, 200);
    cr_expect(strstr(answer.body, "18:FE:AA:AA:AA:AA"));
    cr_expect(strstr(answer.body, "&lt;script&gt;"));
    cr_expect_null(strstr(answer.body, "<script"));
    cr_expect(strstr(answer_header(&answer, "Content-Security-Policy"), "default-src 'none'"));
    cr_expect_str_eq(answer_header(&answer, "Cache-Control"), "no-store");
    answer = get(&served, "/status.css", HERE);
    expect_status(&answer, 200);
    cr_expect_eq(strncmp(answer_header(&answer, "Content-Type"), "text/css", 8), 0);
    answer = get(&served, "/etc/passwd", HERE);
    expect_status(&answer, 404);
    serve_stop(&served);
}

Test(serve_status, events_are_told)
{
    struct served served = start(NULL);
    struct answer answer = ask(&served, &(struct stock_updater){ .family = STOCK_ESP8266 });

    expect_status(&answer, 200);
    json_t *status = status_of(&served);
    const json_t *event = json_array_get(json_object_get(status, "events"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(event, "device")), "18:FE:AA:AA:AA:AA");
    cr_expect_str_eq(json_string_value(json_object_get(event, "reason")), "offered");
    json_decref(status);
    serve_stop(&served);
}

Test(serve_status, a_refused_device_that_says_who_it_is_is_told_of_once)
{
    struct served served = start(NULL);

    for (int i = 0; i < 3; i++) {
        struct answer answer = ask(&served, &(struct stock_updater){ .family = STOCK_ESP8266,
                                                                     .without = "x-ESP8266-mode" });
        expect_status(&answer, 403);
    }
    expect_logged(&served, "18:FE:AA:AA:AA:AA refused");
    json_t *status = status_of(&served);
    const json_t *events = json_object_get(status, "events");
    cr_assert_eq(json_array_size(events), 1u);
    cr_expect_str_eq(json_string_value(json_object_get(json_array_get(events, 0), "reason")),
                     "refused");
    json_decref(status);
    serve_stop(&served);
}

Test(serve_status, what_is_wrong_with_the_catalogue_is_on_it)
{
    struct served served = start(NULL);

    serve_file("catalog.ini", "[release ONE]\nsketch = nothing.bin\n");
    cr_assert(process_expect(served.process, &served.process->err, "what was served before",
                             E2E_PATIENCE_MS));
    json_t *status = status_of(&served);
    const char *problem = json_string_value(json_object_get(status, "problem"));
    cr_expect(problem && strstr(problem, "nothing.bin"), "%s", problem);
    json_decref(status);
    serve_stop(&served);
}

Test(serve_status, devices_are_not_answered_here)
{
    struct served served = start(NULL);
    struct served people = { .port = served.status_port };
    struct answer answer = ask(&people, &(struct stock_updater){ .family = STOCK_ESP8266 });

    expect_status(&answer, 403);
    serve_stop(&served);
}

Test(serve_status, passwords_are_wanted_here_as_well)
{
    serve_file("users", "a:secret\n");
    struct served served = start(ARGS("--auth-file", "users"));
    struct answer answer = get(&served, "/", HERE);

    expect_status(&answer, 401);
    answer = get(&served, "/status.json", HERE "Authorization: Basic YTpzZWNyZXQ=\r\n");
    expect_status(&answer, 200);
    serve_stop(&served);
}

Test(serve_status, only_who_asks_for_this_machine_is_answered)
{
    static const struct {
        const char *host;
        unsigned status;
    } rows[] = {
        { "Host: localhost:8081\r\n", 200 },
        { "Host: LOCALHOST\r\n", 200 },
        { "Host: [::1]:8081\r\n", 200 },
        { "Host: evil.example\r\n", 403 },
        { "Host: localhost.evil.example\r\n", 403 },
        { "Host: 127.0.0.1.evil.example\r\n", 403 },
        { "Host: [::1\r\n", 403 },
    };
    struct served served = start(NULL);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = get(&served, "/status.json", rows[i].host);
        cr_expect_eq(answer.status, rows[i].status, "%s %u", rows[i].host, answer.status);
    }
    serve_stop(&served);
}
