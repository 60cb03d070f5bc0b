/*
 * The puller: the device's end of the pull protocol, which stock cores call "HTTP update". It asks
 * a web server for an image, says in headers who asks, and gives what comes to the updater. Pure
 * like the responder (ota/responder.h): it is told of stream bytes and the time, and answers
 * through struct ota_pull_net. It never blocks, except for as long as one operation of flash takes.
 *
 *     ota_puller_init(&puller, &config);
 *     ota_puller_start(&puller, "http://192.168.1.2:8080/firmware.bin", OTA_SKETCH, now_ms);
 *     ... the port delivers what happens, and polls ...
 *     OTA_PULL_EVENT_DONE: ota_puller_result(), ota_puller_error()
 *
 * The request is the stock client's of the device's family: HTTP/1.0, its user agent, its headers
 * in its order. What is done beyond, or unlike, the stock clients:
 * - A transfer that breaks is continued where it broke, with Range and If-Range (or, from a server
 *   without a strong ETag, with x-MD5 as what must be the same); when the server cannot, or the
 *   image has changed, it begins again. It has broken when the connection is lost, cannot be made
 *   again or is silent, and when the server says that it is unable for now (408, 429, 5xx). A
 *   question that no image was offered to in answer fails at once, as stock: it can be asked again.
 *   A strong ETag is the server's word that the bytes are the same (RFC 9110, section 8.8.1), and
 *   is taken for that: see `resumes_by_md5_alone` for servers that give it lightly.
 * - Every attempt begins at the address that was given: a redirect is for once.
 * - A redirected request keeps its identity headers. Credentials go to the first server alone, and
 *   https is never left for http.
 * - Transfer-Encoding and Content-Encoding are refused, and two Content-Lengths that differ.
 * - x-MD5 is expected of the image before a byte is written, as with stock.
 * - The sketch that runs already is no update: a server that never says 304 would else have the
 *   device restart for ever. With x-MD5 that is known by the first bytes (ota/updater.h), without
 *   it when all have come, by size and digest of the identity's sketch.
 * - Nor is the sketch that the bootloader has given up, when the identity names it.
 * - Nobody is asked for what could not be taken: when an update is running, or the updater would
 *   refuse any (a sketch on trial, a restart that is due). To a server that counts, an offer that
 *   comes to nothing is a failure.
 * - Everything has a limit: the answer's header, each silence, and all of it.
 */
#ifndef OTA_PULLER_H
#define OTA_PULLER_H

#include "common/digest.h"
#include "common/image.h"
#include "ota/error.h"
#include "ota/pull_error.h"
#include "ota/updater.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How it ended; the numbers are those of stock HTTPUpdateResult. */
enum ota_pull_result {
    OTA_PULL_FAILED = 0,
    OTA_PULL_NO_UPDATE = 1, /* 304; or the sketch that runs already, or was given up */
    OTA_PULL_OK = 2,        /* the new image counts: restart the device */
};

/* Who asks. Texts are visible ASCII; pointers stay the caller's and must outlive the puller. */
struct ota_identity {
    enum image_kind family; /* IMAGE_ESP8266, IMAGE_ESP32 or IMAGE_PICO: which client's headers */
    uint64_t chip_id;       /* ESP8266: sent in decimal; RP2040: as 16 hexadecimal digits */
    uint8_t station[6];     /* MAC addresses */
    uint8_t access_point[6];
    uint64_t free_space;  /* bytes that a new sketch can have */
    uint64_t sketch_size; /* bytes of the running sketch */
    uint64_t chip_size;   /* bytes of flash */
    uint8_t sketch_md5[DIGEST_MD5_SIZE];
    uint8_t sketch_sha256[DIGEST_SHA256_SIZE]; /* ESP32 */
    const char *sdk_version;
    const char *version; /* NULL: none is sent, as stock without one */
    /*
     * The MD5 of the sketch that the bootloader has given up, DIGEST_MD5_SIZE bytes, or NULL. It is
     * not taken again. Nothing is sent of it.
     */
    const uint8_t *given_up_md5;
};

/* The connection. Nothing in it may block; no function calls back into the puller. */
struct ota_pull_net {
    void *ctx; /* handed to the functions unchanged */

