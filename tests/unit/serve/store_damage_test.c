/*
 * A store's file that came to harm before it is opened.
 */
#include "tests/unit/serve/store_world.h"

#include <fcntl.h>
#include <stdlib.h>
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

TestSuite(store_damage, .init = begin, .fini = end);

/* Open a file that is put aside; what is left is an empty record that works. */
static void expect_put_aside(const char *moved_to, const char *why)
{
    struct store_sqlite_note note;
    struct store store = world_open_with((struct store_sqlite_options){ .path = path.text }, &note);

    cr_expect_str_eq(note.moved_to, moved_to);
    cr_expect_not_null(strstr(note.why, why), "%s", note.why);
    cr_expect_eq(access(moved_to, F_OK), 0);
    cr_expect_eq(store.count(store.ctx), 0);
    world_put(&store, 1, 1);
    store.close(store.ctx);
    store = world_open(path.text);
    cr_expect(world_has(&store, 1));
    store.close(store.ctx);
}

Test(store_damage, what_is_no_database_is_put_aside)
{
    struct temp_path first = temp_path(&temp, "record.db.damaged-1");
    struct temp_path second = temp_path(&temp, "record.db.damaged-2");
    char *text;
    size_t len;

    cr_assert(file_write(path.text, "This is not a database.\n", 24));
    expect_put_aside(first.text, "not a database");
    text = file_read(first.text, &len);
    cr_assert_str_eq(text, "This is not a database.\n");
    free(text);
    cr_assert(file_write(path.text, "Nor is this, for the second time", 32));
    expect_put_aside(second.text, "not a database");
}

Test(store_damage, a_file_that_lacks_its_end_is_put_aside)
{
    struct temp_path aside = temp_path(&temp, "record.db.damaged-1");
    struct stat found;

    world_make(path.text, 200);
    cr_assert_eq(stat(path.text, &found), 0);
    cr_assert_eq(truncate(path.text, found.st_size / 2), 0);
    expect_put_aside(aside.text, "");
}

Test(store_damage, a_file_with_a_page_of_garbage_is_put_aside)
{
    struct temp_path aside = temp_path(&temp, "record.db.damaged-1");
    char garbage[4096];

    world_make(path.text, 200);
    memset(garbage, 0x5A, sizeof garbage);
    int fd = open(path.text, O_WRONLY);
    cr_assert_eq(pwrite(fd, garbage, sizeof garbage, 2 * sizeof garbage), sizeof garbage);
    close(fd);
    expect_put_aside(aside.text, "");
}

Test(store_damage, an_empty_file_is_a_new_one)
{
    cr_assert(file_write(path.text, "", 0));
    world_make(path.text, 1);
    struct store store = world_open(path.text);
    cr_assert(world_has(&store, 0));
    store.close(store.ctx);
}

Test(store_damage, a_file_of_another_version_or_with_other_tables_is_put_aside)
{
    static const struct {
        const char *sql;
        const char *why;
    } cases[] = {
        { "PRAGMA user_version = 2", "version" },
        { "PRAGMA user_version = 0", "version" },
        { "PRAGMA application_id = 1", "something else" },
        { "DROP TABLE device", "table of devices" },
        { "ALTER TABLE device ADD COLUMN more TEXT", "table of devices" },
        { "DROP TABLE device; CREATE TABLE device (mac)", "table of devices" },
        { "DROP TABLE device; CREATE VIEW device AS SELECT 1 AS mac", "table of devices" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[64];
        snprintf(name, sizeof name, "record.db.damaged-%zu", i + 1);
        struct temp_path aside = temp_path(&temp, name);
        world_make(path.text, 3);
        world_sql(path.text, cases[i].sql);
        expect_put_aside(aside.text, cases[i].why);
        cr_assert_eq(unlink(path.text), 0);
    }
}

/* It is refused as another program's. */
static void expect_refused(const char *sql, bool read_only)
{
    const struct store_sqlite_options options = { .path = path.text, .read_only = read_only };
    struct store_sqlite_note note;
    struct failure failure = { 0 };
    struct store store;

    cr_assert_not(store_sqlite_open(&store, &options, &note, &failure), "%s", sql);
    cr_expect_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_expect_not_null(strstr(failure.text, "something else"), "%s", failure.text);
    cr_expect_null(strstr(failure.text, "damaged"), "%s", failure.text);
}

static void expect_nothing_beside(const char *sql)
{
    static const char *const endings[] = { ".damaged-1", ".lock", "-wal", "-shm" };

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[64];
        snprintf(name, sizeof name, "record.db%s", endings[i]);
        cr_expect_neq(access(temp_path(&temp, name).text, F_OK), 0, "%s: %s", sql, name);
    }
}

/* Whether it writes or only reads: the file is as it was, and nothing was put beside it. */
static void expect_left_alone(const char *sql)
{
    size_t len;
    size_t len_after;

    world_sql(path.text, sql);
    char *before = file_read(path.text, &len);
    expect_refused(sql, false);
    expect_refused(sql, true);
    char *after = file_read(path.text, &len_after);
    cr_assert(before && after);
    cr_expect(len == len_after && memcmp(before, after, len) == 0, "%s: it was written to", sql);
    expect_nothing_beside(sql);
    free(before);
    free(after);
    cr_assert_eq(unlink(path.text), 0);
}

