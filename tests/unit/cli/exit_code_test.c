#include "cli/exit_code.h"
#include "cli/failure.h"
#include "cli/push/reason.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <string.h>

#define CODES 13

Test(exit_code, names_and_numbers_are_for_ever)
{
    static const char *const names[CODES] = {
        "updated",    "local-failure",     "bad-usage",   "image-refused", "not-found",
        "no-answer",  "password-rejected", "no-callback", "device-error",  "transfer-broken",
        "no-verdict", "not-online",        "skipped",
    };

    for (int code = 0; code < CODES; code++)
        cr_assert_str_eq(exit_code_name((enum exit_code)code), names[code]);
    cr_assert_str_eq(exit_code_name((enum exit_code)CODES), "unknown");
}

Test(exit_code, every_reason_has_its_code)
{
    static const enum exit_code codes[] = {
        [PUSH_UPDATED] = EXIT_UPDATED,
        [PUSH_SILENT] = EXIT_NO_ANSWER,
        [PUSH_UNREACHABLE] = EXIT_NO_ANSWER,
        [PUSH_PROOF_UNANSWERED] = EXIT_NO_ANSWER,
        [PUSH_PASSWORD_WRONG] = EXIT_PASSWORD_REJECTED,
        [PUSH_PASSWORD_MISSING] = EXIT_PASSWORD_REJECTED,
        [PUSH_NOT_CALLED_BACK] = EXIT_NO_CALLBACK,
        [PUSH_REFUSED] = EXIT_DEVICE_ERROR,
        [PUSH_FAILED] = EXIT_DEVICE_ERROR,
        [PUSH_CLOSED] = EXIT_TRANSFER_BROKEN,
        [PUSH_RESET] = EXIT_TRANSFER_BROKEN,
        [PUSH_STALLED] = EXIT_TRANSFER_BROKEN,
        [PUSH_EARLY_OK] = EXIT_TRANSFER_BROKEN,
        [PUSH_CLOSED_SILENTLY] = EXIT_NO_VERDICT,
        [PUSH_NO_VERDICT] = EXIT_NO_VERDICT,
        [PUSH_INTERRUPTED] = EXIT_LOCAL_FAILURE,
        [PUSH_LOCAL_FAILURE] = EXIT_LOCAL_FAILURE,
    };

    for (size_t reason = 0; reason < sizeof codes / sizeof *codes; reason++)
        cr_assert_eq(push_reason_code((enum push_reason)reason), codes[reason], "reason %zu",
                     reason);
}

Test(exit_code, success_has_one_reason_alone)
{
    for (int reason = PUSH_UPDATED + 1; reason <= PUSH_LOCAL_FAILURE; reason++)
        cr_assert_neq(push_reason_code((enum push_reason)reason), EXIT_UPDATED);
}

Test(failure, keeps_its_code_and_sentence)
{
    struct failure failure;

    cr_assert_not(failure_set(&failure, EXIT_NOT_FOUND, "no device \"%s\"", "x"));
    cr_assert_eq(failure.code, EXIT_NOT_FOUND);
    cr_assert_str_eq(failure.text, "no device \"x\"");
}

Test(failure, cuts_a_sentence_that_is_too_long)
{
    struct failure failure;

    failure_set(&failure, EXIT_LOCAL_FAILURE, "%2000d", 1);
    cr_assert_eq(strlen(failure.text), sizeof failure.text - 1);
}

Test(failure, is_printed_on_standard_error_and_made_safe, .init = cr_redirect_stderr)
{
    struct failure failure;

    failure_set(&failure, EXIT_LOCAL_FAILURE, "no file \"%s\"", "\033[2Jx\n");
    cr_assert_eq(failure_print(&failure), EXIT_LOCAL_FAILURE);
    fflush(stderr);
    cr_assert_stderr_eq_str("espota-c: no file \"\\x1b[2Jx\\x0a\"\n");
}
