#include "mcast/base/heap.h"

#include <malloc.h>

namespace mcast {

void free_at_once() {
    (void)::mallopt(M_MXFAST, 0); // always possible
}

} // namespace mcast
