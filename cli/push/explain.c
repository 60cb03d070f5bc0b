#include "cli/push/explain.h"

#include "cli/printable.h"
#include "cli/push/bar.h"
#include "cli/push/remedy.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void say(struct explanation *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void advise(struct explanation *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct explanation *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out->sentence, sizeof out->sentence, format, args);
    va_end(args);
}

static void advise(struct explanation *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out->hint, sizeof out->hint, format, args);
    va_end(args);
}

/* What a device that got part of an image is left with. */
static const char *state_of_partial(const struct push_upload *upload)
{
    /* All of it is on its way, and may arrive after all. */
    if (upload->session.sent == upload->config.size)
        return "It may have been updated: look at the version it runs.";
    return upload->config.command == PUSH_FILESYSTEM
               ? "Its file system may be incomplete now: upload it again."
               : "It still runs its old sketch.";
}

/* A file system is written in place: a device that has had a part of it is no longer as it was. */
static bool half_written(const struct push_upload *upload)
{
    return upload->config.command == PUSH_FILESYSTEM && upload->session.acknowledged > 0;
}

static void explain_no_answer(struct explanation *out, const struct push_upload *upload)
{
    char to[ADDRESS_TEXT_MAX];
    unsigned port = address_port(&upload->device);
    uint32_t wait = upload->config.wait_ms;
    double limit = (wait > upload->config.timeout_ms ? wait : upload->config.timeout_ms) / 1000.0;
    const char *text = upload->session.text;
    char safe[4 * VERDICT_TEXT_MAX];

    address_text(&upload->device, to);
    printable(safe, sizeof safe, text);
    if (upload->presence == PUSH_ABSENT) {
        say(out, "no answer from %s, where mDNS knew it from the past; it is not there now", to);
        advise(out, "Is it on, and in this network?%s",
               upload->config.wait_ms > 0 ? "" : " --wait waits for it to come back.");
    } else if (upload->session.reason == PUSH_UNREACHABLE) {
        say(out, "nothing listens there at UDP port %u", port);
        advise(out, "Is OTA running in its sketch, and is that the port it uses? Give another one "
                    "with -p.");
    } else if (upload->session.reason == PUSH_PROOF_UNANSWERED) {
        say(out, "it asked for a password, and gave no clear answer to the proof");
        advise(out, "The connection to it may be weak: try again, or with a larger -t.");
    } else if (text[0] != '\0') {
        say(out, "no usable answer from %s within %g s; it said: %.300s", to, limit, safe);
        advise(out, "Is %u really the port (-p) at which its sketch handles OTA?", port);
    } else {
        say(out, "no answer from %s within %g s%s%s%s", to, limit,
            upload->network_error ? " (" : "",
            upload->network_error ? strerror(upload->network_error) : "",
            upload->network_error ? ")" : "");
        advise(out,
               "Is it on, in this network, and running a sketch that handles OTA? Is %u its "
               "port (-p)?",
               port);
    }
}

static void explain_no_callback(struct explanation *out, const struct push_upload *upload,
                                enum image_kind kind)
{
    char local[ADDRESS_TEXT_MAX];
    const char *text = upload->session.text;
    char safe[4 * VERDICT_TEXT_MAX];

    say(out, "it accepted, but did not connect to %s (TCP) within %g s%s%.300s",
        address_text(&upload->local, local), upload->config.timeout_ms / 1000.0,
        text[0] ? "; it said: " : "", printable(safe, sizeof safe, text));
    advise(out,
           "Likely causes, in this order: a firewall on this machine blocks TCP port %u (choose "
           "the port with -P and open it); this is a container or behind NAT and that port is "
           "not published; the access point keeps its clients apart (client isolation)%s.",
           address_port(&upload->local),
           kind == IMAGE_ESP32 ? "; the image does not fit its application partition, which an "
                                 "ESP32 says on its serial output alone"
                               : "");
}

static void explain_device(struct explanation *out, const struct push_upload *upload)
{
    const char *text = upload->session.text;
    const char *advice = remedy_for(text, upload->config.command == PUSH_FILESYSTEM);
    char safe[4 * VERDICT_TEXT_MAX];

    printable(safe, sizeof safe, text);
    if (upload->session.reason == PUSH_REFUSED)
        say(out, "the device refuses: %s", safe);
    else
        say(out, "the device reports: %s", safe);
    advise(out, "%s%s%s", advice ? advice : "", advice && half_written(upload) ? " " : "",
           half_written(upload) ? state_of_partial(upload) : "");
}

