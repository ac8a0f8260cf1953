#include "mcast/handoff/frame_queue.h"

#include <cassert>

#include <boost/lockfree/spsc_queue.hpp>

namespace mcast::handoff {

struct FrameQueue::Rings {
    explicit Rings(std::size_t slots) : filled(slots), empty(slots) {}

    boost::lockfree::spsc_queue<Frame*> filled;
    boost::lockfree::spsc_queue<Frame*> empty;
};

namespace {

// Slots start on cache lines of their own: the cores at the two ends write neighbouring slots.
constexpr std::size_t k_line = 64;

std::size_t rounded_up(std::size_t bytes) {
    return (bytes + k_line - 1) / k_line * k_line;
}

} // namespace

// The bytes are left uninitialised: a slot that is never used never takes a page of memory.
FrameQueue::FrameQueue(std::size_t slots, std::size_t slot_bytes)
    : slot_bytes_(slot_bytes),
      slab_(std::make_unique_for_overwrite<std::uint8_t[]>(slots * rounded_up(slot_bytes))),
      frames_(slots), rings_(std::make_unique<Rings>(slots)) {
    spare_.reserve(slots);
    for (std::size_t i = 0; i < slots; ++i) {
        frames_[i].storage = {slab_.get() + i * rounded_up(slot_bytes), slot_bytes};
        rings_->empty.push(&frames_[i]);
    }
}

FrameQueue::~FrameQueue() = default;

Frame* FrameQueue::acquire() {
    Frame* frame = nullptr;
    if (!spare_.empty()) {
        frame = spare_.back();
        spare_.pop_back();
    } else if (!rings_->empty.pop(frame)) {
        return nullptr;
    }
    frame->length = 0;
    frame->interface = k_no_interface;
    frame->injection = Injection::transmit;
    return frame;
}

void FrameQueue::push(Frame* frame) {
    [[maybe_unused]] bool const pushed = rings_->filled.push(frame);
    assert(pushed); // a ring has room for every slot
}

Frame* FrameQueue::pop() {
    Frame* frame = nullptr;
    return rings_->filled.pop(frame) ? frame : nullptr;
}

void FrameQueue::release(Frame* frame) {
    [[maybe_unused]] bool const pushed = rings_->empty.push(frame);
    assert(pushed); // a ring has room for every slot
}

std::size_t FrameQueue::waiting() const {
    return rings_->filled.read_available();
}

} // namespace mcast::handoff
