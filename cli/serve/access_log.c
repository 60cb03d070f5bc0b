#include "cli/serve/access_log.h"

#include "cli/serve/access_sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Lines are written when so much has gathered, or are told to be. */
#define BUFFER_SIZE 65536

/* Characters at most of each text once it is escaped, so that they fit into a line together. */
#define ADDRESS_MAX  64
#define USER_MAX     128
#define METHOD_MAX   32
#define TARGET_MAX   800
#define PROTOCOL_MAX 32
#define REFERER_MAX  300
#define AGENT_MAX    400
#define DEVICE_MAX   32
#define DECISION_MAX 64

_Static_assert(ADDRESS_MAX + USER_MAX + METHOD_MAX + TARGET_MAX + PROTOCOL_MAX + REFERER_MAX +
                       AGENT_MAX + DEVICE_MAX + DECISION_MAX + 128 <
                   ACCESS_LINE_SIZE,
               "a line has room for the longest of all texts");

struct access_log {
    struct access_sink sink;
    char *path;    /* NULL: standard output */
    size_t used;   /* bytes of the buffer */
    bool torn;     /* the last byte that was written is not the end of a line */
    int problem;   /* errno of the last attempt to write, if it lost lines or may do so; else 0 */
    int told;      /* the problem that the caller knows of */
    uint64_t lost; /* lines */
    char buffer[BUFFER_SIZE];
};

/* A text that grows to the right, and is cut at its end. */
struct writer {
    char *at;
    char *end;
};

static void put_bytes(struct writer *writer, const char *bytes, size_t len)
{
    size_t room = (size_t)(writer->end - writer->at);

    if (len > room)
        len = room;
    memcpy(writer->at, bytes, len);
    writer->at += len;
}

static void put_string(struct writer *writer, const char *string)
{
    put_bytes(writer, string, strlen(string));
}

static void put_number(struct writer *writer, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put_bytes(writer, digits + at, sizeof digits - at);
}

static void put_two(struct writer *writer, int number)
{
    const char digits[2] = { (char)('0' + number / 10 % 10), (char)('0' + number % 10) };

    put_bytes(writer, digits, sizeof digits);
}

/*
 * A foreign text, or "-" when there is none: what is not printable ASCII, and what would end it,
 * becomes \xNN, as in nginx's log. At most `max` characters; an escape is never cut in two.
 */
static void put_text(struct writer *writer, const char *text, size_t max, char first_plain)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t room = (size_t)(writer->end - writer->at);
    const char *end = writer->at + (max < room ? max : room);

    if (!text || text[0] == '\0')
        text = "-";
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte >= (unsigned char)first_plain && byte < 0x7F && byte != '"' && byte != '\\') {
            if (writer->at >= end)
                return;
            *writer->at++ = (char)byte;
        } else {
            if (end - writer->at < 4)
                return;
            *writer->at++ = '\\';
            *writer->at++ = 'x';
            *writer->at++ = digits[byte >> 4];
            *writer->at++ = digits[byte & 15];
        }
    }
}

static void put_time(struct writer *writer, int64_t when)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)when;
    struct tm utc;

    if (!gmtime_r(&seconds, &utc))
        utc = (struct tm){ .tm_mday = 1, .tm_year = 70 };
    put_two(writer, utc.tm_mday);
    put_string(writer, "/");
    put_bytes(writer, months + 3 * utc.tm_mon, 3);
    put_string(writer, "/");
    put_number(writer, (uint64_t)(1900 + (int64_t)utc.tm_year));
    put_string(writer, ":");
    put_two(writer, utc.tm_hour);
    put_string(writer, ":");
    put_two(writer, utc.tm_min);
    put_string(writer, ":");
    put_two(writer, utc.tm_sec);
    put_string(writer, " +0000");
}

