#include "base/heap.h"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace mailchute {

#ifdef __GLIBC__

void share_heap() { mallopt(M_ARENA_MAX, 2); }

void give_back_free_heap() { malloc_trim(0); }

#else

void share_heap() {}

void give_back_free_heap() {}

#endif

}  // namespace mailchute
