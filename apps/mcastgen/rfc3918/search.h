// The search for the highest number that passes, where whatever is above one that fails fails too.
// Values in, values out. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace mcast::gen::rfc3918 {

class Search {
public:
    struct Bounds {
        std::uint64_t lowest = 1;
        std::uint64_t highest = 1;
        std::uint64_t step = 1;  // how near the answer must be; or
        double resolution = 0;   // the same in percent of the answer, whichever is more
        bool from_below = false; // doubles from the lowest instead of trying the highest first
    };

    explicit Search(Bounds const& bounds) : bounds_(bounds), fails_(bounds.highest + 1) {}

    // What to try next; nullopt at the end.
    std::optional<std::uint64_t> next() const {
        if (passes_ == 0) {
            bool const first = fails_ > bounds_.highest;
            if (fails_ <= bounds_.lowest) {
                return std::nullopt;
            }
            return first && !bounds_.from_below ? bounds_.highest : bounds_.lowest;
        }
        if (fails_ > bounds_.highest) {
            return passes_ >= bounds_.highest
                       ? std::nullopt
                       : std::optional{std::min(2 * passes_, bounds_.highest)};
        }
        return fails_ - passes_ <= near() ? std::nullopt
                                          : std::optional{passes_ + (fails_ - passes_) / 2};
    }
    void result(std::uint64_t tried, bool passed) {
        (passed ? passes_ : fails_) = tried;
        ++trials_;
    }

    // The highest that passed; nullopt when not even the lowest did.
    std::optional<std::uint64_t> found() const {
        return passes_ == 0 ? std::nullopt : std::optional{passes_};
    }
    // The lowest that failed; nullopt when the highest passed.
    std::optional<std::uint64_t> failed() const {
        return fails_ > bounds_.highest ? std::nullopt : std::optional{fails_};
    }
    std::uint64_t trials() const { return trials_; }

private:
    std::uint64_t near() const {
        return std::max(bounds_.step, static_cast<std::uint64_t>(static_cast<double>(passes_) *
                                                                 bounds_.resolution / 100));
    }

    Bounds bounds_;
    std::uint64_t passes_ = 0;
    std::uint64_t fails_;
    std::uint64_t trials_ = 0;
};

} // namespace mcast::gen::rfc3918
