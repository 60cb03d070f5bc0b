/*
 * Somebody has the record open with another program while devices ask, and when the server ends.
 */
#include "serve_world.h"

#include <signal.h>

SERVE_SUITE(serve_locked);

/* Take the record's write lock, as `sqlite3 record.sqlite 'BEGIN IMMEDIATE'` does, and keep it. */
static struct process *lock_record(void)
{
    struct process *process =
        program_start("python3",
                      ARGS("-c", "import sqlite3, sys\n"
                                 "db = sqlite3.connect('record.sqlite', isolation_level=None)\n"
                                 "db.execute('BEGIN IMMEDIATE')\n"
                                 "print('locked', flush=True)\n"
                                 "sys.stdin.read()\n"),
                      NULL);

    cr_assert(process_expect(process, &process->out, "locked", E2E_PATIENCE_MS), "%s",
              process->err.text);
    return process;
}

Test(serve_locked, devices_are_answered_and_what_is_lost_at_the_end_is_said)
{
    struct e2e_image image = e2e_image("one.bin", build_esp8266(20000, 1));

    serve_file("catalog.ini", "[release ONE]\nsketch = one.bin\n[default]\nrelease = ONE\n");
    struct served served =
        serve_start(ARGS("--catalog", "catalog.ini", "--state", "record.sqlite"));
    struct process *other = lock_record();
    struct answer answer = ask(&served, &(struct stock_updater){ .family = STOCK_ESP8266 });

    expect_image(&answer, &image.content);
    cr_assert(process_expect(served.process, &served.process->err,
                             "devices are answered all the same", E2E_PATIENCE_MS),
              "%s", served.process->err.text);
    serve_stop(&served);
    expect_err(served.process, "what devices did since it was written last is lost");
    process_signal(other, SIGKILL);
}

Test(serve_locked, it_is_written_when_the_other_is_done)
{
    e2e_image("one.bin", build_esp8266(20000, 1));
    serve_file("catalog.ini", "[release ONE]\nsketch = one.bin\n[default]\nrelease = ONE\n");
    struct served served =
        serve_start(ARGS("--catalog", "catalog.ini", "--state", "record.sqlite"));
    struct process *other = lock_record();
    struct answer answer = ask(&served, &(struct stock_updater){ .family = STOCK_ESP8266 });

    expect_status(&answer, 200);
    cr_assert(process_expect(served.process, &served.process->err,
                             "devices are answered all the same", E2E_PATIENCE_MS));
    process_close_input(other);
    cr_assert(process_expect(served.process, &served.process->err, "the record is written again",
                             E2E_PATIENCE_MS),
              "%s", served.process->err.text);
    serve_stop(&served);
    expect_no_err(served.process, "is lost");
    struct process *report =
        program_run(E2E_UPLOADER, ARGS("serve", "--report", "--state", "record.sqlite"));
    expect_out(report, "18:FE:AA:AA:AA:AA");
}
