/* The clock of the library. */
#ifndef TRIREME_CLOCK_H
#define TRIREME_CLOCK_H

/** Return monotonic time in seconds. Local. */
double trm_now(void);

#endif
