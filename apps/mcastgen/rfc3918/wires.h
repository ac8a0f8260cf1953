// The cables between the tester and what is tested, and the clock of the measurement, as one: so
// that a model of an appliance on a clock of its own can stand where the ports are.
//
// Port 0 is the ingress; 1 and on are the egress ports of the plan, in its order. A failure
// latches: what is sent and received after it is nothing, and usable() says so. One thread.
#pragma once

#include "mcast/base/time.h"
#include "mcast/wire/cursor.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace mcast::gen::rfc3918 {

class Wires {
public:
    virtual ~Wires() = default;

    // Of the bytes, during the call alone.
    using Taker = std::function<void(std::size_t port, wire::Bytes frame, TimePoint arrived)>;

    virtual TimePoint now() = 0;
    // False when the port takes no more now.
    virtual bool send(std::size_t port, wire::Bytes frame) = 0;
    // Hands over what has arrived, and waits for it until `until` at most.
    virtual void receive(TimePoint until, Taker const& taker) = 0;
    // Frames that arrived and that the tester itself lost, since the start.
    virtual std::uint64_t missed() = 0;
    // False after a failure, and when the user wants an end.
    virtual bool usable() = 0;
    // A sentence, or empty.
    virtual std::string failure() = 0;
};

} // namespace mcast::gen::rfc3918
