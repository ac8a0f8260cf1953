// A set of interfaces as a bitmap of k_max_interfaces bits (32 bytes). Any thread; a value.
#pragma once

#include "mcast/base/ids.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace mcast {

class IfSet {
public:
    static constexpr std::size_t k_words = k_max_interfaces / 64;

    constexpr IfSet() = default;
    constexpr IfSet(std::initializer_list<IfIndex> members) {
        for (IfIndex member : members) {
            insert(member);
        }
    }

    // Precondition of all three: index below k_max_interfaces.
    constexpr void insert(IfIndex i) { words_[i.index() / 64] |= bit(i); }
    constexpr void erase(IfIndex i) { words_[i.index() / 64] &= ~bit(i); }
    constexpr bool contains(IfIndex i) const { return (words_[i.index() / 64] & bit(i)) != 0; }

    constexpr bool empty() const { return (words_[0] | words_[1] | words_[2] | words_[3]) == 0; }
    constexpr std::size_t size() const {
        std::size_t n = 0;
        for (std::uint64_t word : words_) {
            n += static_cast<std::size_t>(std::popcount(word));
        }
        return n;
    }

    // Calls f(IfIndex) in rising order.
    template <class F>
    constexpr void for_each(F&& f) const {
        for (std::size_t w = 0; w < k_words; ++w) {
            for (std::uint64_t rest = words_[w]; rest != 0; rest &= rest - 1) {
                f(IfIndex{static_cast<std::uint16_t>(
                    w * 64 + static_cast<std::size_t>(std::countr_zero(rest)))});
            }
        }
    }

    constexpr IfSet operator&(IfSet const& other) const {
        IfSet result;
        for (std::size_t w = 0; w < k_words; ++w) {
            result.words_[w] = words_[w] & other.words_[w];
        }
        return result;
    }
    constexpr IfSet operator|(IfSet const& other) const {
        IfSet result;
        for (std::size_t w = 0; w < k_words; ++w) {
            result.words_[w] = words_[w] | other.words_[w];
        }
        return result;
    }
    // Members of this set that are not in the other.
    constexpr IfSet operator-(IfSet const& other) const {
        IfSet result;
        for (std::size_t w = 0; w < k_words; ++w) {
            result.words_[w] = words_[w] & ~other.words_[w];
        }
        return result;
    }
    // No member that the other lacks.
    constexpr bool is_within(IfSet const& other) const {
        std::uint64_t beyond = 0;
        for (std::size_t w = 0; w < k_words; ++w) {
            beyond |= words_[w] & ~other.words_[w];
        }
        return beyond == 0;
    }
    // Spelled out, or it would be a call of memcmp.
    constexpr bool operator==(IfSet const& other) const {
        std::uint64_t differing = 0;
        for (std::size_t w = 0; w < k_words; ++w) {
            differing |= words_[w] ^ other.words_[w];
        }
        return differing == 0;
    }

private:
    static constexpr std::uint64_t bit(IfIndex i) { return std::uint64_t{1} << (i.index() % 64); }

    std::array<std::uint64_t, k_words> words_{};
};

static_assert(IfSet::k_words == 4, "empty() spells out its words");

} // namespace mcast
