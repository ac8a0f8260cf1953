// Multicast traceroute (draft-ietf-idmr-traceroute-ipm-07): who asks how packets of a source come
// to a receiver is answered hop by hop. Owned by the Core.
//
// A query goes to the router that serves the receiver; this one, and each router on the way to the
// source, adds a block and passes the trace on to the next hop toward the source. Who adds the last
// one sends all of it to the asker: the source is on its link, or it knows no further way, or as
// many hops were traced as were wanted.
//
// There is no unicast routing here. An answer goes to a link of ours, or the way that sources at
// its destination would come in, or back to where the trace came from.
#pragma once

#include "accept.h"
#include "trees.h"

#include "mcast/wire/mtrace.h"

#include <cstdint>
#include <deque>
#include <optional>

namespace mcast::dvmrp {

class Tracer {
public:
    Tracer(Config const& config, Spans const& spans, Interfaces& interfaces, Routing const& routing,
           Trees const& trees)
        : config_(config), spans_(spans), interfaces_(interfaces), routing_(routing),
          trees_(trees) {}

    void hear(Interface& interface, Received const& received, std::uint32_t arrival, TimePoint now,
              Output& out);

private:
    // What is being answered.
    struct Question {
        Interface& interface; // where it came in
        Received const& received;
        wire::Mtrace trace{};
        std::uint32_t arrival = 0;
        TimePoint now{};
        bool to_all = false; // not to us alone
    };
    // Where packets leave toward the receiver.
    struct Exit {
        Interface* interface = nullptr; // none: no link of ours
        // We forward the source there. Of a query without a way to the source, where everybody of
        // the link is as near to it: we have something to tell.
        bool serves = false;
    };

    std::optional<Counter> judge(Question const& question) const;
    std::optional<Counter> judge_asker(Question const& question) const;
    bool permits(Ipv4 address) const;
    bool is_repeated(Question const& question);
    Exit exit_of(Question const& question, Route const* route) const;
    wire::TraceCode code_of(Question const& question, Route const& route, Exit exit) const;
    wire::TraceBlock block_of(Question const& question, Route const* route, Exit exit) const;
    // With our block.
    void answer(Question& question, Route const* route, Exit exit, Output& out) const;
    void respond(Question const& question, std::optional<TraceToSend::Counts> counts,
                 Output& out) const;
    void pass_on(Question const& question, Route const& route, Interface& upstream,
                 TraceToSend::Counts const& counts, Output& out) const;

    Config const& config_;
    Spans const& spans_;
    Interfaces& interfaces_;
    Routing const& routing_;
    Trees const& trees_;
    struct Answered {
        Ipv4 asker{};
        std::uint32_t query_id = 0;
        TimePoint at{};
    };
    std::deque<Answered> answered_; // queries, the newest last
};

} // namespace mcast::dvmrp
