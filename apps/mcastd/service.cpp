#include "service.h"

#include <systemd/sd-daemon.h>

namespace mcastd {

void notify_ready() {
    sd_notify(0, "READY=1");
}

void notify_status(std::string const& text) {
    sd_notify(0, ("STATUS=" + text).c_str());
}

void notify_stopping() {
    sd_notify(0, "STOPPING=1");
}

} // namespace mcastd
