// What the service manager is told. Does nothing when there is none.
#pragma once

#include <string>

namespace mcastd {

void notify_ready();
void notify_status(std::string const& text);
void notify_stopping();

} // namespace mcastd
