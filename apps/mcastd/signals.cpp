#include "signals.h"

#include <csignal>

namespace mcastd {

namespace {

std::sig_atomic_t volatile stop_signals = 0;

void on_stop(int /*signal*/) {
    stop_signals = 1;
}

} // namespace

void catch_signals() {
    struct sigaction stop{};
    stop.sa_handler = on_stop;
    stop.sa_flags = static_cast<int>(SA_RESETHAND); // the second one has its usual effect
    sigaction(SIGTERM, &stop, nullptr);
    sigaction(SIGINT, &stop, nullptr);
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, nullptr);
}

bool stop_requested() {
    return stop_signals != 0;
}

} // namespace mcastd
