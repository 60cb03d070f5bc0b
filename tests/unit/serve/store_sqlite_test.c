#include "cli/serve/store_sqlite.h"

#include "cli/serve/decision.h"
#include "tests/unit/serve/store_world.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

TestSuite(store_sqlite, .init = begin, .fini = end);

Test(store_sqlite, every_field_is_there_again_after_a_restart)
{
    struct store store = world_open(path.text);
    struct device_record wanted = world_device(7);
    struct device_record found;

    cr_assert_not(store.find(store.ctx, &wanted.request.station, &found));
    store.put(store.ctx, &wanted);
    cr_assert(store.find(store.ctx, &wanted.request.station, &found));
    store.close(store.ctx);
    store = world_open(path.text);
    memset(&found, 0, sizeof found);
    cr_assert(store.find(store.ctx, &wanted.request.station, &found));
    world_compare(&found, &wanted);
    cr_assert_eq(store.tally(store.ctx, "DOOR-NEXT").offered, 1);
    cr_assert_eq(store.tally(store.ctx, "FILES").failed, 1);
    store.close(store.ctx);
}

Test(store_sqlite, texts_of_devices_come_back_byte_for_byte_and_do_no_harm_in_the_file)
{
    struct device_record record = world_device(1);
    struct device_record found;
    struct store store = world_open(path.text);
    char *version = record.request.version;

    /* As many bytes as there is room for, none of which may stay as it is. */
    for (size_t i = 0; i + 1 < sizeof record.request.version; i++)
        version[i] = (char)(i % 2 ? 0x80 + i : 1 + i % 31);
    version[sizeof record.request.version - 1] = '\0';
    snprintf(record.request.sdk_version, sizeof record.request.sdk_version, "%s",
             "\\x41 \\ '); DROP TABLE device; -- \x1b[2J");
    record.request.free_space = UINT64_MAX;
    store.put(store.ctx, &record);
    store.close(store.ctx);
    cr_assert_str_eq(world_ask(path.text, "SELECT sdk FROM device"),
                     "\\\\x41 \\\\ '); DROP TABLE device; -- \\x1b[2J");
    store = world_open(path.text);
    cr_assert(store.find(store.ctx, &record.request.station, &found));
    record.request.free_space = INT64_MAX;
    world_compare(&found, &record);
    store.close(store.ctx);
}

Test(store_sqlite, what_was_never_sent_takes_no_room_and_is_zero_again)
{
    struct device_record record = { .last_seen = 1, .requests = 1 };
    struct device_record found;
    struct store store = world_open(path.text);

    record.request.family = IMAGE_PICO;
    record.request.station = (struct mac){ { 1, 2, 3, 4, 5, 6 } };
    store.put(store.ctx, &record);
    store.close(store.ctx);
    cr_assert_str_eq(world_ask(path.text, "SELECT sketch_md5 || sketch_sha256 FROM device"), "");
    store = world_open(path.text);
    cr_assert(store.find(store.ctx, &record.request.station, &found));
    world_compare(&found, &record);
    store.close(store.ctx);
}

Test(store_sqlite, people_can_read_it)
{
    world_make(path.text, 1);
    cr_assert_str_eq(world_ask(path.text, "SELECT mac || ' ' || family || ' ' || version || ' ' ||"
                                          " free_space || ' ' || sketch_md5 FROM device"),
                     "18:FE:00:00:00:00 esp32 DOOR-0 1310720 a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1");
    cr_assert_str_eq(world_ask(path.text, "SELECT answer || ', ' || last_seen || ', ' || outcome"
                                          " FROM readable"),
                     "nothing new, 1970-01-01 00:33:20, delivered");
}

Test(store_sqlite, the_view_for_people_names_outcomes_as_the_report_does)
{
    for (int i = OFFER_NONE; i <= OFFER_HELD; i++) {
        struct store store = world_open(path.text);
        struct device_record record = world_device(0);
        record.sketch.outcome = (enum offer_outcome)i;
        store.put(store.ctx, &record);
        store.close(store.ctx);
        cr_expect_str_eq(world_ask(path.text, "SELECT outcome FROM readable"),
                         offer_outcome_name((enum offer_outcome)i));
    }
}

