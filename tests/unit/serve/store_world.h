/*
 * A store in a temporary folder, for the tests of the store.
 */
#ifndef TESTS_UNIT_SERVE_STORE_WORLD_H
#define TESTS_UNIT_SERVE_STORE_WORLD_H

#include "cli/serve/store_sqlite.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* A device with something in every column. */
static inline struct device_record world_device(unsigned number)
{
    struct device_record record = {
        .address = "192.168.1.40",
        .first_seen = 1000,
        .last_seen = 2000 + number,
        .requests = 3,
        .status = 304,
        .reason = 2,
    };
    struct update_request *request = &record.request;

    request->family = IMAGE_ESP32;
    request->mode = UPDATE_FILESYSTEM;
    request->sent = 0x7FE;
    request->station = (struct mac){ { 0x18, 0xFE, 0, (uint8_t)(number >> 16),
                                       (uint8_t)(number >> 8), (uint8_t)number } };
    request->access_point = (struct mac){ { 0x1A, 0xFE, 1, 2, 3, 4 } };
    request->free_space = 1310720;
    request->sketch_size = 1000001;
    request->chip_size = 4194304;
    memset(request->sketch_md5, 0xA1, sizeof request->sketch_md5);
    memset(request->sketch_sha256, 0xB2, sizeof request->sketch_sha256);
    snprintf(request->version, sizeof request->version, "DOOR-%u", number);
    snprintf(request->sdk_version, sizeof request->sdk_version, "v4.4.7");
    snprintf(record.sketch.release, sizeof record.sketch.release, "DOOR-NEXT");
    memset(record.sketch.md5, 0xC3, sizeof record.sketch.md5);
    record.sketch.attempts = 2;
    record.sketch.when = 1500;
    record.sketch.outcome = OFFER_DELIVERED;
    snprintf(record.filesystem.release, sizeof record.filesystem.release, "FILES");
    memset(record.filesystem.md5, 0xD4, sizeof record.filesystem.md5);
    record.filesystem.attempts = 1;
    record.filesystem.when = 1600;
    record.filesystem.outcome = OFFER_FAILED;
    return record;
}

static inline void world_compare_offers(const struct device_offer *a, const struct device_offer *b)
{
    cr_expect_str_eq(a->release, b->release);
    cr_expect_arr_eq(a->md5, b->md5, sizeof a->md5);
    cr_expect_eq(a->attempts, b->attempts);
    cr_expect_eq(a->when, b->when);
    cr_expect_eq(a->outcome, b->outcome);
}

static inline void world_compare_requests(const struct update_request *a,
                                          const struct update_request *b)
{
    cr_expect(a->family == b->family && a->mode == b->mode && a->sent == b->sent);
    cr_expect(mac_equal(&a->station, &b->station));
    cr_expect(mac_equal(&a->access_point, &b->access_point));
    cr_expect(a->free_space == b->free_space && a->sketch_size == b->sketch_size &&
              a->chip_size == b->chip_size);
    cr_expect_arr_eq(a->sketch_md5, b->sketch_md5, sizeof a->sketch_md5);
    cr_expect_arr_eq(a->sketch_sha256, b->sketch_sha256, sizeof a->sketch_sha256);
    cr_expect(strcmp(a->version, b->version) == 0 && strcmp(a->sdk_version, b->sdk_version) == 0);
}

static inline void world_compare(const struct device_record *a, const struct device_record *b)
{
    world_compare_requests(&a->request, &b->request);
    cr_expect_str_eq(a->address, b->address);
    cr_expect_eq(a->first_seen, b->first_seen);
    cr_expect_eq(a->last_seen, b->last_seen);
    cr_expect_eq(a->requests, b->requests);
    cr_expect_eq(a->status, b->status);
    cr_expect_eq(a->reason, b->reason);
    world_compare_offers(&a->sketch, &b->sketch);
    world_compare_offers(&a->filesystem, &b->filesystem);
}

/* Open with these options; the test ends when that fails. */
static inline struct store world_open_with(struct store_sqlite_options options,
                                           struct store_sqlite_note *note)
{
    struct store store;
    struct failure failure = { 0 };

    cr_assert(store_sqlite_open(&store, &options, note, &failure), "%s", failure.text);
    return store;
}

/* Open a file that is expected to be sound. */
static inline struct store world_open(const char *path)
{
    struct store_sqlite_note note;
    struct store store = world_open_with((struct store_sqlite_options){ .path = path }, &note);

    cr_assert_str_eq(note.moved_to, "", "%s", note.why);
    cr_assert_eq(note.skipped, 0);
    return store;
}

/* Put `count` devices, from number `first`. */
static inline void world_put(struct store *store, unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct device_record record = world_device(first + i);
        store->put(store->ctx, &record);
    }
}

/* A new file with `count` devices, closed. */
static inline void world_make(const char *path, unsigned count)
{
    struct store store = world_open(path);

    world_put(&store, 0, count);
    store.close(store.ctx);
}

/* Write all that is due; returns the problem. */
static inline const char *world_flush(struct store *store)
{
    static char problem[512];

    while (store->flush(store->ctx, 1000, problem, sizeof problem))
        cr_assert_str_eq(problem, "");
    return problem;
}

static inline bool world_has(struct store *store, unsigned number)
{
    struct device_record wanted = world_device(number);
    struct device_record found;

    return store->find(store->ctx, &wanted.request.station, &found);
}

/* Run SQL on a file, as somebody with the sqlite3 shell. */
static inline void world_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *error = NULL;

    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &error), SQLITE_OK, "%s: %s", sql, error);
    sqlite3_close(db);
}

/* The first column of a query's first row, as text. */
static inline const char *world_ask(const char *path, const char *sql)
{
    static char answer[512];
    sqlite3 *db;
    sqlite3_stmt *statement;

    cr_assert_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, "%s",
                 sqlite3_errmsg(db));
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    snprintf(answer, sizeof answer, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

#endif