static void explain_broken(struct explanation *out, const struct push_upload *upload)
{
    const struct push_session *session = &upload->session;
    bool silent_since = session->state == PUSH_FINISHED && session->ended_in < PUSH_STREAMING;
    char how_far[128];

    snprintf(how_far, sizeof how_far, "after %" PRIu64 " of %" PRIu64 " bytes%s",
             session->acknowledged, session->config->size,
             silent_since ? ", and it did not come back on a new invitation" : "");
    switch (session->reason) {
    case PUSH_CLOSED:
        say(out, "the device closed the connection %s", how_far);
        break;
    case PUSH_STALLED:
        say(out, "no progress for %g s, %s", session->config->stall_ms / 1000.0, how_far);
        break;
    case PUSH_EARLY_OK:
        say(out, "the device said OK too early, %s", how_far);
        break;
    default:
        say(out, "the connection broke %s", how_far);
        break;
    }
    if (session->reason == PUSH_EARLY_OK)
        advise(out, "It may have been updated, or not: look at the version it runs.");
    else
        advise(out,
               "%s The radio link may be weak, or the device restarts: look at its serial output.",
               state_of_partial(upload));
}

static void explain_unknown(struct explanation *out, const struct push_upload *upload)
{
    if (upload->session.reason == PUSH_NO_VERDICT)
        say(out,
            "everything was sent, but the device gave no verdict within %g s: it is unknown "
            "whether it was updated",
            upload->config.verdict_ms / 1000.0);
    else
        say(out, "everything was sent, but the device closed the connection without a verdict: it "
                 "is unknown whether it was updated");
    advise(out, "Look at the version it runs before you upload again.");
}

static void explain_interrupted(struct explanation *out, const struct push_upload *upload)
{
    const struct push_session *session = &upload->session;
    bool untouched = session->attempt < 2;

    if (push_session_code(session) == EXIT_NO_VERDICT) {
        say(out, "interrupted when everything was sent: it may have been updated");
        advise(out, "Look at the version it runs.");
        return;
    }
    switch (untouched || session->ended_in >= PUSH_STREAMING ? session->ended_in : PUSH_PAUSED) {
    case PUSH_INVITING:
    case PUSH_PROVING:
        say(out, "interrupted before it accepted: nothing was sent, nothing has changed on it");
        break;
    case PUSH_ACCEPTED:
        say(out, "interrupted before it connected: nothing was sent, it gives up by itself");
        break;
    default:
        say(out, "interrupted after %" PRIu64 " of %" PRIu64 " bytes", session->acknowledged,
            session->config->size);
        advise(out, "%s", state_of_partial(upload));
        break;
    }
}

static void explain_password(struct explanation *out, const struct push_upload *upload)
{
    if (upload->session.reason == PUSH_PASSWORD_MISSING) {
        say(out, "the device asks for a password, and none was given");
        advise(out, "Give it with --auth-file, the variable ESPOTA_AUTH, or -a.");
    } else {
        say(out, "the device rejected the password");
        advise(out, "%s",
               upload->config.md5_target ? "Try without -m if the password is right."
                                         : "The right one is the one that the sketch now running "
                                           "on it was built with.");
    }
}

static void explain_success(struct explanation *out, const struct push_upload *upload)
{
    uint64_t ms = upload->finished_ms - upload->started_ms;
    double seconds = ms > 0 ? (double)ms / 1000.0 : 0.001;
    char rate[32];

    bar_size_text((uint64_t)((double)upload->config.size / seconds), rate);
    say(out, "updated: %" PRIu64 " bytes in %.*f s, %s/s", upload->config.size,
        seconds < 1.0 ? 3 : 1, seconds, rate);
}

void explain_upload(struct explanation *out, const struct push_upload *upload, enum image_kind kind)
{
    *out = (struct explanation){ .sentence = "", .hint = "" };
    switch (upload->session.reason) {
    case PUSH_UPDATED:
        explain_success(out, upload);
        break;
    case PUSH_SILENT:
    case PUSH_UNREACHABLE:
    case PUSH_PROOF_UNANSWERED:
        explain_no_answer(out, upload);
        break;
    case PUSH_PASSWORD_WRONG:
    case PUSH_PASSWORD_MISSING:
        explain_password(out, upload);
        break;
    case PUSH_NOT_CALLED_BACK:
        explain_no_callback(out, upload, kind);
        break;
    case PUSH_REFUSED:
    case PUSH_FAILED:
        explain_device(out, upload);
        break;
    case PUSH_CLOSED:
    case PUSH_RESET:
    case PUSH_STALLED:
    case PUSH_EARLY_OK:
        explain_broken(out, upload);
        break;
    case PUSH_CLOSED_SILENTLY:
    case PUSH_NO_VERDICT:
        explain_unknown(out, upload);
        break;
    case PUSH_INTERRUPTED:
        explain_interrupted(out, upload);
        break;
    case PUSH_LOCAL_FAILURE:
        say(out, "%.600s",
            upload->failure.text[0] ? upload->failure.text : "the digest library has failed");
        break;
    }
}
