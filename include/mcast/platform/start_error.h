// Why the platform could not start: one sentence for a person, with the command that mends it.
#pragma once

#include <string>

namespace mcast::platform {

// sysexits.h: which port or driver is missing, what the system refuses, what we may not do.
inline constexpr int k_exit_unavailable = 69;
inline constexpr int k_exit_system = 71;
inline constexpr int k_exit_permission = 77;

struct StartError {
    int exit_code = k_exit_system;
    std::string sentence;
};

} // namespace mcast::platform
