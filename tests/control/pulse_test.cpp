// A worker that stalls while a change of owner waits for it is named: in `show` at once, in the log
// once.
#include "world.h"

#include "mcast/mgm/group_manager.h"

#include <algorithm>
#include <initializer_list>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

Config lan1_is_free() {
    Config config = three_lans();
    config.interfaces[k_lan1.index()].static_protocol = false;
    return config;
}

// Workers 0 and 1 on cores 2 and 3; they turn only when a test says so.
class PulseTest : public testing::Test {
protected:
    PulseTest() {
        control.start(now);
        control.step(now);
        grace.end_all(); // of the static protocol's taking
        control.step(now);
        seat = std::move(*control.manager().register_component({{7}, 0}, protocol));
        testing::internal::CaptureStderr();
    }
    ~PulseTest() override { testing::internal::GetCapturedStderr(); }

    // A turn of control every tenth of a second; the named workers turn before each.
    void run(Duration by, std::initializer_list<std::size_t> moving) {
        for (TimePoint const end = now + by; now < end;) {
            now += 100ms;
            for (std::size_t const worker : moving) {
                shared.workers[worker]->counters->turns.add(1);
            }
            control.step(now);
        }
    }
    // What was written since the last call.
    std::string log() {
        std::string text = testing::internal::GetCapturedStderr();
        testing::internal::CaptureStderr();
        return text;
    }
    api::Json show(std::string const& subject) const {
        return control.answer({"show", {subject}, api::Json::object()}, now).data;
    }
    // Of lan1, the only interface that changes hands.
    api::Json waits_for() const {
        auto const owners = show("owners");
        auto const row =
            std::ranges::find_if(owners, [](auto const& o) { return o["interface"] == "lan1"; });
        return row == owners.end() ? api::Json() : (*row)["waits_for"];
    }

    handoff::ManualGrace grace;
    handoff::Shared shared{2, 64, World::small_queues(), grace};
    Reporters const reporters{.ports = {},
                              .pools = {},
                              .workers = {},
                              .mbuf_balance = {},
                              .worker_cores = {2, 3},
                              .version = {},
                              .config_toml = {},
                              .config_json = {}};
    ControlLoop control{lan1_is_free(), three_ports(), shared, grace, reporters};
    TimePoint now{1h};
    mgm::ProtocolListener protocol;
    mgm::Registration seat;
    mgm::InterfaceLease lease;
};

TEST_F(PulseTest, TheStalledWorkerIsNamed) {
    run(1s, {0, 1});
    lease = std::move(*seat.take({k_lan1, {}}));
    run(100ms, {0, 1}); // published
    EXPECT_EQ(waits_for(), (api::Json{0, 1}));
    run(800ms, {0});
    EXPECT_EQ(waits_for(), api::Json::array({1}));
    EXPECT_EQ(show("workers")[0]["holds_up"], api::Json::array());
    EXPECT_EQ(show("workers")[1]["holds_up"], api::Json::array({"lan1"}));
    EXPECT_THAT(log(), IsEmpty()); // nothing unusual yet
    run(200ms, {0});
    EXPECT_THAT(log(), AllOf(HasSubstr("worker 1 (core 3) has finished no turn for 1.0 s"),
                             HasSubstr("waits for it on lan1")));
    run(10s, {0});
    EXPECT_THAT(log(), IsEmpty()); // said once
    run(100ms, {0, 1});
    EXPECT_THAT(log(), HasSubstr("worker 1 (core 3) finishes turns again, after 11.1 s"));
    EXPECT_EQ(waits_for(), api::Json::array());
    grace.end_all();
    run(100ms, {0, 1});
    EXPECT_EQ(show("workers")[1]["holds_up"], api::Json::array());
    EXPECT_THAT(log(), IsEmpty());
    // The next stall is another one.
    ASSERT_TRUE(lease.release());
    run(1200ms, {1});
    EXPECT_THAT(log(), HasSubstr("worker 0 (core 2) has finished no turn"));
}

// Without a change that waits, who does not turn keeps nobody waiting.
TEST_F(PulseTest, AStallThatHoldsUpNothing) {
    run(10s, {0});
    EXPECT_THAT(log(), IsEmpty());
    // A change that comes later waits for its own second.
    lease = std::move(*seat.take({k_lan1, {}}));
    run(1s, {0});
    EXPECT_THAT(log(), IsEmpty());
    EXPECT_EQ(waits_for(), api::Json::array({1}));
    run(100ms, {0});
    EXPECT_THAT(log(), HasSubstr("worker 1 (core 3) has finished no turn for 11.1 s"));
}

} // namespace
} // namespace mcast::control
