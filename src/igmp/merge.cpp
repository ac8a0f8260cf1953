#include "mcast/igmp/merge.h"

#include "source_set.h"

#include <optional>

namespace mcast::igmp {

Wish merge(std::span<Wish const> wishes) {
    std::optional<SourceSet> excluded;
    SourceSet included;
    for (Wish const& wish : wishes) {
        if (wish.any_source) {
            SourceSet const mine{wish.exclude};
            excluded = excluded ? *excluded * mine : mine;
        } else {
            included = included + SourceSet{wish.include};
        }
    }
    if (excluded) {
        return {.any_source = true, .include = {}, .exclude = (*excluded - included).sorted()};
    }
    return {.any_source = false, .include = included.sorted(), .exclude = {}};
}

} // namespace mcast::igmp
