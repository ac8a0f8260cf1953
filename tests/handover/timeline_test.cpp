// The judge must be able to find fault.
#include "timeline.h"

#include <gtest/gtest.h>

namespace mcast::handover {
namespace {

TimePoint at(int ns) {
    return TimePoint{Duration{ns}};
}

Sighting packet(int sent, int settled, bool east) {
    return {.sent = at(sent), .settled = at(settled), .east = east};
}

// On until 100, changing until 200, off until 300, changing until 400, on.
Timeline off_and_on() {
    Timeline timeline(true);
    timeline.begin(false, at(100));
    timeline.end(at(200));
    timeline.begin(true, at(300));
    timeline.end(at(400));
    return timeline;
}

Verdict judged(std::vector<Sighting> const& packets) {
    return judge(off_and_on(), packets, &Sighting::east);
}

TEST(Judge, AcceptsAStreamThatSwitchesOnceInEachChange) {
    Verdict const verdict =
        judged({packet(10, 20, true), packet(90, 110, true), packet(120, 130, false),
                packet(150, 260, false), packet(210, 250, false), packet(290, 310, false),
                packet(320, 330, true), packet(401, 410, true)});
    EXPECT_EQ(verdict.mistake, "");
    EXPECT_EQ(verdict.on, 2u);
    EXPECT_EQ(verdict.off, 1u);
    EXPECT_EQ(verdict.changing, 5u);
}

TEST(Judge, SeesALossBeforeTheChange) {
    EXPECT_EQ(judged({packet(10, 20, true), packet(30, 99, false)}).mistake,
              "packet 1, lost although on before change 0");
}

TEST(Judge, SeesALossAfterTheLastChange) {
    EXPECT_EQ(judged({packet(401, 500, false)}).mistake,
              "packet 0, lost although on before change 2");
}

TEST(Judge, SeesWhatComesAlthoughItIsOff) {
    EXPECT_EQ(judged({packet(201, 299, true)}).mistake,
              "packet 0, came although off before change 1");
}

TEST(Judge, SeesAStreamThatSwitchesTwiceInOneChange) {
    EXPECT_EQ(judged({packet(110, 120, false), packet(130, 140, true)}).mistake,
              "packet 1, switched back in change 0");
}

TEST(Judge, LeavesOpenWhatWasDecidedDuringTwoChanges) {
    EXPECT_EQ(judged({packet(190, 310, true), packet(195, 305, false)}).mistake, "");
}

} // namespace
} // namespace mcast::handover
