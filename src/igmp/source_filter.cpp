#include "source_filter.h"

namespace mcast::igmp {

namespace {

using wire::RecordType;
constexpr auto k_include = FilterMode::include;
constexpr auto k_exclude = FilterMode::exclude;

// INCLUDE (A) hears a record about B. A - B disappears where the new state does not name it.
Transition in_include(SourceSet const& a, RecordType type, SourceSet const& b) {
    switch (type) {
    case RecordType::is_in:
    case RecordType::allow:
        return {.next = {k_include, a + b, {}}, .restart = b};
    case RecordType::to_in:
        return {.next = {k_include, a + b, {}}, .restart = b, .query_sources = a - b};
    case RecordType::block:
        return {.next = {k_include, a, {}}, .query_sources = a * b};
    case RecordType::is_ex:
        return {.next = {k_exclude, a * b, b - a}, .restart_group_timer = true};
    case RecordType::to_ex:
        return {
            .next = {k_exclude, a * b, b - a}, .restart_group_timer = true, .query_sources = a * b};
    }
    return {.next = {k_include, a, {}}};
}

// EXCLUDE (X, Y) hears a record about A.
Transition in_exclude(SourceSet const& x, SourceSet const& y, RecordType type, SourceSet const& a) {
    switch (type) {
    case RecordType::is_in:
    case RecordType::allow:
        return {.next = {k_exclude, x + a, y - a}, .restart = a};
    case RecordType::to_in:
        return {.next = {k_exclude, x + a, y - a},
                .restart = a,
                .query_sources = x - a,
                .query_group = true};
    case RecordType::block:
        return {.next = {k_exclude, x + (a - y), y},
                .to_group_timer = a - x - y,
                .query_sources = a - y};
    case RecordType::is_ex:
        return {
            .next = {k_exclude, a - y, y * a}, .restart = a - x - y, .restart_group_timer = true};
    case RecordType::to_ex:
        return {.next = {k_exclude, a - y, y * a},
                .to_group_timer = a - x - y,
                .restart_group_timer = true,
                .query_sources = a - y};
    }
    return {.next = {k_exclude, x, y}};
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
