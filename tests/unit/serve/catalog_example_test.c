/*
 * The catalogue that is installed as an example is one.
 */
#include "cli/serve/fleet_file.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(catalog_example, is_a_catalogue_with_all_that_the_manual_speaks_of)
{
    struct failure failure = { .text = "" };
    size_t len = 0;
    char *text = file_read(ESPOTA_CATALOG_EXAMPLE, &len);

    cr_assert_not_null(text, "%s cannot be read", ESPOTA_CATALOG_EXAMPLE);
    struct fleet *fleet = fleet_file_parse("catalog.ini", text, len, &failure);
    free(text);
    cr_assert_not_null(fleet, "%s", failure.text);
    cr_expect_eq(fleet->release_count, 3u);
    cr_expect_eq(fleet->rule_count, 2u);
    cr_expect_eq(fleet->exact_count, 1u);
    cr_assert_not_null(fleet->fallback);
    cr_expect_str_eq(fleet->fallback->name, "TEMP-1.1.0");
    cr_expect_eq(fleet->fallback->rollout, RELEASE_WHOLE / 10);
    cr_expect_eq(fleet->fallback->after, 1796112000);
    cr_expect(fleet->fallback->has_stop);
    fleet_free(fleet);
}
