#include "cli/push/member_found.h"

#include "cli/clock.h"
#include "cli/discover/stock_ports.h"
#include "cli/push/report_return.h"

#include <errno.h>
#include <string.h>

static uint16_t default_port(const struct image_file *image)
{
    switch (image_file_kind(image)) {
    case IMAGE_ESP32:
        return PORT_ESP32;
    case IMAGE_PICO:
        return PORT_PICO;
    default:
        return PORT_ESP8266;
    }
}

/* What could not become a member has failed. */
static void fail(struct rollout *rollout, const char *name, const struct wanted *wanted,
                 size_t wish, const struct failure *failure)
{
    report_failure(rollout->job->report, name, failure, "");
    rollout_note_code(rollout, failure->code);
    if (wanted)
        schedule_wish_failed(&rollout->schedule, wish, wanted->name);
}

/*
 * The same device by another name is not updated again; another one that claims to be where it is
 * has failed, and `failure` is filled in.
 */
static bool is_other(const struct located *located, const char *name, const struct member *twin,
                     struct failure *failure)
{
    if (!located->name[0] || !twin->instance[0] || strcmp(located->name, twin->instance) == 0)
        return false;
    failure_set(failure, EXIT_NOT_FOUND,
                "%s: %s is at its address; one of them may be known from the past alone", name,
                twin->name);
    return true;
}

/*
 * Another wish has found the same device, and gives it a port or a password of its own: of two, the
 * one that was named first is taken. False when it is too late for that.
 */
static bool take_settings(struct member *twin, const struct wanted *wanted, size_t wish)
{
    struct twins *twins = &twin->rollout->twins;
    bool takes_password = wanted->password && wish < twin->password_wish;
    bool takes_port = wanted->port > 0 && wish < twin->port_wish;

    takes_password = takes_password && wanted->password != twin->password;
    takes_port = takes_port && wanted->port != twin->port;
    if (!takes_password && !takes_port)
        return true;
    if (twin->turn.state != TURN_WAITING && twin->turn.state != TURN_LOCKED)
        return false;
    if (takes_password) {
        twin->password = wanted->password;
        twin->password_wish = wish;
    }
    if (takes_port) {
        twin->port_wish = wish;
        twins_remove(twins, twin);
        twin->port = wanted->port;
        address_set_port(&twin->upload.device, twin->port);
        twins_add(twins, twin);
    }
    return true;
}

/* The device is one already. */
static void join(struct member *twin, const char *name, const struct wanted *wanted, size_t wish)
{
    struct rollout *rollout = twin->rollout;

    report_same(rollout->job->report, name, twin->name);
    if (!wanted)
        return;
    if (!take_settings(twin, wanted, wish))
        report_note(rollout->job->report, name,
                    "Its own port and auth-file came too late: it has begun without them");
    schedule_join(&rollout->schedule, &twin->turn, wish);
    if (twin->state != MEMBER_LOCKED || !twin->password)
        return;
    twin->state = MEMBER_WAITING;
    schedule_unlock(&rollout->schedule, &twin->turn);
    rollout_check_turns(rollout);
}

static void fill_upload(struct member *member, const struct address *address)
{
    const struct rollout_job *job = member->rollout->job;
    const struct upload_options *options = job->options;
    struct push_upload *upload = &member->upload;

    upload->name = member->name;
    upload->device = *address;
    upload->config = (struct push_config){
        .command = options->filesystem ? PUSH_FILESYSTEM : PUSH_SKETCH,
        .size = job->image->size,
        .md5_target = options->md5_target,
        .timeout_ms = options->timeout_ms,
        .stall_ms = options->stall_ms,
        .verdict_ms = options->verdict_ms,
        .retries = options->retries,
    };
    memcpy(upload->config.md5, job->image->md5, sizeof upload->config.md5);
}

static void append(struct rollout *rollout, struct member *member)
{
    if (rollout->last)
        rollout->last->next = member;
    else
        rollout->members = member;
    rollout->last = member;
    if (!rollout->untold)
        rollout->untold = member;
    rollout->open++;
}

static void fill(struct member *member, const struct located *located, const struct wanted *wanted,
                 const struct address *address)
{
    memcpy(member->instance, located->name, sizeof member->instance);
    member->from_cache = located->from_cache;
    member->is_disputed = located->is_disputed;
    member->says_locked = located->auth == DEVICE_AUTH_YES;
    member->host = wanted ? wanted->text : member->name;
    member->password = wanted ? wanted->password : NULL;
    member->wait_end = member->rollout->wait_end;
    member->found_ms = clock_ms();
    fill_upload(member, address);
}

void member_add(struct rollout *rollout, const char *name, const struct located *located,
                const struct wanted *wanted, size_t wish)
{
    uint16_t port = wanted && wanted->port > 0 ? wanted->port : rollout->job->options->port;
    struct address address = located->address;
    struct failure failure;

    if (port > 0 || address_port(&address) == 0)
        address_set_port(&address, port > 0 ? port : default_port(rollout->job->image));
    struct member *twin = twins_find(&rollout->twins, &address, located->name);
    if (twin && is_other(located, name, twin, &failure)) {
        fail(rollout, name, wanted, wish, &failure);
        return;
    }
    if (twin) {
        join(twin, name, wanted, wish);
        return;
    }
    struct member *member = member_new(rollout, name);
    if (!member) {
        failure_set(&failure, EXIT_LOCAL_FAILURE, "%s: %s", name, strerror(ENOMEM));
        fail(rollout, name, wanted, wish, &failure);
        return;
    }
    member->port = port;
    member->port_wish = wanted && wanted->port > 0 ? wish : SIZE_MAX;
    member->password_wish = wanted && wanted->password ? wish : SIZE_MAX;
    fill(member, located, wanted, &address);
    append(rollout, member);
    twins_add(&rollout->twins, member); /* without memory it may be updated twice, no more */
    if (located->name[0])
        report_found(rollout->job->report, &member->upload, located);
    member->turn.name = member->name;
    member->turn.wish = wish;
    schedule_add(&rollout->schedule, &member->turn);
    rollout_check_turns(rollout);
}
