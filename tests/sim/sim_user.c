#include "sim_user.h"

#include "sim_check.h"
#include "sim_power.h"

#include <string.h>

static void on_time(void *ctx, uint64_t arg);

static void plan(struct sim_run *run)
{
    if (run->plan == run->scenario.plan_count) {
        run->satisfied = true;
        return;
    }
    sim_world_plan(&run->world, run->scenario.plans[run->plan].pause_us, on_time, run, 0);
}

/* The next thing, or the same again. */
static void go_on(struct sim_run *run, bool again)
{
    if (again && run->repeats > 0) {
        run->repeats--;
    } else {
        run->plan++;
        if (run->plan < run->scenario.plan_count)
            run->repeats = run->scenario.plans[run->plan].repeats;
    }
    run->idle_since = run->world.now;
    plan(run);
}

static const struct push_password *password_of(const struct sim_run *run,
                                               const struct sim_plan *wish)
{
    if (!wish->has_password)
        return NULL;
    return wish->right_password ? &run->scenario.right : &run->scenario.wrong;
}

static void on_interrupt(void *ctx, uint64_t port)
{
    struct sim_run *run = ctx;

    if (!run->uploader.running || run->uploader.port != port)
        return;
    sim_say(&run->trace, "user", "presses Ctrl-C");
    sim_uploader_interrupt(&run->uploader);
}

static void on_vanish(void *ctx, uint64_t port)
{
    struct sim_run *run = ctx;

    if (!run->uploader.running || run->uploader.port != port)
        return;
    sim_uploader_vanish(&run->uploader);
    run->tally->vanished++;
    go_on(run, true);
}

static void upload(struct sim_run *run, const struct sim_plan *wish)
{
    const struct sim_image *image = &run->scenario.images[wish->image];
    struct sim_upload upload = {
        .bytes = image->bytes,
        .config = {
            .command = image->target == OTA_FILESYSTEM ? PUSH_FILESYSTEM : PUSH_SKETCH,
            .size = image->body.size,
            .password = password_of(run, wish),
            .timeout_ms = wish->timeout_ms,
            .stall_ms = wish->stall_ms,
            .verdict_ms = wish->verdict_ms,
            .retries = wish->retries,
        },
    };

    memcpy(upload.config.md5, image->body.md5, sizeof upload.config.md5);
    if (wish->wrong_md5)
        upload.config.md5[0] ^= 1;
    sim_say(&run->trace, "user", "uploads image %u, %u bytes, for the %s%s", wish->image,
            (unsigned)image->body.size, image->target == OTA_FILESYSTEM ? "file system" : "sketch",
            wish->wrong_md5 ? ", under a wrong MD5" : "");
    sim_power_on_upload(run);
    sim_uploader_start(&run->uploader, &upload);
    if (wish->interrupt_us)
        sim_world_plan(&run->world, wish->interrupt_us, on_interrupt, run, run->uploader.port);
    if (wish->vanish_us)
        sim_world_plan(&run->world, wish->vanish_us, on_vanish, run, run->uploader.port);
}

static void on_time(void *ctx, uint64_t arg)
{
    struct sim_run *run = ctx;

    (void)arg;
    if (!run->over)
        upload(run, &run->scenario.plans[run->plan]);
}

void sim_user_on_finished(struct sim_run *run)
{
    const struct push_session *session = &run->uploader.session;
    enum exit_code code = push_reason_code(session->reason);

    sim_say(&run->trace, "user", "is told: %s (%d)%s%s", exit_code_name(code), (int)code,
            session->text[0] ? ", " : "", session->text);
    run->tally->uploads[code]++;
    sim_tally_note(run->tally, (uint64_t)session->reason);
    sim_check_told(run, session->reason);
    go_on(run, code != EXIT_UPDATED);
}

void sim_user_init(struct sim_run *run)
{
    run->plan = 0;
    run->repeats = run->scenario.plans[0].repeats;
    run->satisfied = false;
    run->idle_since = 0;
    plan(run);
}
