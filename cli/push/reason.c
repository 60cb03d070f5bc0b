#include "cli/push/reason.h"

enum exit_code push_reason_code(enum push_reason reason)
{
    switch (reason) {
    case PUSH_UPDATED:
        return EXIT_UPDATED;
    case PUSH_SILENT:
    case PUSH_UNREACHABLE:
    case PUSH_PROOF_UNANSWERED:
        return EXIT_NO_ANSWER;
    case PUSH_PASSWORD_WRONG:
    case PUSH_PASSWORD_MISSING:
        return EXIT_PASSWORD_REJECTED;
    case PUSH_NOT_CALLED_BACK:
        return EXIT_NO_CALLBACK;
    case PUSH_REFUSED:
    case PUSH_FAILED:
        return EXIT_DEVICE_ERROR;
    case PUSH_CLOSED:
    case PUSH_RESET:
    case PUSH_STALLED:
    case PUSH_EARLY_OK:
        return EXIT_TRANSFER_BROKEN;
    case PUSH_CLOSED_SILENTLY:
    case PUSH_NO_VERDICT:
        return EXIT_NO_VERDICT;
    case PUSH_INTERRUPTED:
    case PUSH_LOCAL_FAILURE:
        break;
    }
    return EXIT_LOCAL_FAILURE;
}
