/*
 * A store's file that comes to harm while it is in use.
 */
#include "tests/unit/serve/store_world.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct temp temp;
static struct temp_path path;

static void begin(void)
{
    cr_assert(temp_create(&temp));
    path = temp_path(&temp, "record.db");
}

static void end(void)
{
    temp_remove(&temp);
}

TestSuite(store_loss, .init = begin, .fini = end);

Test(store_loss, another_programs_database_that_takes_the_files_place_is_left_alone)
{
    struct temp_path other = temp_path(&temp, "other.db");
    struct store store = world_open(path.text);

    world_put(&store, 0, 3);
    cr_assert_str_eq(world_flush(&store), "");
    world_sql(other.text, "CREATE TABLE bookmark (title); INSERT INTO bookmark VALUES ('kept')");
    cr_assert_eq(rename(other.text, path.text), 0);
    cr_assert_not_null(strstr(world_flush(&store), "something else"));
    store.close(store.ctx);
    cr_assert_str_eq(world_ask(path.text, "SELECT title FROM bookmark"), "kept");
}

Test(store_loss, a_file_that_is_deleted_in_use_is_written_anew)
{
    struct store store = world_open(path.text);

    world_put(&store, 0, 20);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_eq(unlink(path.text), 0);
    world_put(&store, 20, 1);
    cr_assert_not_null(strstr(world_flush(&store), "deleted, emptied or replaced"));
    cr_assert_str_eq(world_flush(&store), "", "it is told once");
    store.close(store.ctx);
    store = world_open(path.text);
    cr_assert_eq(store.count(store.ctx), 21);
    store.close(store.ctx);
}

/* The file was cut to a length; without anything new to write, that is noticed and made good. */
static void expect_written_anew(off_t length, const char *said)
{
    struct store store;

    world_make(path.text, 2000);
    store = world_open(path.text);
    cr_assert_eq(truncate(path.text, length), 0);
    cr_assert_not_null(strstr(world_flush(&store), said), "%ld", (long)length);
    cr_assert_str_eq(world_flush(&store), "", "it is told once");
    /* Before it ends, which would write all that is there. */
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device"), "2000");
    store.close(store.ctx);
    cr_assert_eq(unlink(path.text), 0);
}

Test(store_loss, a_file_that_is_cut_short_in_use_is_written_anew)
{
    expect_written_anew(0, "emptied");
    expect_written_anew(65536, "record.db.damaged-1");
    expect_written_anew(100, "record.db.damaged-2");
}

Test(store_loss, a_file_that_is_tidied_up_in_use_is_still_used)
{
    struct temp_path aside = temp_path(&temp, "record.db.damaged-1");
    struct store store;

    world_make(path.text, 2000);
    world_sql(path.text, "CREATE TABLE more AS SELECT * FROM device; DROP TABLE more");
    store = world_open(path.text);
    world_sql(path.text, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    cr_assert_not_null(strstr(world_flush(&store), "cut short"));
    cr_assert_str_eq(world_flush(&store), "");
    store.close(store.ctx);
    cr_assert_neq(access(aside.text, F_OK), 0);
    store = world_open(path.text);
    cr_assert_eq(store.count(store.ctx), 2000);
    store.close(store.ctx);
}

Test(store_loss, a_file_that_is_replaced_by_garbage_in_use_is_put_aside_and_written_anew)
{
    struct temp_path other = temp_path(&temp, "other");
    struct temp_path aside = temp_path(&temp, "record.db.damaged-1");
    struct store store = world_open(path.text);
    char *text;

    world_put(&store, 0, 20);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert(file_write(other.text, "garbage garbage garbage", 23));
    cr_assert_eq(rename(other.text, path.text), 0);
    cr_assert_not_null(strstr(world_flush(&store), aside.text));
    cr_assert_str_eq(world_flush(&store), "");
    store.close(store.ctx);
    store = world_open(path.text);
    cr_assert_eq(store.count(store.ctx), 20);
    store.close(store.ctx);
    text = file_read(aside.text, NULL);
    cr_assert_str_eq(text, "garbage garbage garbage");
    free(text);
}

#define SPOILT 12000

Test(store_loss, a_file_that_is_spoilt_in_use_is_put_aside_and_written_anew)
{
    struct temp_path aside = temp_path(&temp, "record.db.damaged-1");
    struct store store;
    char garbage[4096];
    struct stat found;
    char problem[512] = "";
    unsigned tries = 0;

    /* More than SQLite keeps in memory. */
    world_make(path.text, SPOILT);
    store = world_open(path.text);
    cr_assert_eq(stat(path.text, &found), 0);
    memset(garbage, 0x5A, sizeof garbage);
    int fd = open(path.text, O_WRONLY);
    for (off_t at = 0; at < found.st_size; at += (off_t)sizeof garbage)
        cr_assert_eq(pwrite(fd, garbage, sizeof garbage, at), sizeof garbage);
    close(fd);
    for (unsigned i = 0; i < SPOILT; i++) {
        struct device_record record = world_device(i);
        record.status = 200;
        store.put(store.ctx, &record);
    }
    while (access(aside.text, F_OK) != 0 && tries++ < 10)
        store.flush(store.ctx, 1000, problem, sizeof problem);
    cr_assert_eq(access(aside.text, F_OK), 0, "%s", problem);
    cr_assert_not_null(strstr(problem, aside.text), "%s", problem);
    cr_assert_str_eq(world_flush(&store), "");
    store.close(store.ctx);
    store = world_open(path.text);
    cr_assert_eq(store.count(store.ctx), SPOILT);
    store.close(store.ctx);
}

Test(store_loss, with_a_full_disk_the_record_goes_on_and_is_written_when_there_is_room)
{
    struct store store = world_open(path.text);
    struct rlimit before;
    char problem[512];

    /* A limit to the size of files takes the place of a full disk. */
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 65536, before.rlim_max }), 0);
    world_put(&store, 0, 3000);
    cr_assert_not(store.flush(store.ctx, 1000, problem, sizeof problem));
    cr_assert_not_null(strstr(problem, "cannot write"), "%s", problem);
    cr_assert_not(store.flush(store.ctx, 1000, problem, sizeof problem));
    cr_assert_neq(problem[0], '\0');
    cr_assert_eq(store.count(store.ctx), 3000);
    cr_assert(world_has(&store, 2999));
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device"), "3000");
    store.close(store.ctx);
}
