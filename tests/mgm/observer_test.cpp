// What an observer is told: each doing of the manager when it happens, and nothing that is none.
#include "world.h"

namespace mcast::mgm::test {
namespace {

class Recording final : public Observer {
public:
    void on_event(Event const& event) override {
        std::string text{name_of(event.kind)};
        if (event.component) {
            text += " " + to_string(*event.component);
        }
        if (event.interface.index != k_no_interface) {
            text += " " + show(event.interface);
        }
        if (event.key != MembershipKey{}) {
            text += " " + to_string(event.key);
        }
        if (!event.outputs.empty()) {
            text += " to " + show(event.outputs);
        }
        if (event.negative != handoff::Drop::none) {
            text += " " + std::string(handoff::name_of(event.negative));
        }
        text += event.reason.empty() ? "" : " " + std::string(event.reason);
        lines.push_back(text);
        last = event;
    }
    Trace taken() { return std::exchange(lines, {}); }

    Trace lines;
    Event last;
};

class ObserverTest : public World {
protected:
    ObserverTest() {
        register_all();
        register_igmp();
        mgm.set_observer(&record);
    }
    ~ObserverTest() override { mgm.set_observer(nullptr); }

    Recording record;
    MembershipKey const g = MembershipKey::of(k_g);
};

TEST_F(ObserverTest, AHandOverFromEndToEnd) {
    InterfaceLease j1 = take(j, 1);
    ASSERT_TRUE(j1.add(g, k_join));
    settle();
    record.taken();
    InterfaceLease x1 = take(x, 1);
    // MGM-40: closed with the call
    EXPECT_THAT(record.taken(), ElementsAre("taken 0x00000001/0 if1", "gate_closed igmp/0 if1"));
    step(3ms);
    EXPECT_THAT(record.taken(), IsEmpty());
    grace.end_all();
    step(2ms);
    EXPECT_THAT(record.taken(), ElementsAre("ready 0x00000001/0 if1", "gate_opened igmp/0 if1"));
    EXPECT_EQ(record.last.epoch, j1.epoch());
    EXPECT_EQ(record.last.at, now);
    step(11s); // IGMP adds nothing again
    EXPECT_EQ(record.taken().front(), "stale_swept if1 (*, 239.1.1.1)");
    ASSERT_TRUE(x1.release());
    grace.end_all();
    settle();
    EXPECT_EQ(record.lines.front(), "released 0x00000001/0 if1");
}

TEST_F(ObserverTest, DurationsOfAHandOver) {
    InterfaceLease const j1 = take(j, 1);
    settle();
    InterfaceLease const x1 = take(x, 1);
    step(3ms);
    grace.end_all();
    now += 4ms;
    mgm.step(now);
    EXPECT_EQ(record.last.kind, EventKind::gate_opened);
    OwnershipView const view = mgm.owners().front();
    EXPECT_EQ(view.last->published, 3ms);
    EXPECT_EQ(view.last->ready, 7ms);
}

TEST_F(ObserverTest, EntriesWhenWhatIsPublishedChanges) {
    InterfaceLease const x1 = take(x, 1);
    InterfaceLease y4 = take(y, 4);
    settle();
    record.taken();
    miss();
    EXPECT_THAT(record.taken(), ElementsAre("entry_created if1 (10.1.0.9, 239.1.1.1) no_member"));
    ASSERT_TRUE(y4.add(g, k_join));
    EXPECT_THAT(record.taken(), ElementsAre("entry_changed if1 (10.1.0.9, 239.1.1.1) to if4"));
    ASSERT_TRUE(y4.add(g, k_join)); // nothing new
    EXPECT_THAT(record.taken(), IsEmpty());
    settle();
    EXPECT_THAT(record.taken(), UnorderedElementsAre("prune 0x00000001/0 if1 (10.1.0.9, 239.1.1.1)",
                                                     "join 0x00000001/0 (10.1.0.9, 239.1.1.1)",
                                                     "join 0x00000001/0 (*, 239.1.1.1)",
                                                     "join 0x00000003/0 (*, 239.1.1.1)",
                                                     "join igmp/0 (*, 239.1.1.1)"));
    step(211s); // without traffic
    EXPECT_THAT(record.taken(), ElementsAre("entry_withdrawn (10.1.0.9, 239.1.1.1) expired"));
}

TEST_F(ObserverTest, RefusalsByTheNameOfTheirCounter) {
    InterfaceLease j1 = take(j, 1);
    Epoch const old = j1.epoch();
    settle();
    InterfaceLease const x1 = take(x, 1);
    record.taken();
    EXPECT_FALSE(j1.add(g, k_join)); // MGM-46
    EXPECT_THAT(record.taken(), ElementsAre("refused igmp/0 if1 (*, 239.1.1.1) gate_refused"));
    settle();
    record.taken();
    EXPECT_FALSE(j1.add(g, k_join, old));
    EXPECT_THAT(record.taken(),
                ElementsAre("refused igmp/0 if1 (*, 239.1.1.1) stale_epoch_refused"));
    xl.rpf = [](RpfQuery const&, RpfDecision& decision) { decision.interface = ref(7); };
    miss(); // MGM-96
    EXPECT_EQ(record.taken().front(), "refused 0x00000001/0 if7 (10.1.0.9, 239.1.1.1) rpf_refused");
}

TEST_F(ObserverTest, FloodsOfNewFlowsAreRefusedOrEvict) {
    InterfaceLease const x1 = take(x, 1);
    settle();
    for (std::uint8_t n = 1; n <= 8; ++n) {
        miss({Ipv4::of(10, 1, 0, n), k_g});
    }
    record.taken();
    miss({Ipv4::of(10, 1, 0, 50), k_g});
    EXPECT_THAT(record.taken(), ElementsAre("entry_withdrawn (10.1.0.1, 239.1.1.1) evicted",
                                            "entry_created if1 (10.1.0.50, 239.1.1.1) no_member"));
}

TEST(EventNames, AreDistinct) {
    std::map<std::string, int> names;
    for (std::size_t k = 0; k < k_event_kinds; ++k) {
        ++names[std::string(name_of(static_cast<EventKind>(k)))];
    }
    EXPECT_EQ(names.size(), k_event_kinds);
}

} // namespace
} // namespace mcast::mgm::test
