#include "cli/serve/status_page.h"

#include "cli/serve/status_style.h"
#include "tests/unit/serve/status_rig.h"

#include <ctype.h>

/* What somebody would send who wants the page to be theirs. */
#define HOSTILE "</td><script>alert(1)</script><img src=x onerror='alert(2)'>\" onload=\"x&amp;"

static struct status_rig *rig;
static char *page;

static void arrive(void)
{
    rig = rig_new();
}

static void leave(void)
{
    free(page);
    free(rig);
}

TestSuite(status_page, .init = arrive, .fini = leave);

static const char *write_page(void)
{
    free(page);
    page = rig_text(&rig->view, status_page_write);
    return page;
}

static unsigned count_of(const char *what)
{
    unsigned count = 0;

    for (const char *at = page; (at = strstr(at, what)) != NULL; at += strlen(what))
        count++;
    return count;
}

static void expect_text(const char *text)
{
    cr_expect_not_null(strstr(page, text), "no \"%s\" in:\n%s", text, page);
}

static void expect_none(const char *text)
{
    cr_expect_null(strstr(page, text), "\"%s\" in:\n%s", text, page);
}

/* --- Hostile texts ---------------------------------------------------------------------------- */

/* Every place where a text of a device or a file may come to stand. */
static void put_everywhere(const char *text)
{
    struct device_record *record = rig_add(rig, "18:FE:AA:AA:AA:AA", text);
    struct recent_event event = { .when = RIG_NOW, .outcome = OFFER_FAILED };

    snprintf(record->request.sdk_version, sizeof record->request.sdk_version, "%.60s", text);
    snprintf(record->address, sizeof record->address, "%.40s", text);
    rig_offer(record, text, OFFER_FAILED, 2);
    record->filesystem = record->sketch;
    snprintf(event.release, sizeof event.release, "%s", text);
    snprintf(event.version, sizeof event.version, "%s", text);
    recent_events_add(&rig->events, &event);
    snprintf(rig->releases[0].name, sizeof rig->releases[0].name, "%s", text);
    snprintf(rig->image.path, sizeof rig->image.path, "%s", text);
    rig->view.image = &rig->image;
    rig->view.problem = text;
}

static bool is_known_tag(const char *name, size_t len)
{
    static const char *const known[] = {
        "!DOCTYPE", "html", "head", "meta", "title", "link",    "body",  "header", "main", "footer",
        "section",  "h1",   "h2",   "p",    "b",     "span",    "small", "div",    "dl",   "dt",
        "dd",       "ol",   "ul",   "li",   "table", "caption", "thead", "tbody",  "tr",   "th",
        "td",       "time", "a",    "svg",  "defs",  "pattern", "rect",  "line",
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i]) == len && strncmp(known[i], name, len) == 0)
            return true;
    }
    return false;
}

static bool is_known_attribute(const char *name, size_t len)
{
    static const char *const known[] = {
        "html",       "lang",  "charset", "name",     "content",      "http-equiv",       "rel",
        "href",       "class", "id",      "title",    "aria-hidden",  "aria-labelledby",  "scope",
        "data-label", "width", "height",  "datetime", "patternUnits", "patternTransform", "fill",
        "x",          "x1",    "x2",      "y1",       "y2",
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i]) == len && strncmp(known[i], name, len) == 0)
            return true;
    }
    return false;
}

/* The attributes of a tag, each `name` or `name="value"`; returns where its '>' is. */
static const char *check_attributes(const char *at)
{
    while (*at == ' ') {
        size_t len = strcspn(++at, "=\" >/<'");
        cr_assert(is_known_attribute(at, len), "attribute at \"%.60s\"", at);
        at += len;
        if (strncmp(at, "=\"", 2) != 0)
            continue;
        at += 2;
        at += strcspn(at, "\"<>");
        cr_assert_eq(*at, '"', "a value that does not end at \"%.60s\"", at);
        at++;
    }
    at += *at == '/';
    cr_assert_eq(*at, '>', "a tag that does not end at \"%.60s\"", at);
    return at;
}

/* The page is made of tags and attributes that the program writes, and of nothing else. */
static void check_markup(void)
{
    for (const char *at = page; (at = strpbrk(at, "<>")) != NULL; at++) {
        cr_assert_eq(*at, '<', "a stray > at \"%.60s\"", at);
        at += 1 + (at[1] == '/');
        size_t len = strcspn(at, " />");
        cr_assert(is_known_tag(at, len), "a tag \"%.60s\"", at);
        at = check_attributes(at + len);
    }
}

