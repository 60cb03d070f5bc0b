/*
 * The catalogue file: INI, as espota-c-serve(1) describes it, read with inih.
 */
#ifndef CLI_FLEET_FILE_H
#define CLI_FLEET_FILE_H

#include "cli/failure.h"
#include "cli/serve/fleet.h"
#include "cli/serve/image_pool.h"

#include <stddef.h>

/* Bytes of the largest file that is read: more than 100,000 devices, each with its section. */
#define FLEET_FILE_MAX (16u << 20)

/*
 * Read a catalogue and the images that it names (relative to the folder of the catalogue). Images
 * come from the pool, between its begin() and end(): what it has, and is unchanged, is shared.
 * NULL, with `failure` filled in, when anything is wrong; the text names file and line
 * ("catalog.ini:12:
 * ..."): unknown sections and keys, keys or sections twice, a release that is named but not there,
 * an image that is missing, damaged, or for another family than said, a share or time that is none.
 * Free the result with fleet_free().
 */
struct fleet *fleet_file_load(const char *path, struct image_pool *pool, struct failure *failure);

/*
 * Parse text alone, for tests and fuzzing: as above, but images are not looked at; sketch and
 * filesystem are NULL.
 */
struct fleet *fleet_file_parse(const char *name, const char *text, size_t len,
                               struct failure *failure);

#endif