    /*
     * Begin to connect to a host, by name or numeric address ("::1" without brackets), with TLS if
     * `tls`; there is no other connection. The text is valid during the call. False when that
     * failed at once, or there is no TLS; else the port reports on_connected(), or on_closed()
     * when it fails later.
     */
    bool (*connect)(void *ctx, const char *host, uint16_t port, bool tls);

    /* Send bytes, as in struct ota_net. */
    int32_t (*send)(void *ctx, const void *bytes, size_t len);

    /* Close or give up the connection. Nothing is reported about it afterwards. */
    void (*close)(void *ctx);
};

enum ota_pull_event_kind {
    OTA_PULL_EVENT_ASKING,     /* a request begins: url host, and `done` bytes are there already */
    OTA_PULL_EVENT_REDIRECTED, /* to another place: text is its host */
    OTA_PULL_EVENT_OFFERED,    /* 200 or 206: the image is coming: done, total */
    OTA_PULL_EVENT_PROGRESS,   /* done, total */
    OTA_PULL_EVENT_BROKEN, /* it broke at `done` (error, text), and is going to be tried again */
    OTA_PULL_EVENT_DONE,   /* it is over: result, error, text */
};

struct ota_pull_event {
    enum ota_pull_event_kind kind;
    const char *text;
    uint32_t done;
    uint32_t total;
    enum ota_pull_result result;
    int error; /* enum ota_pull_error, or enum ota_error when positive */
};

/*
 * The text of an error is that of ota_pull_error_text(), or the updater's where that has a better
 * one ("Image is for another chip"), and of a positive error always with the updater's figures. Of
 * NO_UPDATE because the sketch was given up it is this:
 */
#define OTA_PULL_GIVEN_UP_TEXT "given up before"

#define OTA_PULL_CONNECT_TIMEOUT_MS 10000
#define OTA_PULL_HEADER_TIMEOUT_MS  20000
#define OTA_PULL_RECEIVE_TIMEOUT_MS 10000
#define OTA_PULL_LIMIT_MS           1800000
/* Before a new attempt after a break; twice as long each time, until there is progress. */
#define OTA_PULL_RETRY_MS           1000
#define OTA_PULL_RETRY_MAX_MS       30000

/*
 * Bytes beyond the furthest ever that are progress. Less makes up for no failure: by a byte at a
 * time a server could keep a device busy, erasing the same flash, until the limit.
 */
#define OTA_PULL_PROGRESS 4096

/*
 * Characters, with the final NUL: of a URL, of credentials "user:password", of a version or another
 * text of the identity.
 */
#define OTA_PULL_URL_SIZE     512
#define OTA_PULL_AUTH_SIZE    129
#define OTA_PULL_VERSION_SIZE 129

/* Bytes of an answer's header, all lines together; and of one line that is not skipped. */
#define OTA_PULL_HEADER_MAX 16384
#define OTA_PULL_LINE_SIZE  640

struct ota_puller_config {
    struct ota_updater *updater; /* initialised; may be used by others while it is not running */
    const struct ota_pull_net *net;
    const struct ota_identity *identity; /* may change between updates */
    const char *credentials;             /* "user:password" for Basic authentication, or NULL */
    uint8_t redirects; /* how many are followed; 0: none, as stock without being told to */
    /*
     * How often a broken transfer is tried again without progress. To begin an image again counts
     * as one, too, but is never what ends it.
     */
    uint8_t retries;

    /*
     * A broken transfer goes on only where x-MD5 says that the image is the same; else it begins
     * again. To be set where servers do not send x-MD5 and keep a file's ETag when the file is
     * replaced. nginx and Apache make the ETag of the size and the time of the last change: an
     * image of the same size with the same time (cp -p, rsync -t, reproducible builds) has the same
     * one, and two halves of different images would make one that counts. Only files that were
     * changed in the very second of the answer are mistrusted without it. No digest tells
     * afterwards where no x-MD5 was sent.
     */
    bool resumes_by_md5_alone;

    /* Milliseconds, below 2^31; 0 stands for the default above. */
    uint32_t connect_timeout_ms;
    uint32_t header_timeout_ms;  /* from the request to the end of the answer's header */
    uint32_t receive_timeout_ms; /* without a byte of the image */
    uint32_t limit_ms;           /* from start() until every byte has come */

