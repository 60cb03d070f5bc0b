#include "cli/push/report_json.h"

#include "cli/printable.h"
#include "common/hex.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text from outside as a JSON string: valid UTF-8 without control characters. */
static json_t *json_text(const char *text)
{
    char safe[4 * 1024];

    return json_string(printable(safe, sizeof safe, text));
}

static json_t *make(const char *event, const char *device)
{
    return json_pack("{s:s, s:o}", "event", event, "device", json_text(device));
}

/* Print and release. An object that could not be made for lack of memory is left out. */
static void print(json_t *object)
{
    char *line =
        object ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6))
               : NULL;

    if (line) {
        puts(line);
        fflush(stdout);
    }
    free(line);
    json_decref(object);
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
    json_object_set_new(object, key, json_integer((json_int_t)number));
}

void report_json_image(const char *device, const struct image_file *image, bool filesystem)
{
    char md5[HEX_SIZE(DIGEST_MD5_SIZE)];
    json_t *object = make("image", device);

    hex_encode(md5, image->md5, sizeof image->md5);
    json_object_set_new(object, "file", json_text(image->path));
    set_number(object, "size", image->size);
    json_object_set_new(object, "md5", json_string(md5));
    json_object_set_new(object, "kind", json_string(image_kind_value(image_file_kind(image))));
    json_object_set_new(object, "target", json_string(filesystem ? "filesystem" : "sketch"));
    print(object);
}

void report_json_same(const char *device, const char *as)
{
    json_t *object = make("same", device);

    json_object_set_new(object, "as", json_text(as));
    print(object);
}

void report_json_found(const struct push_upload *upload, const struct located *located)
{
    char text[ADDRESS_TEXT_MAX];
    json_t *object = make("found", upload->name);

    json_object_set_new(object, "name", json_text(located->name));
    json_object_set_new(object, "address", json_string(address_text(&upload->device, text)));
    json_object_set_new(object, "auth", json_boolean(located->auth == DEVICE_AUTH_YES));
    print(object);
}

void report_json_waiting(const struct push_upload *upload)
{
    print(make("waiting", upload->name));
}

void report_json_invited(const struct push_upload *upload)
{
    char text[ADDRESS_TEXT_MAX];
    json_t *object = make("invited", upload->name);

    json_object_set_new(object, "address", json_string(address_text(&upload->device, text)));
    json_object_set_new(object, "local", json_string(address_text(&upload->local, text)));
    set_number(object, "attempt", upload->session.attempt);
    print(object);
}

void report_json_authenticated(const struct push_upload *upload)
{
    static const char *const names[] = {
        [PUSH_LOGIN_NONE] = "none",
        [PUSH_LOGIN_MD5] = "md5",
        [PUSH_LOGIN_SHA256] = "pbkdf2-sha256",
        [PUSH_LOGIN_MD5_STORED] = "pbkdf2-md5",
    };
    json_t *object = make("authenticated", upload->name);

    json_object_set_new(object, "dialect", json_string(names[upload->session.login]));
    print(object);
}

void report_json_connected(const struct push_upload *upload)
{
    print(make("connected", upload->name));
}

void report_json_progress(const struct push_upload *upload)
{
    json_t *object = make("progress", upload->name);

    set_number(object, "bytes", upload->session.acknowledged);
    set_number(object, "total", upload->config.size);
    print(object);
}

static json_t *make_result(const char *device, enum exit_code code, const char *detail,
                           const char *hint)
{
    json_t *object = make("result", device);

    json_object_set_new(object, "status", json_string(exit_code_name(code)));
    set_number(object, "code", (uint64_t)code);
    json_object_set_new(object, "detail", json_text(detail));
    if (hint[0] != '\0')
        json_object_set_new(object, "hint", json_text(hint));
    return object;
}

static void print_result(const struct push_upload *upload, enum exit_code code, const char *detail,
                         const char *hint)
{
    json_t *object = make_result(upload->name, code, detail, hint);
    uint64_t ms = upload->finished_ms - upload->started_ms;

    set_number(object, "bytes", upload->session.acknowledged);
    json_object_set_new(object, "seconds", json_real((double)ms / 1000.0));
    print(object);
}

void report_json_result(const struct push_upload *upload, const struct explanation *explanation)
{
    print_result(upload, push_session_code(&upload->session), explanation->sentence,
                 explanation->hint);
}

void report_json_online(const struct push_upload *upload, uint64_t ms, const char *name)
{
    json_t *object = make("online", upload->name);

    json_object_set_new(object, "seconds", json_real((double)ms / 1000.0));
    if (name)
        json_object_set_new(object, "name", json_text(name));
    print(object);
}

void report_json_not_online(const struct push_upload *upload, const char *detail, const char *hint)
{
    print_result(upload, EXIT_NOT_ONLINE, detail, hint);
}

void report_json_failure(const char *device, enum exit_code code, const char *detail,
                         const char *hint)
{
    json_t *object = make_result(device, code, detail, hint);

    set_number(object, "bytes", 0);
    json_object_set_new(object, "seconds", json_real(0.0));
    print(object);
}

bool report_json_written(void)
{
    return fflush(stdout) == 0 && !ferror(stdout);
}
