// Entries and their statistics as the records of mgm_c.h.
#pragma once

#include "mcast/mgm/mgm_c.h"
#include "mcast/mgm/views.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace mcast::mgm::c {

enum class Layout : std::uint8_t { entry, stats, stats_ex };
// What the flags of a statistics call ask for.
std::optional<Layout> layout_of(DWORD stats_flags);

std::size_t bytes_of(Layout layout, std::size_t outputs);
// Writes bytes_of(layout, outputs) bytes; `at` may have any alignment. `totals` is not read for
// Layout::entry.
void write_record(Layout layout, ForwardingEntry const& entry, handoff::FlowTotals const& totals,
                  PBYTE at);

} // namespace mcast::mgm::c
