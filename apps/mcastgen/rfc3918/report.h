// The report of a run: a document, and its text for people. Any thread; no state.
#pragma once

#include "measured.h"

#include <span>
#include <string>

namespace mcast::gen::rfc3918 {

// `trouble`: why the run ended early, or empty.
Row report_of(Plan const& plan, std::span<Measured const> all, std::string const& trouble);
std::string report_text(Row const& report);

} // namespace mcast::gen::rfc3918
