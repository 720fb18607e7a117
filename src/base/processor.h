/* Can this processor run the instructions that the program was compiled for? */
#ifndef TRM_BASE_PROCESSOR_H
#define TRM_BASE_PROCESSOR_H

/* Extensions that the compiler may use in all files but processor.c; ends with
 * NULL. Names as in GCC's -m options. */
extern const char *const trm__base_processor_needs[];

/** Refer to the check, so that it is linked: it runs before main, and ends a
 * program on a processor without these extensions with one line and exit status 3. */
void trm__base_processor_check(void);

#endif
