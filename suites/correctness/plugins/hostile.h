/* hostile.h: what C cannot do. */
#ifndef HOSTILE_H
#define HOSTILE_H

#ifdef __cplusplus
extern "C" {
#endif

/* Throws an exception that nobody catches. */
void hostile_throw(void);

#ifdef __cplusplus
}
#endif
#endif