Test(store_sqlite, memory_alone_leaves_nothing_behind)
{
    struct store_sqlite_note note;
    struct store store =
        world_open_with((struct store_sqlite_options){ .path = ":memory:" }, &note);

    world_put(&store, 0, 10);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_eq(store.count(store.ctx), 10);
    store.close(store.ctx);
    cr_assert_eq(access(":memory:", F_OK), -1);
    cr_assert_eq(access(":memory:.lock", F_OK), -1);
}

Test(store_sqlite, small_changes_may_wait_and_great_ones_do_not)
{
    struct store store = world_open(path.text);
    struct device_record record = world_device(1);

    store.put(store.ctx, &record);
    cr_assert_str_eq(world_flush(&store), "");
    record.requests = 4;
    store.put(store.ctx, &record);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_str_eq(world_ask(path.text, "SELECT requests FROM device"), "3");
    record.requests = 5;
    record.sketch.outcome = OFFER_UPDATED;
    store.put(store.ctx, &record);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_str_eq(world_ask(path.text, "SELECT requests FROM device"), "5");
    record.requests = 6;
    store.put(store.ctx, &record);
    store.close(store.ctx);
    cr_assert_str_eq(world_ask(path.text, "SELECT requests FROM device"), "6");
}

Test(store_sqlite, small_changes_are_written_when_their_time_has_come)
{
    struct store_sqlite_options options = { .path = path.text, .quiet_ms = 1 };
    struct store_sqlite_note note;
    struct store store = world_open_with(options, &note);
    struct device_record record = world_device(1);

    store.put(store.ctx, &record);
    cr_assert_str_eq(world_flush(&store), "");
    record.requests = 4;
    store.put(store.ctx, &record);
    poll(NULL, 0, 5);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_str_eq(world_ask(path.text, "SELECT requests FROM device"), "4");
    store.close(store.ctx);
}

Test(store_sqlite, a_flush_stops_at_its_budget_and_says_that_there_is_more)
{
    struct store store = world_open(path.text);
    char problem[512];

    world_put(&store, 0, 5000);
    cr_assert(store.flush(store.ctx, 0, problem, sizeof problem));
    cr_assert_str_eq(problem, "");
    long some = strtol(world_ask(path.text, "SELECT count(*) FROM device"), NULL, 10);
    cr_assert(some > 0 && some < 5000, "%ld", some);
    cr_assert_str_eq(world_flush(&store), "");
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device"), "5000");
    store.close(store.ctx);
}

Test(store_sqlite, the_log_does_not_grow_without_end)
{
    struct store store = world_open(path.text);
    struct temp_path log = temp_path(&temp, "record.db-wal");
    struct stat found;

    /* Some 70 MiB in all: from one end of the file to the other, so that many pages change. */
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < 2000; i++) {
            struct device_record record = world_device(i * 977 % 2000);
            record.sketch.when = round;
            store.put(store.ctx, &record);
        }
        cr_assert_str_eq(world_flush(&store), "");
    }
    cr_assert_eq(stat(log.text, &found), 0);
    /* Where the disk is slow, or the machine busy, it comes late. */
    cr_assert_lt(found.st_size, 48 * 1024 * 1024);
    store.close(store.ctx);
    cr_assert_eq(stat(log.text, &found), -1, "closed, it is one file");
}

Test(store_sqlite, a_second_server_is_kept_from_it)
{
    struct store store = world_open(path.text);
    struct store other;
    struct store_sqlite_note note;
    struct failure failure = { 0 };
    struct store_sqlite_options options = { .path = path.text };

    cr_assert_not(store_sqlite_open(&other, &options, &note, &failure));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, "in use by another server"), "%s", failure.text);
    store.close(store.ctx);
    store = world_open(path.text);
    store.close(store.ctx);
}

Test(store_sqlite, a_report_reads_it_while_the_server_writes)
{
    struct store_sqlite_options options = { .path = path.text, .read_only = true };
    struct store_sqlite_note note;
    struct store store = world_open(path.text);

    for (unsigned i = 0; i < 5; i++) {
        world_put(&store, 100 * i, 100);
        cr_assert_str_eq(world_flush(&store), "");
        struct store report = world_open_with(options, &note);
        cr_assert_eq(report.count(report.ctx), 100 * (i + 1));
        /* What it is told stays with it. */
        world_put(&report, 5000, 1);
        cr_assert_str_eq(world_flush(&report), "");
        report.close(report.ctx);
    }
    store.close(store.ctx);
    cr_assert_str_eq(world_ask(path.text, "SELECT count(*) FROM device"), "500");
}

