/* The clock of the library. */
#ifndef TRIREME_CLOCK_H
#define TRIREME_CLOCK_H

#ifdef __cplusplus
extern "C" {
#endif

/** Return monotonic time in seconds. Local. */
double trm_now(void);

#ifdef __cplusplus
}
#endif

#endif