    /* Told of everything; must not call the puller. May be NULL. */
    void (*on_event)(void *ctx, const struct ota_pull_event *event);
    void *event_ctx;
};

/* The puller lives in the caller's memory; see the end of this header for its fields. */
struct ota_puller;
struct ota_pull_url; /* likewise; its fields may be read */

/* What ota_puller_poll() returns when only an event can change anything. */
#define OTA_PULL_NEVER UINT32_MAX

/*
 * Make the puller ready. False when the configuration contradicts itself: something missing, or
 * longer than there is room for, a text with controls. `config` and what it points to stay the
 * caller's and must outlive the puller.
 */
bool ota_puller_init(struct ota_puller *puller, const struct ota_puller_config *config);

/*
 * Begin to ask for an image: "http://host[:port][/path][?query]", or https; user info in it is
 * refused (see credentials). The text is copied. Whatever is wrong is told by OTA_PULL_EVENT_DONE
 * and result(), even at once; also what ota_updater_begin() would refuse whatever was offered, in
 * its words: OTA_ERROR_RUNNING, _BOOTSTRAP, _FLASH_CONFIG, _OOM, _READ; OTA_PULL_SPACE where there
 * is no place for a file system at all. So the record is read: four reads of flash, or some more.
 * False when one is running already, which is not disturbed. It is poll() that connects, now and
 * later.
 */
bool ota_puller_start(struct ota_puller *puller, const char *url, enum ota_target target,
                      uint32_t now_ms);

/* The connection asked for stands. */
void ota_puller_on_connected(struct ota_puller *puller, uint32_t now_ms);

/*
 * Bytes have arrived. Returns how many were taken: the port keeps the rest and offers it again
 * after the next poll, without reading more meanwhile.
 */
size_t ota_puller_on_stream(struct ota_puller *puller, const void *bytes, size_t len,
                            uint32_t now_ms);

/* The connection has room again after send() had taken less than everything. */
void ota_puller_on_sendable(struct ota_puller *puller, uint32_t now_ms);

/*
 * The peer has closed or reset the connection, or it could not be made; reported once, after all
 * bytes that came before it were taken.
 */
void ota_puller_on_closed(struct ota_puller *puller, uint32_t now_ms);

/*
 * Let time pass and flash work, one operation at most. Returns the milliseconds after which to call
 * it again: 0 for at once, OTA_PULL_NEVER for after the next event. To be called after every event.
 */
uint32_t ota_puller_poll(struct ota_puller *puller, uint32_t now_ms);

/*
 * Give up what is running, if anything is: OTA_PULL_FAILED with the error `error`, or with
 * OTA_PULL_CONNECTION_LOST if that is 0.
 */
void ota_puller_abort(struct ota_puller *puller, int error);

/* True while nothing is running. */
bool ota_puller_is_idle(const struct ota_puller *puller);

/* Of the last update that ended. */
enum ota_pull_result ota_puller_result(const struct ota_puller *puller);
int ota_puller_error(const struct ota_puller *puller);

/* True when it was OTA_PULL_NO_UPDATE because the bootloader has given that sketch up. */
bool ota_puller_is_given_up(const struct ota_puller *puller);

/* Characters, with NUL, of the longest line below. */
#define OTA_PULL_ERROR_LINE_MAX (OTA_ERROR_LINE_MAX + 14)

/*
 * Write the error of the last update as stock getLastErrorString(): "HTTP error: connection lost",
 * "Update error: ERROR[7]: MD5 verification failed: expected: ...", "File Not Found (404)"; "" when
 * there was none. Length and cutting as with ota_error_line(). An update error's details are the
 * updater's, as long as that has not begun anything else.
 */
size_t ota_puller_error_line(const struct ota_puller *puller, char *out, size_t size);

/*
 * Where it asks, or has asked last: the address that was given, or where a redirect has led to.
 * Changed by every function above.
 */
const struct ota_pull_url *ota_puller_url(const struct ota_puller *puller);

/*
 * x-version of the last answer, the release that was offered; "" when there was none, or one that
 * is too long or not printable ASCII. Foreign text all the same. Valid until the next start().
 */
const char *ota_puller_offered_version(const struct ota_puller *puller);

/* --- The struct ------------------------------------------------------------------------------- */

