/* What the second process does. */
#ifndef TRM_STORE_INSPECTION_H
#define TRM_STORE_INSPECTION_H

/** Look at a file and report to the process that asked (inspector.h).
 * \return the exit status of the process */
int trm__store_inspection(const char *what, const char *path);

#endif
