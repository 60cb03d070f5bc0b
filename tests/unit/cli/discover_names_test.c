#include "cli/discover/discover_names.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct discover_names names;

static void begin(void)
{
    cr_assert(discover_names_open(&names));
}

static void end(void)
{
    discover_names_close(&names);
}

TestSuite(discover_names, .init = begin, .fini = end);

static bool add(const char *text)
{
    char name[DEVICE_NAME_MAX] = "";

    snprintf(name, sizeof name, "%s", text);
    return discover_names_add(&names, name);
}

Test(discover_names, holds_each_once_case_aside)
{
    cr_expect(add("kitchen"));
    cr_expect(add("bath"));
    cr_expect_not(add("Kitchen"));
    cr_expect_eq(names.count, 2);
    cr_expect(discover_names_has(&names, "KITCHEN"));
    cr_expect_not(discover_names_has(&names, "kitche"));
}

Test(discover_names, forgets)
{
    add("kitchen");
    add("bath");
    add("attic");
    cr_expect(discover_names_remove(&names, "Kitchen"));
    cr_expect_not(discover_names_remove(&names, "kitchen"));
    cr_expect_not(discover_names_has(&names, "kitchen"));
    cr_expect(discover_names_has(&names, "bath") && discover_names_has(&names, "attic"));
    cr_expect(discover_names_remove(&names, "attic"));
    cr_expect(discover_names_remove(&names, "bath"));
    cr_expect_eq(names.count, 0);
    cr_expect(add("kitchen"));
}

Test(discover_names, is_bounded)
{
    char name[32];

    for (unsigned i = 0; i < DISCOVER_NAMES_MAX; i++) {
        snprintf(name, sizeof name, "%u", i);
        cr_assert(add(name));
    }
    cr_expect_not(add("one more"));
    cr_expect(discover_names_remove(&names, "7"));
    cr_expect(add("one more"));
}
