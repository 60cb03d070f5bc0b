/*
 * What stands for a character in HTML and XML.
 */
#ifndef CLI_MARKUP_REFERENCE_H
#define CLI_MARKUP_REFERENCE_H

/*
 * The reference to be written for a character that would be markup, in content or between quotes of
 * either kind; NULL for one that stands for itself.
 */
const char *markup_reference(char character);

#endif
