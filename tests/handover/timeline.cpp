#include "timeline.h"

#include <fmt/format.h>

namespace mcast::handover {

namespace {

std::string sentence(std::size_t packet, std::size_t change, char const* what) {
    return fmt::format("packet {}, {} change {}", packet, what, change);
}

} // namespace

void Verdict::add(Verdict const& other) {
    if (mistake.empty()) {
        mistake = other.mistake;
    }
    on += other.on;
    off += other.off;
    changing += other.changing;
}

Verdict judge(Timeline const& timeline, std::vector<Sighting> const& packets,
              bool Sighting::* seen) {
    Verdict verdict;
    auto const& changes = timeline.changes();
    std::size_t next = 0;  // the first change that has not ended when this packet was sent
    bool switched = false; // within it
    for (std::size_t n = 0; n < packets.size() && verdict.mistake.empty(); ++n) {
        Sighting const& packet = packets[n];
        bool const came = packet.*seen;
        while (next < changes.size() && changes[next].ended < packet.sent) {
            ++next;
            switched = false;
        }
        bool const before = timeline.on_before(next);
        if (next == changes.size() || packet.settled < changes[next].began) {
            if (came != before) {
                verdict.mistake = sentence(
                    n, next, came ? "came although off before" : "lost although on before");
            }
            ++(before ? verdict.on : verdict.off);
            continue;
        }
        ++verdict.changing;
        bool const touches_another =
            next + 1 < changes.size() && packet.settled >= changes[next + 1].began;
        if (touches_another) {
            continue; // either state is right
        }
        if (switched && came == before) {
            verdict.mistake = sentence(n, next, "switched back in");
        }
        switched = switched || came != before;
    }
    return verdict;
}

} // namespace mcast::handover
