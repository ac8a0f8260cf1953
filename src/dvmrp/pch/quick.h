// Parsed once for this target in a quick build (-Dquick=true), instead of once a file. Files
// include what they use all the same: the other builds do without.

#include "core.h"