size_t access_entry_format(const struct access_entry *entry, char *out, size_t size)
{
    struct writer writer = { out, out + (size > 0 ? size - 1 : 0) };

    if (size == 0)
        return 0;
    put_text(&writer, entry->address, ADDRESS_MAX, '!');
    put_string(&writer, " - ");
    put_text(&writer, entry->user, USER_MAX, '!');
    put_string(&writer, " [");
    put_time(&writer, entry->when);
    put_string(&writer, "] \"");
    put_text(&writer, entry->method, METHOD_MAX, '!');
    /* Of a request that could not be read there is nothing more to tell. */
    if (entry->method) {
        put_string(&writer, " ");
        put_text(&writer, entry->target, TARGET_MAX, '!');
        put_string(&writer, " ");
        put_text(&writer, entry->protocol, PROTOCOL_MAX, '!');
    }
    put_string(&writer, "\" ");
    put_number(&writer, entry->status);
    put_string(&writer, " ");
    put_number(&writer, entry->bytes);
    put_string(&writer, " \"");
    put_text(&writer, entry->referer, REFERER_MAX, ' ');
    put_string(&writer, "\" \"");
    put_text(&writer, entry->user_agent, AGENT_MAX, ' ');
    put_string(&writer, "\" ");
    put_text(&writer, entry->device, DEVICE_MAX, '!');
    put_string(&writer, " ");
    put_text(&writer, entry->decision, DECISION_MAX, '!');
    *writer.at++ = '\n';
    return (size_t)(writer.at - out);
}

struct access_log *access_log_open(const char *path, struct failure *failure)
{
    struct access_log *log = calloc(1, sizeof *log);

    if (log && strcmp(path, "-") != 0)
        log->path = strdup(path);
    if (!log || (strcmp(path, "-") != 0 && !log->path)) {
        free(log);
        failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
        return NULL;
    }
    if (access_sink_open(&log->sink, log->path))
        return log;
    failure_set(failure, EXIT_LOCAL_FAILURE, "cannot write the access log %s: %s",
                log->path ? log->path : "to standard output", strerror(errno));
    free(log->path);
    free(log);
    return NULL;
}

static void drop_front(struct access_log *log, size_t len)
{
    log->used -= len;
    memmove(log->buffer, log->buffer + len, log->used);
}

/* Write as much as the file takes at once. */
static void write_out(struct access_log *log)
{
    size_t done = 0;

    while (done < log->used) {
        ssize_t n = access_sink_write(&log->sink, log->buffer + done, log->used - done);
        if (n < 0) {
            /* A reader that is slow is no problem before there is no room for a line. */
            log->problem = errno == EAGAIN ? log->problem : errno;
            break;
        }
        done += (size_t)n;
    }
    if (done == log->used)
        log->problem = 0;
    if (done > 0)
        log->torn = log->buffer[done - 1] != '\n';
    drop_front(log, done);
}

void access_log_write(struct access_log *log, const struct access_entry *entry)
{
    if (sizeof log->buffer - log->used < ACCESS_LINE_SIZE)
        write_out(log);
    if (sizeof log->buffer - log->used < ACCESS_LINE_SIZE) {
        log->lost++;
        if (log->problem == 0)
            log->problem = EAGAIN;
        return;
    }
    log->used += access_entry_format(entry, log->buffer + log->used, ACCESS_LINE_SIZE);
}

bool access_log_flush(struct access_log *log)
{
    int before = log->problem;

    write_out(log);
    /* What went wrong since the last time is told, also when all is well again. */
    int problem = log->problem ? log->problem : before;
    bool is_new = problem != 0 && problem != log->told;
    log->told = log->problem;
    errno = problem;
    return !is_new;
}

uint64_t access_log_lost(const struct access_log *log)
{
    return log->lost;
}

bool access_log_reopen(struct access_log *log, struct failure *failure)
{
    struct access_sink sink;

    if (!log->path)
        return true;
    if (!access_sink_open(&sink, log->path))
        return failure_set(failure, EXIT_LOCAL_FAILURE,
                           "cannot open the access log %s again: %s; the old one goes on",
                           log->path, strerror(errno));
    write_out(log);
    access_sink_close(&log->sink);
    log->sink = sink;
    if (log->torn) {
        /* The line's beginning is in the old file. */
        const char *end = memchr(log->buffer, '\n', log->used);
        drop_front(log, end ? (size_t)(end - log->buffer) + 1 : log->used);
        log->torn = false;
        log->lost++;
    }
    return true;
}

void access_log_close(struct access_log *log)
{
    if (!log)
        return;
    write_out(log);
    access_sink_close(&log->sink);
    free(log->path);
    free(log);
}
