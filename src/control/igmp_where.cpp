#include "igmp_where.h"

#include <fmt/format.h>

namespace mcast::control {

using api::ErrorCode;
using api::Reply;

namespace {

std::unexpected<Reply> refuse(ErrorCode code, std::string sentence) {
    return std::unexpected(Reply::refuse(code, std::move(sentence)));
}

std::unexpected<Reply> does_not_fit(IgmpSubject const& subject, std::string const& word) {
    return refuse(ErrorCode::bad_argument,
                  fmt::format("'{}' does not fit: {} [INTERFACE]{}", word.substr(0, 64),
                              subject.words, subject.by_group ? " [GROUP]" : ""));
}

} // namespace

std::expected<IgmpWhere, Reply> igmp_where(Core const& core, IgmpSubject const& subject,
                                           std::span<std::string const> words) {
    IgmpWhere where;
    for (std::string const& word : words) {
        auto const address = Ipv4::parse(word);
        if (address) {
            if (!subject.by_group || where.group || !address->is_multicast()) {
                return does_not_fit(subject, word);
            }
            where.group = address;
            continue;
        }
        if (where.interface) {
            return does_not_fit(subject, word);
        }
        where.interface = core.interfaces.find(word);
        if (!where.interface) {
            return refuse(ErrorCode::not_found,
                          fmt::format("there is no interface '{}'; see: show interfaces",
                                      word.substr(0, 64)));
        }
        if (subject.running && !core.igmp.engine().knows(*where.interface)) {
            return refuse(
                ErrorCode::not_found,
                fmt::format("IGMP does not run on {}; see: show igmp interfaces, show owners",
                            word));
        }
    }
    return where;
}

std::vector<IfIndex> igmp_interfaces(Core const& core, IgmpWhere const& where) {
    std::vector<IfIndex> result;
    core.interfaces.for_each([&](IfIndex i) {
        if (core.igmp.engine().knows(i) && (!where.interface || *where.interface == i)) {
            result.push_back(i);
        }
    });
    return result;
}

} // namespace mcast::control