/* Characters, with the final NUL, of an ETag that is made use of. */
#define OTA_PULL_ETAG_SIZE 129

/* Characters of a date as servers write it, with the final NUL: RFC 9110, section 5.6.7. */
#define OTA_PULL_DATE_SIZE 30

/* A web address, taken apart. */
struct ota_pull_url {
    bool tls;
    bool is_literal; /* the host is an IPv6 address */
    uint16_t port;
    uint16_t path;                /* where in `text` path and query begin */
    char text[OTA_PULL_URL_SIZE]; /* the host and NUL, then path, query and NUL */
};

/* Where in an answer's header the next byte belongs. */
enum ota_pull_at {
    OTA_PULL_AT_STATUS, /* the status line */
    OTA_PULL_AT_START,  /* the beginning of a line */
    OTA_PULL_AT_FIELD,  /* inside a field */
    OTA_PULL_AT_FOLD,   /* behind a line of a field, which may go on */
};

/* A line of an answer's header, while it comes. */
struct ota_pull_lines {
    enum ota_pull_at at;
    bool after_cr;
    bool is_cut; /* it was longer than `text` */
    uint16_t used;
    uint16_t total; /* bytes of the header so far */
    char text[OTA_PULL_LINE_SIZE];
};

/* What an answer's header has said so far. */
struct ota_pull_answer {
    uint16_t status;
    bool has_length;
    bool bad_length; /* no number, or different ones */
    bool has_md5;
    bool bad_md5;
    bool is_encoded;
    bool has_range;
    bool bad_range;
    bool has_place;
    bool bad_place;
    bool has_etag;
    bool other_etag; /* not the one that was asked for */
    uint64_t length;
    uint64_t first; /* bytes of Content-Range */
    uint64_t last;
    uint64_t total;
    uint8_t md5[DIGEST_MD5_SIZE];
    char date[OTA_PULL_DATE_SIZE];     /* "" when it says none */
    char modified[OTA_PULL_DATE_SIZE]; /* Last-Modified, likewise */
};

enum ota_puller_state {
    OTA_PULLER_IDLE,
    OTA_PULLER_PAUSING, /* until the next request is due */
    OTA_PULLER_CONNECTING,
    OTA_PULLER_SENDING, /* the request */
    OTA_PULLER_HEADER,  /* waits for the answer, or is in its header */
    OTA_PULLER_BODY,
    OTA_PULLER_WRITING, /* everything is there; it is being written and checked */
};

/* The puller. Lives in the caller's memory; the fields are its own. */
struct ota_puller {
    const struct ota_puller_config *config;
    enum ota_puller_state state;
    enum ota_target target;
    enum ota_pull_result result;
    int error;

    bool is_open;      /* there is a connection, or one is being made */
    bool holds;        /* the updater is running, for this puller */
    bool was_offered;  /* an image: from now on what breaks is tried again */
    bool is_kept;      /* what the updater has is of the image that `etag` and `md5` are of */
    bool has_md5;      /* of that image */
    bool is_range;     /* the request is for what is missing */
    bool flash_worked; /* since the time that was told last */
    bool is_given_up;  /* the bootloader has given up what was offered */
    uint8_t redirected;
    uint8_t attempts; /* without progress since */

    uint32_t deadline; /* when the state ends by itself */
    uint32_t limit;    /* when all of it does */
    uint32_t size;     /* bytes of the image */
    uint32_t given;    /* bytes of it that the updater has taken */
    uint32_t furthest; /* the most that it had taken, when there was progress last */
    uint32_t reported; /* bytes of the last progress event */
    uint32_t left;     /* bytes that the answer still has */
    uint32_t sent;     /* bytes of the request that are out */

    struct ota_pull_url start; /* where every attempt begins */
    struct ota_pull_url url;   /* where redirects have led to */
    struct ota_pull_lines lines;
    struct ota_pull_answer answer;
    uint8_t md5[DIGEST_MD5_SIZE];
    struct digest digest;          /* of the `given` bytes, where a sketch comes without x-MD5 */
    char etag[OTA_PULL_ETAG_SIZE]; /* a strong one, or "" */
    char version[OTA_PULL_VERSION_SIZE];
};

#ifdef __cplusplus
}
#endif

#endif
