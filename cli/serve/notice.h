/*
 * What the server tells people, on standard error. A reader that has stopped keeps no device
 * waiting: what it does not take is lost.
 */
#ifndef CLI_NOTICE_H
#define CLI_NOTICE_H

/*
 * Print "espota-c: TEXT" and a newline; the text is made as by printf, cut if it is too long, and
 * without controls.
 */
void notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
