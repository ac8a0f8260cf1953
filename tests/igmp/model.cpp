#include "model.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace mcast::igmp::test {

namespace {

constexpr std::string_view k_names = "abcyzn";

bool in(Model::Mask mask, int i) {
    return ((mask >> i) & 1U) != 0;
}

} // namespace

bool Model::exists() const {
    return exclude_ || std::ranges::any_of(sources_, [](Source const& s) { return s.known; });
}

// One source, one record: where it ends up, what its timer becomes, whether it is asked about. In
// include mode X is the set A.
Model::Fate Model::fate(Type type, bool in_x, bool in_y, bool listed) const {
    using enum Fate::Timer;
    bool const known = in_x || in_y;
    switch (type) {
    case Type::is_in:
    case Type::allow:
        return {known || listed, in_x || listed, listed ? gmi : same, false};
    case Type::to_in:
        return {known || listed, in_x || listed, listed ? gmi : same, in_x && !listed};
    case Type::block:
        if (!exclude_) {
            return {in_x, in_x, same, in_x && listed};
        }
        return {known || listed, in_x || (listed && !in_y), !known && listed ? group : same,
                listed && !in_y};
    case Type::is_ex:
    case Type::to_ex:
        if (!exclude_) {
            return {listed, listed && in_x, same, type == Type::to_ex && listed && in_x};
        }
        return {listed, listed && !in_y,
                known || !listed ? same : (type == Type::is_ex ? gmi : group),
                type == Type::to_ex && listed && !in_y};
    }
    return {};
}

void Model::record(Type type, Mask listed) {
    bool const v1 = exists() && v1_until_ > now_;
    bool const older = v1 || (exists() && v2_until_ > now_);
    bool const to_exclude = type == Type::is_ex || type == Type::to_ex;
    if ((older && type == Type::block) || (v1 && type == Type::to_in)) {
        return;
    }
    if (older && to_exclude) {
        listed = 0;
    }
    int const old_group = group_until_;
    Mask about = 0;
    bool const group_too = exclude_ && type == Type::to_in;
    std::array<Source, k_sources> next{};
    for (int i = 0; i < k_sources; ++i) {
        Source const& was = sources_[static_cast<std::size_t>(i)];
        Fate const f = fate(type, was.known && was.wanted, was.known && !was.wanted, in(listed, i));
        Source& will = next[static_cast<std::size_t>(i)];
        will = f.keep && f.wanted ? was : Source{};
        will.known = f.keep;
        will.wanted = f.keep && f.wanted;
        if (f.timer == Fate::Timer::gmi) {
            will.until = now_ + k_gmi;
        } else if (f.timer == Fate::Timer::group) {
            will.until = old_group;
        }
        about |= f.ask ? 1U << i : 0U;
    }
    sources_ = next;
    if (to_exclude) {
        exclude_ = true;
        group_until_ = now_ + k_gmi;
        checking_ = false;
    }
    if (querier()) {
        ask(group_too, about);
    }
}

void Model::v1_report() {
    record(Type::is_ex, 0);
    v1_until_ = now_ + k_ohpi;
}

void Model::v2_report() {
    record(Type::is_ex, 0);
    v2_until_ = now_ + k_ohpi;
}

void Model::leave() {
    record(Type::to_in, 0);
}

void Model::ask(bool group, Mask about) {
    if (group && !(checking_ && group_until_ <= now_ + k_lmqt)) {
        group_until_ = std::min(group_until_, now_ + k_lmqt);
        checking_ = true;
        group_owed_at_ = now_ + k_lmqi;
        say(false, 0);
    }
    Mask fresh = 0;
    for (int i = 0; i < k_sources; ++i) {
        Source& s = sources_[static_cast<std::size_t>(i)];
        if (in(about, i) && s.until > now_ + k_lmqt) {
            s.until = now_ + k_lmqt;
            s.owed_at = now_ + k_lmqi;
            fresh |= 1U << i;
        }
    }
    if (fresh != 0) {
        say(false, fresh);
    }
}

void Model::say(bool suppress, Mask about) {
    std::string text = suppress ? "S=1" : "S=0";
    for (int i = 0; i < k_sources; ++i) {
        if (in(about, i)) {
            text += k_names[static_cast<std::size_t>(i)];
        }
    }
    said_.push_back(text);
}

void Model::specific_query(Mask listed, bool suppress) {
    // After taking over, the former querier may finish its checks for one last-member time.
    bool const former = other_until_ && now_ < *other_until_ + k_lmqt;
    if (suppress || (querier() && !former)) {
        return;
    }
    int const most = now_ + k_lmqt;
    if (listed == 0) {
        group_until_ = std::min(group_until_, most);
    }
    for (int i = 0; i < k_sources; ++i) {
        if (in(listed, i)) {
            Source& s = sources_[static_cast<std::size_t>(i)];
            s.until = std::min(s.until, most);
        }
    }
}

void Model::step() {
    ++now_;
    expire();
    tick();
}

void Model::expire() {
    for (Source& s : sources_) {
        if (s.known && s.wanted && s.until <= now_) {
            s = {.known = exclude_};
        }
    }
    if (exclude_ && group_until_ <= now_) {
        exclude_ = false;
        group_owed_at_ = 0;
        checking_ = false;
        for (Source& s : sources_) {
            s = s.wanted ? s : Source{};
        }
    }
    if (!exists()) {
        v1_until_ = 0;
        v2_until_ = 0;
    }
}

void Model::tick() {
    bool const group = group_owed_at_ == now_;
    if (group) {
        say(group_until_ > now_ + k_lmqt, 0);
    }
    std::array<Mask, 2> lists{}; // doubtful, saved
    for (int i = 0; i < k_sources; ++i) {
        Source& s = sources_[static_cast<std::size_t>(i)];
        if (s.owed_at == now_) {
            lists[s.until > now_ + k_lmqt ? 1 : 0] |= 1U << i;
        }
    }
    if (lists[1] != 0 && !group) {
        say(true, lists[1]);
    }
    if (lists[0] != 0) {
        say(false, lists[0]);
    }
}

std::string Model::state() const {
    if (!exists()) {
        return "-";
    }
    std::string text = exclude_ ? fmt::format("EXC {}", group_until_ - now_) : "INC";
    for (int i = 0; i < k_sources; ++i) {
        Source const& s = sources_[static_cast<std::size_t>(i)];
        if (s.known) {
            text += fmt::format(" {}={}", k_names[static_cast<std::size_t>(i)],
                                s.wanted ? s.until - now_ : 0);
        }
    }
    int const compatibility = v1_until_ > now_ ? 1 : v2_until_ > now_ ? 2 : 3;
    return text + fmt::format(" v{}", compatibility);
}

std::vector<std::string> Model::queries() {
    return std::exchange(said_, {});
}

} // namespace mcast::igmp::test
