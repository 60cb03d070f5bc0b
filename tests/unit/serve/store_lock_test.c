/*
 * One server at a time has a record's file.
 */
#include "tests/unit/serve/store_world.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct temp temp;
static struct temp_path path;
static struct temp_path lock;

static void begin(void)
{
    cr_assert(temp_create(&temp));
    path = temp_path(&temp, "record.db");
    lock = temp_path(&temp, "record.db.lock");
}

static void end(void)
{
    temp_remove(&temp);
}

TestSuite(store_lock, .init = begin, .fini = end);

static void expect_failure(const char *name, const char *says)
{
    const struct store_sqlite_options options = { .path = name };
    struct store_sqlite_note note;
    struct failure failure = { 0 };
    struct store store;

    cr_assert_not(store_sqlite_open(&store, &options, &note, &failure), "%s", name);
    cr_expect_not_null(strstr(failure.text, says), "%s", failure.text);
}

Test(store_lock, a_second_server_is_refused)
{
    struct store store = world_open(path.text);

    expect_failure(path.text, "in use by another server");
    cr_expect_eq(access(lock.text, F_OK), 0, "the refused one took the lock with it");
    expect_failure(path.text, "in use by another server");
    store.close(store.ctx);
    store = world_open(path.text);
    store.close(store.ctx);
}

Test(store_lock, only_its_owner_can_take_it)
{
    struct store store = world_open(path.text);
    struct stat found;

    cr_assert_eq(stat(lock.text, &found), 0);
    cr_expect_eq(found.st_mode & 0777, 0600);
    store.close(store.ctx);
}

Test(store_lock, a_link_in_its_place_is_not_followed)
{
    struct temp_path other = temp_path(&temp, "other");

    cr_assert_eq(symlink(other.text, lock.text), 0);
    expect_failure(path.text, "record.db.lock");
    cr_expect_neq(access(other.text, F_OK), 0);
    cr_expect_neq(access(path.text, F_OK), 0);
}

Test(store_lock, what_can_be_no_record_gets_none)
{
    struct temp_path folder = temp_path(&temp, "folder");

    cr_assert_eq(mkdir(folder.text, 0700), 0);
    expect_failure(folder.text, "folder: it is not a regular file");
    cr_expect_neq(access(temp_path(&temp, "folder.lock").text, F_OK), 0);
    cr_assert_eq(chdir(temp.path), 0);
    expect_failure("", "no name");
    cr_expect_neq(access(temp_path(&temp, ".lock").text, F_OK), 0);
}

Test(store_lock, it_is_made_again_when_it_is_removed)
{
    struct store store = world_open(path.text);

    world_put(&store, 0, 3);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_eq(unlink(lock.text), 0);
    cr_assert_str_eq(world_flush(&store), "");
    expect_failure(path.text, "in use by another server");
    store.close(store.ctx);
}

Test(store_lock, who_has_lost_it_to_another_server_writes_nothing_until_that_ends)
{
    struct store first = world_open(path.text);
    struct store second;

    world_put(&first, 0, 3);
    cr_assert_str_eq(world_flush(&first), "");
    cr_assert_eq(unlink(lock.text), 0);
    cr_assert_eq(unlink(path.text), 0);
    second = world_open(path.text);
    world_put(&second, 100, 1);
    cr_assert_str_eq(world_flush(&second), "");
    cr_assert_not_null(strstr(world_flush(&first), "in use by another server"));
    cr_assert_not_null(strstr(world_flush(&first), "in use by another server"));
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device"), "1");
    cr_assert_str_eq(world_flush(&second), "", "its file was touched");
    second.close(second.ctx);
    world_flush(&first);
    cr_assert_str_eq(world_flush(&first), "");
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device"), "3");
    first.close(first.ctx);
}

/* Somebody has it open with another program: what cannot be written now is written later. */
Test(store_lock, who_has_the_file_for_himself_keeps_changes_waiting_and_nothing_else)
{
    struct store store = world_open(path.text);
    struct device_record record = world_device(1);
    struct device_record found;
    char problem[256];
    sqlite3 *other;

    cr_assert_eq(sqlite3_open(path.text, &other), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    store.put(store.ctx, &record);
    cr_assert_not(store.flush(store.ctx, 1000, problem, sizeof problem));
    cr_expect_not_null(strstr(problem, "locked"), "%s", problem);
    cr_expect(store.find(store.ctx, &record.request.station, &found));
    cr_assert_eq(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_close(other), SQLITE_OK);
    store.flush(store.ctx, 1000, problem, sizeof problem);
    cr_expect_str_eq(problem, "");
    store.close(store.ctx);
    store = world_open(path.text);
    cr_expect(store.find(store.ctx, &record.request.station, &found), "it was not written");
    store.close(store.ctx);
}
