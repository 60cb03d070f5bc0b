/*
 * The status page in a real browser: what it makes of a hostile device, and how it looks. The
 * pictures stay in the build folder, for people.
 */
#include "cli/serve/status_page.h"
#include "cli/serve/status_style.h"
#include "tests/support/loopback.h"
#include "tests/support/process.h"
#include "tests/support/temp.h"
#include "tests/unit/serve/status_rig.h"

#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A browser starts slowly where processors are few and shared. */
#define PATIENCE_MS 120000

#define HOSTILE_VERSION "<script>document.title='owned'</script>\"><img src=x onerror=alert(1)>"

static struct temp folder;
static struct process browser;
static bool browser_started;
static struct status_rig *rig;
static pid_t server;
static char address[64];

/* --- A server with nothing but the page ------------------------------------------------------- */

static void answer(struct evhttp_request *request, const char *type, struct evbuffer *body)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

    evhttp_add_header(headers, "Content-Type", type);
    evhttp_add_header(headers, "Content-Security-Policy", STATUS_PAGE_POLICY);
    evhttp_send_reply(request, 200, NULL, body);
    evbuffer_free(body);
}

static void answer_page(struct evhttp_request *request, void *ctx)
{
    struct evbuffer *body = evbuffer_new();

    (void)ctx;
    status_page_write(&rig->view, body);
    answer(request, STATUS_PAGE_TYPE, body);
}

static void answer_style(struct evhttp_request *request, void *ctx)
{
    struct evbuffer *body = evbuffer_new();

    (void)ctx;
    evbuffer_add(body, status_style, strlen(status_style));
    answer(request, STATUS_STYLE_TYPE, body);
}

static _Noreturn void serve(int fd)
{
    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    evhttp_accept_socket(http, fd);
    evhttp_set_cb(http, "/", answer_page, NULL);
    evhttp_set_cb(http, "/status.css", answer_style, NULL);
    event_base_dispatch(base);
    _exit(1);
}

static void start_server(void)
{
    int fd = loopback_bind("127.0.0.1", 0, SOCK_STREAM);

    cr_assert_neq(fd, -1);
    snprintf(address, sizeof address, "http://127.0.0.1:%u/", loopback_port(fd));
    server = fork();
    cr_assert_neq(server, -1);
    if (server == 0)
        serve(fd);
    close(fd);
}

/* --- What it shows ---------------------------------------------------------------------------- */

static const struct {
    const char *release;
    const char *version;
    const char *before;
    const char *prefix;
    unsigned count;
    enum image_kind family;
} groups[] = {
    { "DOOR-8-g20c1f7aa", "DOOR-8-g20c1f7aa", "DOOR-7-g14f53a19", "18:FE:34", 148, IMAGE_ESP8266 },
    { "GARDEN-2.1.0", "GARDEN-2.1.0", "GARDEN-2.0.4", "24:0A:C4", 120, IMAGE_ESP32 },
    { "LAMP-3", "LAMP-3", "LAMP-2", "5C:CF:7F", 60, IMAGE_ESP8266 },
    { "WEATHER-1.4", "WEATHER-1.4", "WEATHER-1.3", "28:CD:C1", 6, IMAGE_PICO },
};

/* Of a group's devices, the n-th: a fleet in the midst of its rollouts. */
static void add_member(size_t group, unsigned n)
{
    char mac[MAC_TEXT_SIZE];
    struct device_record *record;
    enum offer_outcome outcome = OFFER_NONE;

    snprintf(mac, sizeof mac, "%s:%02X:%02X:%02X", groups[group].prefix, (n * 37) & 0xff,
             (n * 101) & 0xff, n & 0xff);
    if (group == 0)
        outcome = n % 29 == 7 ? OFFER_HELD : n % 12 == 5 ? OFFER_DELIVERED : OFFER_UPDATED;
    else if (group == 1)
        outcome = n % 10 != 0 ? OFFER_NONE : n == 20 ? OFFER_MADE : OFFER_UPDATED;
    else if (group == 2)
        outcome = n % 3 == 0 ? OFFER_NONE : n % 5 == 1 ? OFFER_FAILED : OFFER_UPDATED;
    record =
        rig_add(rig, mac, outcome == OFFER_UPDATED ? groups[group].version : groups[group].before);
    record->request.family = groups[group].family;
    if (outcome != OFFER_NONE)
        rig_offer(record, groups[group].release, outcome,
                  outcome == OFFER_HELD     ? 3
                  : outcome == OFFER_FAILED ? 2
                                            : 1);
    else
        record->reason = group == 3            ? REASON_TOO_EARLY
                         : group == 1 && n < 9 ? REASON_NO_SPACE
                                               : REASON_NOT_INCLUDED;
    snprintf(record->address, sizeof record->address, "192.168.%zu.%u", group + 1, n % 250 + 4);
}

static void add_event(enum offer_outcome outcome, enum decision_reason reason, const char *release,
                      const char *version, int64_t ago)
{
    struct recent_event event = { .when = RIG_NOW - ago, .reason = reason, .outcome = outcome };

    event.station = rig->devices[rig->events.count * 5].request.station;
    snprintf(event.release, sizeof event.release, "%s", release);
    snprintf(event.version, sizeof event.version, "%s", version);
    recent_events_add(&rig->events, &event);
}

