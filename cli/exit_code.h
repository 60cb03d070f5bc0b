/*
 * What the program's exit status says; scripts and IDEs rely on it, so the numbers never change.
 */
#ifndef CLI_EXIT_CODE_H
#define CLI_EXIT_CODE_H

enum exit_code {
    EXIT_UPDATED = 0,           /* the device has verified the image */
    EXIT_LOCAL_FAILURE = 1,     /* a file or a socket of this machine; several devices, mixed */
    EXIT_BAD_USAGE = 2,         /* command line */
    EXIT_IMAGE_REFUSED = 3,     /* the image is not sent, because it cannot work */
    EXIT_NOT_FOUND = 4,         /* no such device: its name has no address */
    EXIT_NO_ANSWER = 5,         /* no answer to the invitation */
    EXIT_PASSWORD_REJECTED = 6, /* wrong password, or none where one is needed */
    EXIT_NO_CALLBACK = 7,       /* the device accepted, but never connected */
    EXIT_DEVICE_ERROR = 8,      /* the device reported an error */
    EXIT_TRANSFER_BROKEN = 9,   /* the connection broke or stalled */
    EXIT_NO_VERDICT = 10,       /* everything was sent, and then the device said nothing */
    EXIT_NOT_ONLINE = 11,       /* updated, but not back on the network */
    EXIT_SKIPPED = 12, /* of single devices alone: not tried, because of another one's failure */
};

/* The code's name in --json output and in the manual, such as "no-answer". */
const char *exit_code_name(enum exit_code code);

#endif