Test(status_page, no_text_of_a_device_becomes_markup)
{
    put_everywhere(HOSTILE);
    write_page();
    check_markup();
    expect_none("<script");
    expect_none("<img");
    expect_text("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;alert(2)&#39;&gt;"
                "&quot; onload=&quot;x&amp;amp;");
}

Test(status_page, every_single_byte_of_a_device_is_harmless)
{
    for (int byte = 1; byte < 256; byte++) {
        char text[4] = { 'a', (char)byte, 'b', '\0' };
        rig->device_count = 0;
        put_everywhere(text);
        write_page();
        check_markup();
        for (const char *at = page; *at; at++)
            cr_assert(*at == '\n' || isprint((unsigned char)*at) || (*at & 0x80) != 0);
    }
}

/* The program's own middle dots aside, which are UTF-8 as well. */
Test(status_page, bytes_that_are_no_utf_8_are_shown_as_numbers)
{
    put_everywhere("\xff\xc3(\xed\xa0\x80");
    write_page();
    expect_text("\\xff\\xc3(\\xed\\xa0\\x80");
    expect_none("\xff");
    expect_none("\xed");
}

Test(status_page, marks_that_turn_text_around_are_shown_as_numbers)
{
    put_everywhere("DOOR\xe2\x80\xae"
                   "7-ROOD");
    write_page();
    expect_text("DOOR\\xe2\\x80\\xae7-ROOD");
    expect_none("\xe2\x80\xae");
}

Test(status_page, letters_of_other_languages_stay)
{
    put_everywhere("T\xc3\xbcr \xe9\x96\x80");
    write_page();
    expect_text("T\xc3\xbcr \xe9\x96\x80");
    expect_none("\\x");
}

/* --- What it says ----------------------------------------------------------------------------- */

Test(status_page, is_a_document_that_renews_itself_and_needs_no_script)
{
    write_page();
    cr_expect_eq(strncmp(page, "<!DOCTYPE html>\n<html lang=\"en\">", 32), 0);
    expect_text("<meta http-equiv=\"refresh\" content=\"5\">");
    expect_text("<link rel=\"stylesheet\" href=\"/status.css\">");
    expect_text("</html>\n");
    expect_none("style=");
    check_markup();
}

Test(status_page, without_devices_says_so)
{
    write_page();
    expect_text("<b>0</b> devices");
    expect_text("No device has asked yet.");
    expect_text("Nothing has happened since the server was started.");
    expect_none("Needs attention");
}

Test(status_page, a_problem_stands_above_everything)
{
    rig->view.problem = "catalog.ini:12: there is no release \"X\"";
    write_page();
    expect_text("<title>Needs attention: Updates</title>");
    expect_text("catalog.ini:12: there is no release &quot;X&quot;");
    cr_expect_lt(strstr(page, "catalog.ini:12"), strstr(page, ">Releases<"));
}

Test(status_page, releases_that_are_stopped_and_devices_that_are_held_need_attention)
{
    rig_offer(rig_add(rig, "18:FE:AA:AA:AA:01", "DOOR-7"), "DOOR-8-g20c1f7aa", OFFER_HELD, 3);
    write_page();
    expect_text("<title>Needs attention: Updates</title>");
    expect_text("<p>1 device is held back: ");
    expect_none("stopped: ");
    rig_offer(rig_add(rig, "18:FE:AA:AA:AA:02", "DOOR-7"), "DOOR-8-g20c1f7aa", OFFER_HELD, 3);
    rig_offer(rig_add(rig, "5C:00:00:00:00:01", "LAMP-2"), "LAMP-3", OFFER_FAILED, 1);
    write_page();
    expect_text("<p>1 release is stopped: ");
    expect_text("<p>2 devices are held back: ");
    cr_expect_lt(strstr(page, ">Needs attention<"), strstr(page, ">Releases<"));
    check_markup();
    /* Of a release that is not in the catalogue any more, nobody has to know. */
    memcpy(rig->releases[0].name, "DOOR-9", sizeof "DOOR-9");
    memcpy(rig->releases[2].name, "LAMP-4", sizeof "LAMP-4");
    write_page();
    expect_none("Needs attention");
}

