/*
 * Why an update by pull failed: numbers and texts of the stock cores' HTTPClient and
 * ESP8266httpUpdate. People's searches and log filters know both, so neither may change.
 */
#ifndef OTA_PULL_ERROR_H
#define OTA_PULL_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* Positive errors of the puller are the updater's (enum ota_error). */
enum ota_pull_error {
    OTA_PULL_SOUND = 0,
    OTA_PULL_NOT_CONNECTED = -1,   /* no connection: no such host, refused, timed out; bad URL */
    OTA_PULL_SEND_FAILED = -2,     /* it broke before the request was out */
    OTA_PULL_CONNECTION_LOST = -5, /* it broke after that, more often than `retries` */
    OTA_PULL_NO_HTTP = -7,         /* what answered is no HTTP server, or its header is malformed */
    OTA_PULL_ENCODING = -9,        /* Transfer-Encoding, or a Content-Encoding */
    OTA_PULL_TIMEOUT = -11,        /* silence, or a limit of time */
    OTA_PULL_SPACE = -100,         /* larger than there is room for */
    OTA_PULL_NO_LENGTH = -101,     /* no Content-Length, or 0 */
    OTA_PULL_NOT_FOUND = -102,     /* 404 */
    OTA_PULL_FORBIDDEN = -103,     /* 403 */
    OTA_PULL_WRONG_CODE = -104,    /* another status; too many redirects, or none to follow */
    OTA_PULL_FAULTY_MD5 = -105,    /* x-MD5 is no MD5, or is there twice */
    OTA_PULL_BAD_HEADER = -106,    /* not a sketch, or not one that runs on this chip */
    OTA_PULL_WRONG_FLASH = -107,   /* configured for a larger flash */
    OTA_PULL_UNAUTHORIZED = -108,  /* 401 */
};

/*
 * The text of an error, as the stock cores have it: "File Not Found (404)"; of a positive one the
 * updater's. "No Error" for 0 and "UNKNOWN" for a number of neither list. The string is constant.
 */
const char *ota_pull_error_text(int error);

#ifdef __cplusplus
}
#endif

#endif
