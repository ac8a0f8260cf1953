// Parsed once for this target in a quick build (-Dquick=true), instead of once a file. Files
// include what they use all the same: the other builds do without.

#include "mcast/wire/datagram.h"
#include "mcast/wire/igmp.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
