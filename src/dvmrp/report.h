// What a report says of a route on one interface (section 5.5), and reports of bounded size.
#pragma once

#include "interface.h"
#include "route_table.h"

#include "mcast/wire/dvmrp.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcast::dvmrp {

// The metric to say; nullopt: nothing is said of it here.
std::optional<std::uint8_t> said(Route const& route, Interface const& interface, Spans const& spans,
                                 Config const& config);

// Whether the route is not told there, but perhaps one that contains it.
bool is_hidden(Route const& route, Interface const& interface);

bool allows(std::vector<FilterRule> const& rules, Ipv4Prefix prefix, Ipv4 from = {});

// Whether the format can express it: neither 0.0.0.0/8 nor lengths of 1 to 7.
bool has_report_form(Ipv4Prefix prefix);

// Packs routes, given in the order of reports, into as few messages as they fit.
class ReportPacker {
public:
    ReportPacker(Interface& interface, Ipv4 destination, Output& out)
        : interface_(interface), destination_(destination), out_(out) {}

    void add(Ipv4Prefix prefix, std::uint8_t metric);
    // The last message; nothing when it is empty.
    void finish();
    std::size_t messages() const { return messages_; }

private:
    Interface& interface_;
    Ipv4 destination_;
    Output& out_;
    wire::dvmrp::Report report_{};
    std::size_t size_ = 0; // of the body
    std::size_t messages_ = 0;
};

} // namespace mcast::dvmrp
