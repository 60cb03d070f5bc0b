/*
 * An update that is about to fail, and what is expected of it, for the tests of errors and faults.
 */
#ifndef UPDATER_OUTCOME_H
#define UPDATER_OUTCOME_H

#include "tests/unit/device/updater_rig.h"

#include <criterion/criterion.h>

static struct updater_rig rig;

static const char *error_line(void)
{
    static char line[OTA_ERROR_LINE_MAX];

    cr_assert_eq(ota_updater_error_line(&rig.updater, line, sizeof line), strlen(line));
    return line;
}

/* A first sketch of 5000 bytes runs; another one is about to fail. */
static void given_a_running_sketch(void)
{
    cr_assert(rig_init_running(&rig, 5000));
}

static void expect_nothing_changed(void)
{
    cr_assert_not(ota_updater_is_running(&rig.updater));
    cr_assert_not(ota_updater_has_succeeded(&rig.updater));
    cr_assert(rig_runs(&rig, 5000), "the running sketch still counts");
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}

static void expect_failed(enum ota_error error, const char *line)
{
    cr_assert_eq(ota_updater_error(&rig.updater), error);
    cr_assert_str_eq(error_line(), line);
    expect_nothing_changed();
    cr_assert_eq(rig.errors, 1);
    cr_assert_eq(rig.last_error, error);
}

#endif
