#include "cli/exit_code.h"

const char *exit_code_name(enum exit_code code)
{
    switch (code) {
    case EXIT_UPDATED:
        return "updated";
    case EXIT_LOCAL_FAILURE:
        return "local-failure";
    case EXIT_BAD_USAGE:
        return "bad-usage";
    case EXIT_IMAGE_REFUSED:
        return "image-refused";
    case EXIT_NOT_FOUND:
        return "not-found";
    case EXIT_NO_ANSWER:
        return "no-answer";
    case EXIT_PASSWORD_REJECTED:
        return "password-rejected";
    case EXIT_NO_CALLBACK:
        return "no-callback";
    case EXIT_DEVICE_ERROR:
        return "device-error";
    case EXIT_TRANSFER_BROKEN:
        return "transfer-broken";
    case EXIT_NO_VERDICT:
        return "no-verdict";
    case EXIT_NOT_ONLINE:
        return "not-online";
    case EXIT_SKIPPED:
        return "skipped";
    }
    return "unknown";
}
