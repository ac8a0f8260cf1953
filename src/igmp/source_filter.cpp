#include "source_filter.h"

namespace mcast::igmp {

namespace {

using wire::RecordType;
constexpr auto k_include = FilterMode::include;
constexpr auto k_exclude = FilterMode::exclude;

// Filled member by member: where memory runs out within an initializer of all of them, GCC 12
// destroys what was made twice.

// INCLUDE (A) hears a record about B. A - B disappears where the new state does not name it.
Transition in_include(SourceSet const& a, RecordType type, SourceSet const& b) {
    Transition result;
    SourceFilter& next = result.next;
    switch (type) {
    case RecordType::to_in:
        result.query_sources = a - b;
        [[fallthrough]];
    case RecordType::is_in:
    case RecordType::allow:
        next.wanted = a + b;
        result.restart = b;
        break;
    case RecordType::block:
        next.wanted = a;
        result.query_sources = a * b;
        break;
    case RecordType::to_ex:
        result.query_sources = a * b;
        [[fallthrough]];
    case RecordType::is_ex:
        next.mode = k_exclude;
        next.wanted = a * b;
        next.excluded = b - a;
        result.restart_group_timer = true;
        break;
    }
    return result;
}

// EXCLUDE (X, Y) hears a record about A.
Transition in_exclude(SourceSet const& x, SourceSet const& y, RecordType type, SourceSet const& a) {
    Transition result;
    SourceFilter& next = result.next;
    next.mode = k_exclude;
    switch (type) {
    case RecordType::to_in:
        result.query_sources = x - a;
        result.query_group = true;
        [[fallthrough]];
    case RecordType::is_in:
    case RecordType::allow:
        next.wanted = x + a;
        next.excluded = y - a;
        result.restart = a;
        break;
    case RecordType::block:
        next.wanted = x + (a - y);
        next.excluded = y;
        result.to_group_timer = a - x - y;
        result.query_sources = a - y;
        break;
    case RecordType::is_ex:
        next.wanted = a - y;
        next.excluded = y * a;
        result.restart = a - x - y;
        result.restart_group_timer = true;
        break;
    case RecordType::to_ex:
        next.wanted = a - y;
        next.excluded = y * a;
        result.to_group_timer = a - x - y;
        result.restart_group_timer = true;
        result.query_sources = a - y;
        break;
    }
    return result;
}

} // namespace

// One timer for "any source", one list of sources, and neither says anything of the other.
Transition apply_lite(SourceFilter const& filter, RecordType type, SourceSet const& sources) {
    SourceSet const& a = filter.wanted;
    bool const any_source = filter.mode == k_exclude;
    switch (type) {
    case RecordType::is_in:
    case RecordType::allow:
        return {.next = {filter.mode, a + sources, {}}, .restart = sources};
    case RecordType::to_in:
        return {.next = {filter.mode, a + sources, {}},
                .restart = sources,
                .query_sources = a - sources,
                .query_group = any_source};
    case RecordType::block:
        return {.next = {filter.mode, a, {}}, .query_sources = a * sources};
    case RecordType::is_ex:
    case RecordType::to_ex:
        return {.next = {k_exclude, a, {}}, .restart_group_timer = true};
    }
    return {.next = {filter.mode, a, {}}};
}

Transition apply(SourceFilter const& filter, RecordType type, SourceSet const& sources) {
    return filter.mode == k_include ? in_include(filter.wanted, type, sources)
                                    : in_exclude(filter.wanted, filter.excluded, type, sources);
}

} // namespace mcast::igmp