Test(store_sqlite, a_report_needs_a_file_and_changes_none)
{
    struct store_sqlite_options options = { .path = path.text, .read_only = true };
    struct store_sqlite_note note;
    struct failure failure = { 0 };
    struct store store;
    size_t len;

    cr_assert_not(store_sqlite_open(&store, &options, &note, &failure));
    cr_assert_not_null(strstr(failure.text, "No such file"), "%s", failure.text);
    cr_assert_eq(access(path.text, F_OK), -1);
    cr_assert(file_write(path.text, "nonsense nonsense nonsense", 26));
    cr_assert_not(store_sqlite_open(&store, &options, &note, &failure));
    cr_assert_not_null(strstr(failure.text, "damaged"), "%s", failure.text);
    char *text = file_read(path.text, &len);
    cr_assert_eq(len, 26);
    free(text);
}

Test(store_sqlite, a_report_reads_a_file_in_a_folder_that_may_not_be_written)
{
    struct store_sqlite_options options = { .read_only = true };
    struct store_sqlite_note note;
    struct temp_path folder = temp_path(&temp, "100%?#");
    char name[TEMP_PATH_MAX + 16];
    int status;

    cr_assert_eq(mkdir(folder.text, 0755), 0);
    snprintf(name, sizeof name, "%s/record.db", folder.text);
    options.path = name;
    world_make(name, 3);
    /* Its owner lets others read it. */
    cr_assert_eq(chmod(name, 0644), 0);
    cr_assert_eq(chmod(temp.path, 0755), 0);
    cr_assert_eq(chmod(folder.text, 0555), 0);
    pid_t child = fork();
    if (child == 0) {
        /* For the superuser everything may be written. */
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(2);
        struct store store;
        struct failure failure;
        bool ok = store_sqlite_open(&store, &options, &note, &failure);
        _exit(ok && store.count(store.ctx) == 3 ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cr_assert_eq(chmod(folder.text, 0755), 0);
}

Test(store_sqlite, a_folder_that_is_not_there_is_a_failure)
{
    struct temp_path nowhere = temp_path(&temp, "nowhere/record.db");
    struct store_sqlite_options options = { .path = nowhere.text };
    struct store_sqlite_note note;
    struct failure failure = { 0 };
    struct store store;

    cr_assert_not(store_sqlite_open(&store, &options, &note, &failure));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, nowhere.text));
    options.path = temp.path;
    cr_assert_not(store_sqlite_open(&store, &options, &note, &failure));
    cr_assert_not_null(strstr(failure.text, "not a regular file"), "%s", failure.text);
}

/* A child that writes devices one after the other, and tells how many are in the file. */
static void write_until_killed(int told)
{
    struct store store = world_open(path.text);

    for (unsigned i = 0;; i++) {
        unsigned char byte = 1;
        world_put(&store, i % 5000, 1);
        if (*world_flush(&store) != '\0' || write(told, &byte, 1) != 1)
            _exit(1);
    }
}

Test(store_sqlite, a_server_that_is_killed_leaves_what_it_had_written)
{
    for (unsigned round = 0; round < 5; round++) {
        int ends[2];
        unsigned char bytes[64];
        unsigned told = 0;
        ssize_t n;

        cr_assert_eq(pipe(ends), 0);
        pid_t child = fork();
        cr_assert_geq(child, 0);
        if (child == 0)
            write_until_killed(ends[1]);
        close(ends[1]);
        while (told < 50 + 40 * round && (n = read(ends[0], bytes, 1)) > 0)
            told++;
        cr_assert_eq(kill(child, SIGKILL), 0);
        cr_assert_eq(waitpid(child, NULL, 0), child);
        while ((n = read(ends[0], bytes, sizeof bytes)) > 0)
            told += (unsigned)n;
        close(ends[0]);
        struct store store = world_open(path.text);
        cr_assert_geq(store.count(store.ctx), told < 5000 ? told : 5000);
        struct device_record wanted = world_device(3), found;
        cr_assert(store.find(store.ctx, &wanted.request.station, &found));
        world_compare(&found, &wanted);
        store.close(store.ctx);
    }
}
