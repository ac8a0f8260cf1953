// The answer to each command as text for people. Pure: data in, text out.
#pragma once

#include "cells.h"

#include "mcast/api/messages.h"

#include <string>
#include <string_view>

namespace mcast::ctl {

// `request` is what was asked, `data` what came back; see include/mcast/api/shapes.md.
std::string view(api::Request const& request, Json const& data, bool colour);

// The pages that are more than one table.
std::string view_status(Json const& data, bool colour);
// Below the tables of ports and of workers; empty when there is nothing to say.
std::string view_fallbacks(Json const& ports, bool colour);
std::string view_rings(Json const& workers, bool colour);
std::string view_alerts(Json const& data, bool colour);
std::string view_drops(Json const& data, bool colour);
// Of `show igmp PAGE`.
std::string view_igmp(std::string_view page, Json const& data, bool colour);
// Of `show dvmrp PAGE`.
std::string view_dvmrp(std::string_view page, Json const& data, bool colour);
std::string view_proxy(Json const& data, bool colour);
std::string view_owner_change(Json const& data, bool colour);
// One line of `watch`, without the time.
std::string view_event(Json const& event);
std::string view_explain(Json const& data, bool colour);

// A line for inputs and one for outputs: the sums of the accounting identity, and whether they
// hold.
std::string view_accounting(Json const& accounting, bool colour);

} // namespace mcast::ctl
