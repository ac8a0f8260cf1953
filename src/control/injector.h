// Control's way down: frames that it builds, and parked packets that it sends back.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/handoff/worker_channel.h"
#include "mcast/wire/cursor.h"

#include <algorithm>
#include <cstddef>

namespace mcast::control {

class Injector {
public:
    explicit Injector(handoff::Shared& shared) : shared_(shared) {}

    // `build` writes one Ethernet frame without VLAN tag into a wire::Writer and says whether it
    // could. False when it could not, or no slot was free.
    template <class F>
    bool transmit(IfIndex out, F&& build) {
        // Every worker reaches every port, so one of them carries what control says.
        handoff::FrameQueue& queue = shared_.workers.front()->inject;
        handoff::Frame* const frame = queue.acquire();
        if (frame == nullptr) {
            return false;
        }
        wire::Writer writer(frame->storage);
        if (!build(writer)) {
            queue.put_back(frame);
            return false;
        }
        frame->length = static_cast<std::uint32_t>(writer.size());
        frame->interface = out;
        frame->injection = handoff::Injection::transmit;
        queue.push(frame);
        return true;
    }

    // Of a frame that transmit() can carry.
    std::size_t longest() const { return shared_.workers.front()->inject.slot_bytes(); }

    // Through the queue of the worker that parked it, so that packets of one flow keep their order.
    bool reinject(WorkerId worker, IfIndex arrival, wire::Bytes bytes) {
        handoff::FrameQueue& queue = shared_.workers[worker.index()]->inject;
        if (bytes.size() > queue.slot_bytes()) {
            return false;
        }
        handoff::Frame* const frame = queue.acquire();
        if (frame == nullptr) {
            return false;
        }
        std::ranges::copy(bytes, frame->storage.begin());
        frame->length = static_cast<std::uint32_t>(bytes.size());
        frame->interface = arrival;
        frame->injection = handoff::Injection::reinject;
        queue.push(frame);
        return true;
    }

private:
    handoff::Shared& shared_;
};

} // namespace mcast::control