static void fill(void)
{
    int64_t ago = 3;

    for (unsigned n = 0; n < 148; n++) {
        for (size_t group = 0; group < sizeof groups / sizeof *groups; group++) {
            if (n < groups[group].count)
                add_member(group, n);
        }
    }
    rig_add(rig, "A0:20:A6:00:00:01", HOSTILE_VERSION);
    snprintf(rig->devices[3].request.version, sizeof rig->devices[3].request.version, "%s",
             HOSTILE_VERSION);
    rig->devices[5].request.sent &= ~(unsigned)(UPDATE_FIELD_VERSION | UPDATE_FIELD_FREE_SPACE);
    snprintf(rig->devices[1].filesystem.release, UPDATE_VERSION_SIZE, "PAGES-7");
    rig->devices[1].filesystem.outcome = OFFER_UPDATED;
    snprintf(rig->devices[6].address, sizeof rig->devices[6].address, "%s",
             "2001:db8:85a3:8d3:1319:8a2e:370:7348");
    for (size_t i = 0; i < rig->device_count; i++, ago += ago / 9 + 7)
        rig->devices[i].last_seen = RIG_NOW - ago % 400000;
    add_event(OFFER_NONE, REASON_NO_SPACE, "LAMP-3", "LAMP-2", 90000);
    add_event(OFFER_HELD, REASON_HELD_BACK, "DOOR-8-g20c1f7aa", "DOOR-7-g14f53a19", 4000);
    add_event(OFFER_UPDATED, REASON_SAME_VERSION, "GARDEN-2.1.0", "GARDEN-2.1.0", 700);
    add_event(OFFER_FAILED, REASON_OFFERED, "LAMP-3", HOSTILE_VERSION, 65);
    add_event(OFFER_MADE, REASON_OFFERED, "GARDEN-2.1.0", "GARDEN-2.0.4", 1);
    rig->view.device_limit = 24;
    rig->view.problem = "/etc/espota-c/catalog.ini:12: there is no release \"DOOR-9\"; the "
                        "catalogue of 19:02:11 stays in force";
}

static void arrive(void)
{
    cr_assert(temp_create(&folder));
    rig = rig_new();
    fill();
    start_server();
}

static void leave(void)
{
    if (browser_started)
        process_free(&browser);
    browser_started = false;
    if (server > 0) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
    free(rig);
    temp_remove(&folder);
}

TestSuite(status_browser, .init = arrive, .fini = leave);

/* Run it to its end; further arguments end with NULL. */
static void browse(const char *first, const char *second, const char *third)
{
    char profile[TEMP_PATH_MAX + 32];
    const char *argv[] = { "chromium",
                           "--headless",
                           "--no-sandbox",
                           "--disable-gpu",
                           "--enable-logging=stderr",
                           "--hide-scrollbars",
                           "--no-first-run",
                           "--disable-background-networking",
                           "--disable-component-update",
                           "--disable-dev-shm-usage",
                           profile,
                           address,
                           first,
                           second,
                           third,
                           NULL };

    snprintf(profile, sizeof profile, "--user-data-dir=%s", temp_path(&folder, "profile").text);
    browser_started = process_start(&browser, &(struct process_options){ .argv = argv });
    cr_assert(browser_started, "chromium does not start");
    cr_assert(process_wait(&browser, PATIENCE_MS), "chromium does not end");
    cr_assert_eq(browser.exit_code, 0, "%s", browser.err.text);
}

static unsigned count_of(const char *text, const char *what)
{
    unsigned count = 0;

    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        count++;
    return count;
}

Test(status_browser, sees_every_row_and_nothing_that_a_device_made)
{
    browse("--dump-dom", NULL, NULL);
    const char *dom = browser.out.text;

    cr_assert_not_null(strstr(dom, "<title>Needs attention: Updates</title>"), "%s", dom);
    cr_expect_eq(count_of(dom, "<tr>"), 1 + RIG_RELEASES + 1 + 24);
    cr_expect_eq(count_of(dom, "<script"), 0);
    cr_expect_eq(count_of(dom, "<img"), 0);
    cr_expect_not_null(strstr(dom, "&lt;script&gt;document.title='owned'&lt;/script&gt;"));
    cr_expect_null(strstr(browser.err.text, "Content Security Policy"), "%s", browser.err.text);
}

/* Width and height stand in a PNG's first chunk, most significant byte first. */
static unsigned number_at(const char *bytes)
{
    const unsigned char *at = (const unsigned char *)bytes;

    return (unsigned)at[0] << 24 | (unsigned)at[1] << 16 | (unsigned)at[2] << 8 | at[3];
}

static void take_picture(const char *name, unsigned width, unsigned height, const char *setting)
{
    char file[512];
    char picture[600];
    char size[64];
    size_t len;

    mkdir(ESPOTA_ARTEFACTS, 0777);
    snprintf(file, sizeof file, "%s/%s.png", ESPOTA_ARTEFACTS, name);
    unlink(file);
    snprintf(picture, sizeof picture, "--screenshot=%s", file);
    snprintf(size, sizeof size, "--window-size=%u,%u", width, height);
    browse(picture, size, setting);
    char *bytes = file_read(file, &len);
    cr_assert_not_null(bytes, "no picture in %s", file);
    cr_expect_gt(len, (size_t)10000, "an empty page");
    cr_expect_eq(memcmp(bytes, "\x89PNG\r\n\x1a\n", 8), 0);
    cr_expect_eq(number_at(bytes + 16), width);
    cr_expect_eq(number_at(bytes + 20), height);
    free(bytes);
}

Test(status_browser, takes_a_picture_by_day)
{
    take_picture("status", 1200, 2600, "--blink-settings=preferredColorScheme=1");
}

Test(status_browser, takes_a_picture_by_night)
{
    take_picture("status-dark", 1200, 2600, "--blink-settings=preferredColorScheme=0");
}

Test(status_browser, takes_a_picture_as_on_a_phone)
{
    take_picture("status-phone", 500, 3000, "--blink-settings=preferredColorScheme=1");
}