Test(store_damage, another_programs_database_is_left_alone)
{
    expect_left_alone("CREATE TABLE bookmark (title); INSERT INTO bookmark VALUES ('kept')");
    expect_left_alone("PRAGMA application_id = 7; CREATE TABLE device (mac)");
    expect_left_alone("PRAGMA user_version = 1; CREATE TABLE device (mac)");
    expect_left_alone("PRAGMA application_id = 7");
}

Test(store_damage, code_in_the_file_is_not_run)
{
    world_make(path.text, 3);
    world_sql(path.text, "CREATE TABLE trap (sprung); CREATE TRIGGER spring AFTER INSERT ON device "
                         "BEGIN INSERT INTO trap VALUES (1); DELETE FROM device; END");
    struct store store = world_open(path.text);
    world_put(&store, 10, 5);
    cr_assert_str_eq(world_flush(&store), "");
    store.close(store.ctx);
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM trap"), "0");
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device"), "8");
}

Test(store_damage, rows_that_make_no_sense_are_left_out_and_counted)
{
    static const char *const nonsense[] = {
        "mac = 'x'",
        "mac = '18:fe:00:00:00:0g'",
        "version = printf('%.*c', 96, 'v')",
        "version = '\\'",
        "version = '\\x4'",
        "version = '\\x00'",
        "version = 'a' || char(0) || 'b'",
        "address = printf('%.*c', 48, '1')",
        "family = 'z80'",
        "mode = ''",
        "sketch_md5 = '00'",
        "sketch_md5 = printf('%.*c', 34, '0')",
        "sketch_sha256 = printf('%.*c', 64, 'g')",
        "free_space = -1",
        "status = 65536",
        "reason = 14",
        "sent = 4294967296",
        "last_seen = -1",
        "offer_outcome = 6",
        "fs_offer_outcome = -1",
        "offer_attempts = 4294967296",
        "fs_offer_when = -9223372036854775807",
    };
    struct store_sqlite_note note;
    char sql[256];

    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        world_make(path.text, 3);
        snprintf(sql, sizeof sql, "UPDATE device SET %s WHERE version = 'DOOR-1'", nonsense[i]);
        world_sql(path.text, sql);
        struct store store =
            world_open_with((struct store_sqlite_options){ .path = path.text }, &note);
        cr_expect_str_eq(note.moved_to, "", "%s: %s", nonsense[i], note.why);
        cr_expect_eq(note.skipped, 1, "%s", nonsense[i]);
        cr_expect_eq(store.count(store.ctx), 2);
        cr_expect(world_has(&store, 0) && world_has(&store, 2));
        store.close(store.ctx);
        cr_assert_eq(unlink(path.text), 0);
    }
}

/* Whether a record is as some server may have written it: what is not C text would be read past. */
static bool is_sane(void *ctx, const struct device_record *record)
{
    (void)ctx;
    cr_expect(memchr(record->request.version, 0, sizeof record->request.version));
    cr_expect(memchr(record->request.sdk_version, 0, sizeof record->request.sdk_version));
    cr_expect(memchr(record->address, 0, sizeof record->address));
    cr_expect(memchr(record->sketch.release, 0, sizeof record->sketch.release));
    cr_expect_leq(record->sketch.outcome, OFFER_HELD);
    cr_expect_leq(record->filesystem.outcome, OFFER_HELD);
    cr_expect_leq(record->request.mode, UPDATE_VERSION);
    cr_expect_geq(record->last_seen, 0);
    return true;
}

Test(store_damage, whatever_byte_is_wrong_the_record_is_sane_or_put_aside, .timeout = 120)
{
    struct store_sqlite_note note;
    char problem[512];
    size_t len;
    unsigned aside = 0;

    world_make(path.text, 12);
    char *sound = file_read(path.text, &len);
    cr_assert_not_null(sound);
    for (size_t at = 0; at < len; at += 7) {
        sound[at] = (char)~sound[at];
        cr_assert(file_write(path.text, sound, len));
        sound[at] = (char)~sound[at];
        struct store store =
            world_open_with((struct store_sqlite_options){ .path = path.text }, &note);
        store.each(store.ctx, 0, is_sane, NULL);
        cr_expect_leq(store.count(store.ctx), 13, "byte %zu", at);
        /* It goes on from there, too. */
        world_put(&store, 1000, 1);
        store.flush(store.ctx, 1000, problem, sizeof problem);
        store.flush(store.ctx, 1000, problem, sizeof problem);
        cr_expect_str_eq(problem, "", "byte %zu", at);
        cr_expect(world_has(&store, 1000));
        store.close(store.ctx);
        if (note.moved_to[0] != '\0') {
            aside++;
            unlink(note.moved_to);
        }
        unlink(path.text);
    }
    free(sound);
    cr_assert_gt(aside, 0);
}