Test(status_page, a_device_has_a_row_with_what_it_says_and_was_answered)
{
    struct device_record *record = rig_add(rig, "18:FE:AA:AA:AA:AA", "DOOR-7");

    rig_offer(record, "DOOR-8-g20c1f7aa", OFFER_FAILED, 2);
    write_page();
    expect_text("<span class=\"mac\">18:FE:AA:AA:AA:AA</span><small>ESP8266, 192.168.1.40</small>");
    expect_text("title=\"SDK 2.2.2-dev(38a443e)\">DOOR-7</td>");
    expect_text("DOOR-8-g20c1f7aa <span class=\"mark failed\">failed</span> ");
    expect_text(">2 attempts<");
    expect_text(decision_reason_text(REASON_OFFERED));
    expect_text("<time datetime=\"2026-11-22T19:23:16Z\" title=\"2026-11-22 19:23:16 UTC\">"
                "3 min ago</time>");
    expect_text("<span title=\"3014656 bytes\">2.9 MiB</span>");
}

Test(status_page, every_outcome_is_a_word)
{
    static const struct {
        enum offer_outcome outcome;
        const char *text;
    } table[] = {
        { OFFER_MADE, "<span class=\"mark underway\">sending</span>" },
        { OFFER_DELIVERED, "<span class=\"mark underway\">delivered</span>" },
        { OFFER_UPDATED, "<span class=\"mark updated\">updated</span>" },
        { OFFER_FAILED, "<span class=\"mark failed\">failed</span>" },
        { OFFER_HELD, "<span class=\"mark held\">held back</span>" },
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        rig->device_count = 0;
        rig_offer(rig_add(rig, "18:FE:AA:AA:AA:AA", "DOOR-7"), "DOOR-8", table[i].outcome, 1);
        write_page();
        expect_text(table[i].text);
    }
}

Test(status_page, what_a_device_did_not_send_is_not_made_up)
{
    struct device_record *record = rig_add(rig, "18:FE:AA:AA:AA:AA", "left over");

    record->request.sent = UPDATE_FIELD_STA_MAC;
    write_page();
    expect_none("left over");
    expect_none("2.9 MiB");
    expect_none("SDK");
    cr_expect_eq(count_of("not told"), 2);
}

Test(status_page, no_more_devices_are_shown_than_allowed_and_the_rest_is_counted)
{
    for (unsigned i = 0; i < 9; i++) {
        char mac[MAC_TEXT_SIZE];
        snprintf(mac, sizeof mac, "18:FE:AA:AA:AA:%02X", i);
        rig_add(rig, mac, "DOOR-7");
    }
    rig->view.device_limit = 6;
    write_page();
    expect_text("6 of 9, the one seen last first");
    cr_expect_eq(count_of("<span class=\"mac\">"), 6);
    expect_none("18:FE:AA:AA:AA:06");
}

Test(status_page, no_more_releases_are_shown_than_allowed)
{
    rig->view.device_limit = 2;
    write_page();
    expect_text("The first 2 of 5, in the order of the catalogue.");
    expect_text("GARDEN-2.1.0");
    expect_none("LAMP-3");
}

Test(status_page, a_server_with_one_image_for_all_shows_it)
{
    rig->view.fleet = NULL;
    rig->view.image = &rig->image;
    write_page();
    expect_text("/srv/firmware/image.bin");
    expect_text("0123456789abcdef0123456789abcdef");
    expect_none(">Releases<");
    check_markup();
}

/* --- Events ----------------------------------------------------------------------------------- */

Test(status_page, events_are_told_the_last_one_first)
{
    struct recent_event event = {
        .when = RIG_NOW - 60, .outcome = OFFER_UPDATED, .release = "LAMP-3", .version = "LAMP-3"
    };

    recent_events_add(&rig->events, &event);
    event = (struct recent_event){ .when = RIG_NOW, .reason = REASON_NO_SPACE };
    recent_events_add(&rig->events, &event);
    write_page();
    expect_text("<span class=\"what updated\">was updated to <b>LAMP-3</b></span>");
    expect_text("<small class=\"same\">reports LAMP-3</small>");
    cr_expect_lt(strstr(page, decision_reason_text(REASON_NO_SPACE)),
                 strstr(page, "was updated to"));
}

Test(status_page, an_image_for_all_has_no_name_to_be_told)
{
    struct recent_event event = { .when = RIG_NOW, .outcome = OFFER_UPDATED };

    rig_offer(rig_add(rig, "18:FE:AA:AA:AA:AA", ""), "", OFFER_DELIVERED, 1);
    recent_events_add(&rig->events, &event);
    write_page();
    expect_text("<div>the image <span class=\"mark underway\">delivered</span></div>");
    expect_text("<span class=\"what updated\">was updated to the image</span>");
}

Test(status_page, the_style_sheet_asks_for_nothing_from_elsewhere)
{
    cr_expect_not_null(strstr(status_style, "prefers-color-scheme: dark"));
    cr_expect_null(strstr(status_style, "url("));
    cr_expect_null(strstr(status_style, "@import"));
}
