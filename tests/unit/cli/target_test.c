#include "cli/discover/target.h"

#include <criterion/criterion.h>
#include <stdio.h>

static void expect(const char *text, enum target_kind kind)
{
    struct address address;

    cr_assert_eq(target_kind(text, &address), kind, "\"%s\" is %d", text,
                 (int)target_kind(text, &address));
}

Test(target, addresses)
{
    static const char *const texts[] = { "192.168.1.40", "2001:db8::7", "[2001:db8::7]", "::1" };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect(texts[i], TARGET_ADDRESS);
}

Test(target, names_of_mdns_alone)
{
    expect("kitchen.local", TARGET_LOCAL);
    expect("kitchen.local.", TARGET_LOCAL);
    expect("KITCHEN.LOCAL", TARGET_LOCAL);
    expect("v1.2.kitchen.local", TARGET_LOCAL);
    expect("local", TARGET_LOCAL);
}

Test(target, names_that_only_look_like_it)
{
    expect("kitchen.locale", TARGET_DOTTED);
    expect("kitchenlocal", TARGET_BARE);
    expect("local.lan", TARGET_DOTTED);
}

Test(target, names_of_this_machine)
{
    expect("localhost", TARGET_SYSTEM);
    expect("LocalHost.", TARGET_SYSTEM);
    expect("a.localhost", TARGET_SYSTEM);
    expect("mylocalhost", TARGET_BARE);
}

Test(target, globs)
{
    expect("*", TARGET_GLOB);
    expect("kitchen-?", TARGET_GLOB);
    expect("kitchen-[0-9].local", TARGET_GLOB);
}

Test(target, other_names)
{
    expect("kitchen", TARGET_BARE);
    expect("esp8266-1a2b3c", TARGET_BARE);
    expect("garage.lan", TARGET_DOTTED);
    expect("192.168.1.400", TARGET_DOTTED);
    expect("", TARGET_BARE);
}

Test(target, names_with_a_dot_at_their_end)
{
    cr_assert_eq(target_name_length("kitchen.local."), 13);
    cr_assert_eq(target_name_length("kitchen.local"), 13);
    cr_assert_eq(target_name_length("."), 0);
    cr_assert_eq(target_name_length(""), 0);
}

static void expect_called(const char *name, const char *called)
{
    struct device device = { .txt = NULL };
    char text[TARGET_TEXT_MAX];

    snprintf(device.name, sizeof device.name, "%s", name);
    cr_assert(address_parse(&device.address, "192.168.1.40"));
    cr_expect_str_eq(target_text(&device, text), called);
}

Test(target, devices_are_called_by_their_names)
{
    expect_called("kitchen", "kitchen");
    expect_called("Küche, unten", "Küche, unten");
    expect_called("$(reboot) `reboot`; '\"", "$(reboot) `reboot`; '\"");
    expect_called("a\nb\033c", "a\\x0ab\\x1bc");
}

Test(target, devices_whose_names_mean_something_else_are_called_by_their_addresses)
{
    static const char *const names[] = { "",         "-f",        "@list",       "10.0.0.1",
                                         "kitchen*", "localhost", "example.com", "attic.local" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        expect_called(names[i], "192.168.1.40");
}
