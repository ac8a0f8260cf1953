// Whether the cores that are asked for are there, and this process may use them.
#include "eal_internal.h"

#include <cerrno>
#include <cstddef>

#include <sched.h>

#include <fmt/format.h>

namespace mcast::platform {

namespace {

// Moves this thread from core to core, and back at the end. The affinity that it has does not tell
// where it may go: who isolates cores for mcastd takes them out of everybody's. The kernel tells.
class Trial {
public:
    Trial() : known_(sched_getaffinity(0, sizeof before_, &before_) == 0) {}
    ~Trial() {
        if (known_) {
            sched_setaffinity(0, sizeof before_, &before_);
        }
    }
    Trial(Trial const&) = delete;
    Trial& operator=(Trial const&) = delete;

    // Only a clear no is one; what else goes wrong, EAL will name.
    bool refuses(std::size_t core) const {
        cpu_set_t wanted;
        CPU_ZERO(&wanted);
        CPU_SET(core, &wanted);
        return known_ && sched_setaffinity(0, sizeof wanted, &wanted) != 0 && errno == EINVAL;
    }

    // "0-3, 8"
    std::string usable() const {
        std::string text;
        for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
            if (refuses(core)) {
                continue;
            }
            std::size_t const first = core;
            while (core + 1 < CPU_SETSIZE && !refuses(core + 1)) {
                ++core;
            }
            text += text.empty() ? "" : ", ";
            text += first == core ? fmt::format("{}", core) : fmt::format("{}-{}", first, core);
        }
        return text;
    }

private:
    cpu_set_t before_{};
    bool known_;
};

} // namespace

std::optional<StartError> check_cores(Config const& config) {
    Trial const trial;
    if (trial.refuses(config.control_core)) {
        return StartError{k_exit_system,
                          fmt::format("the control core is to be core {}, but mcastd may run on "
                                      "core {} only: change control-core under [daemon]",
                                      config.control_core, trial.usable())};
    }
    for (std::size_t i = 0; i < config.workers.cores.size(); ++i) {
        if (trial.refuses(config.workers.cores[i])) {
            return StartError{k_exit_system,
                              fmt::format("worker {} is to run on core {}, but mcastd may run on "
                                          "core {} only: change cores under [workers]",
                                          i, config.workers.cores[i], trial.usable())};
        }
    }
    return std::nullopt;
}

} // namespace mcast::platform
