#include "cli/serve/http_status.h"

#include <stddef.h>

static const struct {
    unsigned status;
    const char *phrase;
} statuses[] = {
    { 200, "OK" },
    { 206, "Partial Content" },
    { 304, "Not Modified" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 412, "Precondition Failed" },
    { 414, "URI Too Long" },
    { 416, "Range Not Satisfiable" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
    { 505, "HTTP Version Not Supported" },
};

const char *http_status_phrase(unsigned status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i].status == status)
            return statuses[i].phrase;
    }
    return "";
}
