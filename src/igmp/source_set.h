// A set of source addresses with the algebra in which RFC 9776 writes its tables. Values.
#pragma once

#include "mcast/base/ipv4.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <utility>
#include <vector>

namespace mcast::igmp {

class SourceSet {
public:
    SourceSet() = default;
    SourceSet(std::initializer_list<Ipv4> members) : SourceSet(std::vector<Ipv4>(members)) {}
    // In any order, with or without duplicates.
    explicit SourceSet(std::vector<Ipv4> members) : members_(std::move(members)) {
        std::ranges::sort(members_);
        auto const rest = std::ranges::unique(members_);
        members_.erase(rest.begin(), rest.end());
    }

    bool empty() const { return members_.empty(); }
    std::size_t size() const { return members_.size(); }
    bool contains(Ipv4 source) const { return std::ranges::binary_search(members_, source); }
    auto begin() const { return members_.begin(); }
    auto end() const { return members_.end(); }
    std::vector<Ipv4> const& sorted() const { return members_; }

    // Precondition: above every member.
    void append(Ipv4 source) { members_.push_back(source); }

    // Union, intersection, difference.
    friend SourceSet operator+(SourceSet const& a, SourceSet const& b) {
        SourceSet result;
        result.members_.reserve(a.size() + b.size());
        std::ranges::set_union(a, b, std::back_inserter(result.members_));
        return result;
    }
    friend SourceSet operator*(SourceSet const& a, SourceSet const& b) {
        SourceSet result;
        std::ranges::set_intersection(a, b, std::back_inserter(result.members_));
        return result;
    }
    friend SourceSet operator-(SourceSet const& a, SourceSet const& b) {
        SourceSet result;
        result.members_.reserve(a.size());
        std::ranges::set_difference(a, b, std::back_inserter(result.members_));
        return result;
    }
    bool operator==(SourceSet const&) const = default;

private:
    std::vector<Ipv4> members_;
};

} // namespace mcast::igmp
