#include "cli/image/inspect_text.h"

#include "cli/printable.h"
#include "common/hex.h"

#include <inttypes.h>
#include <string.h>

/* One line: a label's column and what printf makes of the rest. */
#define LINE(out, label, format, ...) fprintf(out, "%-12s" format "\n", label, __VA_ARGS__)

static void write_kind(FILE *out, const char *label, const struct image *image)
{
    const char *chip = image_chip_name(image->esp.chip_id);

    switch (image->kind) {
    case IMAGE_UNKNOWN:
        LINE(out, label, "%s", "unknown (a SPIFFS file system looks like this, too)");
        break;
    case IMAGE_ESP8266:
        LINE(out, label, "%s", "ESP8266 sketch");
        break;
    case IMAGE_ESP32:
        if (chip)
            LINE(out, label, "ESP32 family application for the %s", chip);
        else
            LINE(out, label, "ESP32 family application, chip id %u", image->esp.chip_id);
        break;
    case IMAGE_PICO:
        LINE(out, label, "%s sketch", image->rp2350 ? "RP2350" : "RP2040");
        break;
    case IMAGE_GZIP:
        LINE(out, label, "%s", "gzip");
        break;
    case IMAGE_LITTLEFS:
        LINE(out, label, "%s", "LittleFS file system");
        break;
    }
}

static void write_flash(FILE *out, const struct image_esp *esp)
{
    const char *mode = image_flash_mode_name(esp->flash_mode);
    char size[32] = "size not known";

    if (esp->flash_size >= 1u << 20)
        snprintf(size, sizeof size, "%" PRIu64 " MiB", esp->flash_size >> 20);
    else if (esp->flash_size > 0)
        snprintf(size, sizeof size, "%" PRIu64 " KiB", esp->flash_size >> 10);
    if (mode)
        LINE(out, "flash", "%s, %s", size, mode);
    else
        LINE(out, "flash", "%s, mode %u", size, esp->flash_mode);
}

static void write_part(FILE *out, const struct image_part *part, const char *entry_label)
{
    LINE(out, entry_label, "0x%08" PRIx32, part->entry);
    for (unsigned i = 0; i < part->segment_count; i++) {
        const struct image_segment *segment = &part->segments[i];
        LINE(out, "  segment", "0x%08" PRIx32 "  %9" PRIu32 " bytes at offset 0x%" PRIx64,
             segment->address, segment->length, segment->offset);
    }
    if (part->segment_count < part->declared)
        LINE(out, "  segment", "%u more should follow", part->declared - part->segment_count);
}

static void write_foreign(FILE *out, const char *label, const char *text)
{
    char safe[4 * sizeof(struct image_app)];

    LINE(out, label, "%s", printable_bytes(safe, sizeof safe, text, strlen(text)));
}

static void write_app(FILE *out, const struct image_app *app)
{
    char elf_sha256[HEX_SIZE(DIGEST_SHA256_SIZE)];

    hex_encode(elf_sha256, app->elf_sha256, sizeof app->elf_sha256);
    write_foreign(out, "project", app->project);
    write_foreign(out, "  version", app->version);
    write_foreign(out, "  date", app->date);
    write_foreign(out, "  time", app->time);
    write_foreign(out, "  ESP-IDF", app->idf);
    LINE(out, "  secure", "version %" PRIu32, app->secure_version);
    LINE(out, "  ELF", "SHA-256 %s", elf_sha256);
}

static void write_check(FILE *out, const char *label, enum image_check check)
{
    static const char *const outcomes[] = {
        [IMAGE_CHECK_ABSENT] = "absent",
        [IMAGE_CHECK_PASSED] = "passed",
        [IMAGE_CHECK_FAILED] = "FAILED",
    };

    LINE(out, label, "%s", outcomes[check]);
}

static void write_checks(FILE *out, const struct image *image)
{
    static const char *const signatures[] = {
        [IMAGE_SIGNATURE_NONE] = "none",
        [IMAGE_SIGNATURE_TRAILER] = "at the end, not verified",
        [IMAGE_SIGNATURE_BLOCK] = "in the last 512 bytes, not verified",
    };

    if (image->kind == IMAGE_ESP8266 || image->kind == IMAGE_ESP32)
        write_check(out, "checksum", image->checksum);
    if (image->kind == IMAGE_ESP8266) {
        write_check(out, "length", image->length);
        write_check(out, "CRC", image->crc);
    }
    if (image->kind == IMAGE_ESP32)
        write_check(out, "SHA-256", image->sha256);
    LINE(out, "signature", "%s", signatures[image->signature]);
}

static void write_image(FILE *out, const struct image *image)
{
    if (image->kind == IMAGE_ESP8266 || image->kind == IMAGE_ESP32) {
        write_flash(out, &image->esp);
        write_part(out, &image->esp.first, image->esp.has_sketch ? "boot entry" : "entry");
        if (image->esp.has_sketch)
            write_part(out, &image->esp.sketch, "entry");
        if (image->esp.has_app)
            write_app(out, &image->esp.app);
    }
    write_checks(out, image);
}

void inspect_text(FILE *out, const struct image_file *file)
{
    char path[4 * PATH_MAX];
    char md5[HEX_SIZE(DIGEST_MD5_SIZE)];
    const char *problem = image_file_problem(file);

    hex_encode(md5, file->md5, sizeof file->md5);
    LINE(out, "file", "%s", printable(path, sizeof path, file->path));
    write_kind(out, "kind", &file->image);
    LINE(out, "size", "%" PRIu64 " bytes", file->size);
    LINE(out, "MD5", "%s", md5);
    write_image(out, &file->image);
    if (file->inflates) {
        write_kind(out, "content", &file->content);
        LINE(out, "size", "%" PRIu64 " bytes inflated", file->content_size);
        write_image(out, &file->content);
    }
    if (problem)
        LINE(out, "result", "WRONG: %s", problem);
    else
        LINE(out, "result", "%s", "nothing is wrong");
}
