// Bounded cursors over bytes, in network byte order.
//
// A failure latches: once a read or a write did not fit, ok() is false for good, reads give zero
// (or an empty span) and writes do nothing. So a decoder reads straight through and judges once.
// A cursor refers to bytes that somebody else owns. One thread; values.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"
#include "mcast/wire/be.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mcast::wire {

using Bytes = std::span<std::uint8_t const>;

class Reader {
public:
    explicit constexpr Reader(Bytes bytes) : bytes_(bytes) {}

    constexpr bool ok() const { return ok_; }
    constexpr std::size_t remaining() const { return ok_ ? bytes_.size() - at_ : 0; }
    // Bytes consumed so far.
    constexpr std::size_t offset() const { return at_; }

    constexpr std::uint8_t u8() {
        auto const* const from = take(1);
        return from != nullptr ? *from : std::uint8_t{0};
    }
    constexpr std::uint16_t u16() {
        auto const* const from = take(2);
        return from != nullptr ? load_be16(from) : std::uint16_t{0};
    }
    constexpr std::uint32_t u32() {
        auto const* const from = take(4);
        return from != nullptr ? load_be32(from) : 0;
    }
    constexpr Ipv4 ipv4() { return {u32()}; }
    constexpr Mac mac() {
        Mac result;
        if (auto const* const from = take(result.bytes.size())) {
            std::copy_n(from, result.bytes.size(), result.bytes.begin());
        }
        return result;
    }
    // A view of the next n bytes; empty when they are not there.
    constexpr Bytes bytes(std::size_t n) {
        auto const* const from = take(n);
        return from != nullptr ? Bytes{from, n} : Bytes{};
    }
    constexpr void skip(std::size_t n) { take(n); }
    constexpr void fail() { ok_ = false; }

private:
    constexpr std::uint8_t const* take(std::size_t n) {
        if (!ok_ || n > bytes_.size() - at_) {
            ok_ = false;
            return nullptr;
        }
        auto const* const from = bytes_.data() + at_;
        at_ += n;
        return from;
    }

    Bytes bytes_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

class Writer {
public:
    explicit constexpr Writer(std::span<std::uint8_t> room) : room_(room) {}

    constexpr bool ok() const { return ok_; }
    // Bytes written so far.
    constexpr std::size_t size() const { return at_; }
    constexpr std::size_t remaining() const { return ok_ ? room_.size() - at_ : 0; }
    constexpr Bytes written() const { return room_.first(at_); }

    constexpr void u8(std::uint8_t value) {
        if (auto* const to = take(1)) {
            *to = value;
        }
    }
    constexpr void u16(std::uint16_t value) {
        if (auto* const to = take(2)) {
            store_be16(to, value);
        }
    }
    constexpr void u32(std::uint32_t value) {
        if (auto* const to = take(4)) {
            store_be32(to, value);
        }
    }
    constexpr void ipv4(Ipv4 address) { u32(address.value); }
    constexpr void mac(Mac const& address) { bytes(address.bytes); }
    constexpr void bytes(Bytes from) {
        if (auto* const to = take(from.size())) {
            std::ranges::copy(from, to);
        }
    }
    constexpr void zeros(std::size_t n) {
        if (auto* const to = take(n)) {
            std::fill_n(to, n, std::uint8_t{0});
        }
    }
    // Overwrites two bytes that were written before: lengths and checksums.
    constexpr void patch_u16(std::size_t offset, std::uint16_t value) {
        if (!ok_ || offset > at_ || at_ - offset < 2) {
            ok_ = false;
            return;
        }
        store_be16(room_.data() + offset, value);
    }
    // The value to be written has no form on the wire.
    constexpr void fail() { ok_ = false; }

private:
    constexpr std::uint8_t* take(std::size_t n) {
        if (!ok_ || n > room_.size() - at_) {
            ok_ = false;
            return nullptr;
        }
        auto* const to = room_.data() + at_;
        at_ += n;
        return to;
    }

    std::span<std::uint8_t> room_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

} // namespace mcast::wire
