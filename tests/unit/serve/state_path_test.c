#include "cli/serve/state_path.h"

#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct temp folder;

static void enter(void)
{
    unsetenv("STATE_DIRECTORY");
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    cr_assert(temp_create(&folder));
}

static void leave(void)
{
    temp_remove(&folder);
}

TestSuite(state_path, .init = enter, .fini = leave);

static void expect_default(const char *expected)
{
    char path[PATH_MAX];
    struct failure failure;

    cr_assert(state_path_default(path, &failure), "%s", failure.text);
    cr_expect_str_eq(path, expected);
}

Test(state_path, systemds_comes_first_then_the_persons_then_the_usual_one)
{
    setenv("HOME", "/home/me", 1);
    expect_default("/home/me/.local/state/espota-c/devices.sqlite");
    setenv("XDG_STATE_HOME", "/state", 1);
    expect_default("/state/espota-c/devices.sqlite");
    setenv("STATE_DIRECTORY", "/var/lib/espota-c:/var/lib/other", 1);
    expect_default("/var/lib/espota-c/devices.sqlite");
}

Test(state_path, a_relative_one_is_not_followed)
{
    setenv("HOME", "/home/me", 1);
    setenv("XDG_STATE_HOME", "state", 1);
    setenv("STATE_DIRECTORY", "", 1);
    expect_default("/home/me/.local/state/espota-c/devices.sqlite");
}

Test(state_path, without_any_it_says_what_to_do)
{
    char path[PATH_MAX];
    struct failure failure;

    cr_assert_not(state_path_default(path, &failure));
    cr_expect_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_expect(strstr(failure.text, "--state"), "%s", failure.text);
}

Test(state_path, one_that_is_too_long_is_refused)
{
    static char home[PATH_MAX + 10];
    char path[PATH_MAX];
    struct failure failure;

    memset(home, 'a', sizeof home - 1);
    home[0] = '/';
    setenv("HOME", home, 1);
    cr_assert_not(state_path_default(path, &failure));
    home[PATH_MAX - 20] = '\0';
    setenv("HOME", home, 1);
    cr_assert_not(state_path_default(path, &failure));
}

Test(state_path, folders_are_made_for_their_owner_alone)
{
    struct temp_path file = temp_path(&folder, "a/b/c.sqlite");
    struct stat st;

    cr_assert(state_path_make_folders(file.text));
    cr_assert(state_path_make_folders(file.text), "a second time");
    cr_assert_eq(stat(temp_path(&folder, "a/b").text, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0700u);
    cr_assert_neq(stat(file.text, &st), 0, "the file was made as well");
}
