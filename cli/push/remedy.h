/*
 * Advice for the errors that devices report.
 */
#ifndef CLI_REMEDY_H
#define CLI_REMEDY_H

#include <stdbool.h>

/*
 * What to do about an error, by the device's own text ("ERROR[4]: Not Enough Space", "MD5 Check
 * Failed"). The words go before the number: the families number their errors differently. Returns
 * whole sentences, or NULL when there is nothing to say. `filesystem`: it was about such an image.
 */
const char *remedy_for(const char *device_text, bool filesystem);

#endif
