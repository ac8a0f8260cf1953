// "Wait until no worker can still see the old state", as a question that never blocks.
//
// start() is called after the old state was made unreachable; passed(token) is true once every
// worker has reported a quiescent point since. Tokens pass in the order in which they were started.
// Control thread only. Production: platform/qsbr.h over rte_rcu_qsbr. Tests: ManualGrace.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace mcast::handoff {

struct GraceToken {
    std::uint64_t value{};
};

class GracePeriod {
public:
    virtual ~GracePeriod() = default;
    virtual GraceToken start() = 0;
    virtual bool passed(GraceToken token) = 0;
};

// A grace period that the test ends by hand.
class ManualGrace final : public GracePeriod {
public:
    GraceToken start() override {
        if (on_start_) {
            on_start_();
        }
        return {++started_};
    }
    bool passed(GraceToken token) override { return token.value <= ended_; }
    // Everything started so far is over.
    void end_all() { ended_ = started_; }
    // Only the oldest `n` that are still open are over.
    void end(std::uint64_t n) { ended_ = ended_ + n < started_ ? ended_ + n : started_; }
    std::uint64_t open() const { return started_ - ended_; }
    // What other cores do just then, in the middle of a turn of control.
    void when_started(std::function<void()> f) { on_start_ = std::move(f); }

private:
    std::function<void()> on_start_;
    std::uint64_t started_ = 0;
    std::uint64_t ended_ = 0;
};

} // namespace mcast::handoff
