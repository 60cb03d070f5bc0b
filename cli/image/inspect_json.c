#include "cli/image/inspect_json.h"

#include "cli/printable.h"
#include "common/hex.h"

#include <string.h>

/* NULL when there is none. */
static const char *fault_value(enum image_fault fault)
{
    switch (fault) {
    case IMAGE_SOUND:
        break;
    case IMAGE_UNREADABLE:
        return "unreadable";
    case IMAGE_EMPTY:
        return "empty";
    case IMAGE_TRUNCATED:
        return "truncated";
    case IMAGE_BAD_CHECKSUM:
        return "bad-checksum";
    case IMAGE_BAD_LENGTH:
        return "bad-length";
    case IMAGE_BAD_CRC:
        return "bad-crc";
    case IMAGE_BAD_SHA256:
        return "bad-sha256";
    }
    return NULL;
}

static const char *check_value(enum image_check check)
{
    switch (check) {
    case IMAGE_CHECK_ABSENT:
        break;
    case IMAGE_CHECK_PASSED:
        return "passed";
    case IMAGE_CHECK_FAILED:
        return "failed";
    }
    return "absent";
}

static const char *signature_value(enum image_signature signature)
{
    switch (signature) {
    case IMAGE_SIGNATURE_NONE:
        break;
    case IMAGE_SIGNATURE_TRAILER:
        return "trailer";
    case IMAGE_SIGNATURE_BLOCK:
        return "block";
    }
    return "none";
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* A text of the image's: bytes that nobody has checked. */
static json_t *foreign(const char *text)
{
    char safe[4 * sizeof(struct image_app)];

    return json_string(printable_bytes(safe, sizeof safe, text, strlen(text)));
}

static json_t *segments_of(const struct image_part *part)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < part->segment_count; i++) {
        const struct image_segment *segment = &part->segments[i];
        json_array_append_new(
            array, json_pack("{s:o, s:o, s:o}", "address", number(segment->address), "offset",
                             number(segment->offset), "length", number(segment->length)));
    }
    return array;
}

static json_t *app_object(const struct image_app *app)
{
    char elf_sha256[HEX_SIZE(DIGEST_SHA256_SIZE)];

    hex_encode(elf_sha256, app->elf_sha256, sizeof app->elf_sha256);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "project", foreign(app->project),
                     "version", foreign(app->version), "date", foreign(app->date), "time",
                     foreign(app->time), "idf", foreign(app->idf), "secure_version",
                     number(app->secure_version), "elf_sha256", elf_sha256);
}

static void add_esp(json_t *object, const struct image *image)
{
    const struct image_esp *esp = &image->esp;
    const char *mode = image_flash_mode_name(esp->flash_mode);

    if (image->kind == IMAGE_ESP32)
        json_object_set_new(object, "chip_id", number(esp->chip_id));
    json_object_set_new(object, "flash_mode", mode ? json_string(mode) : json_null());
    json_object_set_new(object, "flash_size",
                        esp->flash_size > 0 ? number(esp->flash_size) : json_null());
    json_object_set_new(object, "entry", number(esp->first.entry));
    json_object_set_new(object, "segments", segments_of(&esp->first));
    if (esp->has_sketch)
        json_object_set_new(object, "sketch",
                            json_pack("{s:o, s:o, s:o}", "entry", number(esp->sketch.entry),
                                      "segments", segments_of(&esp->sketch), "length",
                                      number(esp->sketch_length)));
    if (esp->has_app)
        json_object_set_new(object, "app", app_object(&esp->app));
}

/* What is known about an image, be it the file's own or one inside it. */
static void add_image(json_t *object, const struct image *image)
{
    const char *chip = image_chip(image);
    const char *fault = fault_value(image->fault);

    json_object_set_new(object, "kind", json_string(image_kind_value(image->kind)));
    json_object_set_new(object, "chip", chip ? json_string(chip) : json_null());
    json_object_set_new(object, "fault", fault ? json_string(fault) : json_null());
    json_object_set_new(object, "checks",
                        json_pack("{s:s, s:s, s:s, s:s}", "checksum", check_value(image->checksum),
                                  "length", check_value(image->length), "crc",
                                  check_value(image->crc), "sha256", check_value(image->sha256)));
    json_object_set_new(object, "signature", json_string(signature_value(image->signature)));
    if (image->kind == IMAGE_ESP8266 || image->kind == IMAGE_ESP32)
        add_esp(object, image);
}

json_t *inspect_json(const struct image_file *file)
{
    char path[4 * PATH_MAX];
    char md5[HEX_SIZE(DIGEST_MD5_SIZE)];
    const char *problem = image_file_problem(file);
    json_t *object;

    hex_encode(md5, file->md5, sizeof file->md5);
    object = json_pack("{s:s, s:o, s:s, s:b, s:s?}", "file",
                       printable(path, sizeof path, file->path), "size", number(file->size), "md5",
                       md5, "sound", problem == NULL, "problem", problem);
    if (!object)
        return NULL;
    add_image(object, &file->image);
    if (file->inflates) {
        json_t *content = json_pack("{s:o}", "size", number(file->content_size));
        if (content)
            add_image(content, &file->content);
        json_object_set_new(object, "content", content);
    }
    return object;
}
