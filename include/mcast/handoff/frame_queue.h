// A bounded queue of frames between one producer core and one consumer core, in either direction.
//
// Two Boost.Lockfree rings over a fixed set of slots: one carries filled slots forward, one carries
// empty slots back. So neither core allocates, a slot's bytes are never copied by the queue, and
// the consumer may hold a slot as long as it likes (within the bound) before it releases it.
//
// Each ring has room for every slot, and a slot is in one place at a time (either ring, or held by
// one side), so push() and release() cannot fail: the only refusal is acquire() returning nullptr.
#pragma once

#include "mcast/base/ids.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace mcast::handoff {

// What the frame is for when it goes down to a worker; ignored on the way up.
enum class Injection : std::uint8_t {
    transmit, // a whole Ethernet frame without VLAN tag, out of `interface`
    reinject, // a parked packet: forward it as if it had just arrived on `interface`
};

// One slot. Owned by the producer between acquire() and push(), by the consumer between pop() and
// release(). Bytes: an Ethernet frame without VLAN tag and without FCS.
struct alignas(64) Frame {           // two cores work on neighbouring slots
    std::span<std::uint8_t> storage; // whole slot
    std::uint32_t length = 0;        // bytes used
    IfIndex interface = k_no_interface;
    Injection injection = Injection::transmit;

    std::span<std::uint8_t> bytes() { return storage.first(length); }
    std::span<std::uint8_t const> bytes() const { return storage.first(length); }
};

class FrameQueue {
public:
    // slots >= 1; slot_bytes is the longest frame it can carry.
    FrameQueue(std::size_t slots, std::size_t slot_bytes);
    ~FrameQueue();
    FrameQueue(FrameQueue const&) = delete;
    FrameQueue& operator=(FrameQueue const&) = delete;

    // Producer. nullptr when all slots are in use: the caller counts a refusal.
    Frame* acquire();
    // Producer. A slot from acquire(), filled.
    void push(Frame* frame);
    // Producer. A slot from acquire() that is not wanted after all: the next acquire() gives it.
    void put_back(Frame* frame) { spare_.push_back(frame); }

    // Consumer. nullptr when empty.
    Frame* pop();
    // Consumer. A slot from pop(); slots may come back in any order.
    void release(Frame* frame);

    // Any thread, approximate.
    std::size_t waiting() const;
    std::size_t slots() const { return frames_.size(); }
    std::size_t slot_bytes() const { return slot_bytes_; }

private:
    struct Rings; // behind a pointer: who includes this need not read Boost

    std::size_t slot_bytes_;
    std::unique_ptr<std::uint8_t[]> slab_;
    std::vector<Frame> frames_;
    std::unique_ptr<Rings> rings_;
    std::vector<Frame*> spare_; // producer only; reserved for all slots, so it never allocates
};

} // namespace mcast::handoff
