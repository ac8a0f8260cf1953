// Registration and InterfaceLease: what components hold. They check that they still stand for
// something, and undo themselves when dropped.
#include "core.h"

#include <new>
#include <utility>

namespace mcast::mgm {

namespace {

// Even to say why a call is refused takes memory.
template <class F>
auto with_memory(Core* core, F&& call) -> decltype(call()) {
    try {
        return call();
    } catch (std::bad_alloc const&) {
        return core->out_of_memory();
    }
}

} // namespace

InterfaceLease::~InterfaceLease() {
    drop();
}

InterfaceLease::InterfaceLease(InterfaceLease&& other) noexcept
    : core_(std::exchange(other.core_, nullptr)), client_(other.client_), id_(other.id_),
      interface_(other.interface_) {}

InterfaceLease& InterfaceLease::operator=(InterfaceLease&& other) noexcept {
    if (this != &other) {
        drop();
        core_ = std::exchange(other.core_, nullptr);
        client_ = other.client_;
        id_ = other.id_;
        interface_ = other.interface_;
    }
    return *this;
}

void InterfaceLease::drop() noexcept {
    if (Core* core = std::exchange(core_, nullptr)) {
        core->drop_lease(client_, interface_, id_);
    }
}

Result<> InterfaceLease::check() const {
    if (!active()) {
        return failure(MgmError::invalid_parameter, "the lease has ended");
    }
    return {};
}

bool InterfaceLease::active() const {
    return core_ != nullptr && core_->seated(client_, interface_, id_);
}

Result<> InterfaceLease::add(MembershipKey const& key, MembershipFlags flags,
                             std::optional<Epoch> epoch) {
    if (auto checked = check(); !checked) {
        return checked;
    }
    return with_memory(core_,
                       [&] { return core_->add({client_, id_, interface_, key, flags, epoch}); });
}

Result<> InterfaceLease::remove(MembershipKey const& key, MembershipFlags flags,
                                std::optional<Epoch> epoch) {
    if (auto checked = check(); !checked) {
        return checked;
    }
    return with_memory(
        core_, [&] { return core_->remove({client_, id_, interface_, key, flags, epoch}); });
}

Result<> InterfaceLease::release() {
    if (auto checked = check(); !checked) {
        return checked;
    }
    auto released = with_memory(core_, [&] { return core_->release(client_, interface_, id_); });
    if (released) {
        core_ = nullptr;
    }
    return released;
}

Result<> InterfaceLease::set_wrong_interface_alerts(bool on) {
    if (auto checked = check(); !checked) {
        return checked;
    }
    return with_memory(
        core_, [&] { return core_->set_wrong_interface_alerts(client_, interface_, id_, on); });
}

bool InterfaceLease::gate_open() const {
    return active() && core_->ownership.find(interface_)->gate_open();
}

Epoch InterfaceLease::epoch() const {
    return active() ? core_->ownership.find(interface_)->epoch : Epoch{};
}

Registration::~Registration() {
    drop();
}

Registration::Registration(Registration&& other) noexcept
    : core_(std::exchange(other.core_, nullptr)), client_(other.client_) {}

Registration& Registration::operator=(Registration&& other) noexcept {
    if (this != &other) {
        drop();
        core_ = std::exchange(other.core_, nullptr);
        client_ = other.client_;
    }
    return *this;
}

void Registration::drop() noexcept {
    if (Core* core = std::exchange(core_, nullptr)) {
        core->drop_registration(client_);
    }
}

bool Registration::active() const {
    return core_ != nullptr && core_->clients.find(client_) != nullptr;
}

Result<> Registration::check() const {
    if (!active()) {
        return failure(MgmError::invalid_parameter, "not registered");
    }
    return {};
}

Result<InterfaceLease> Registration::take(InterfaceRef interface) {
    if (auto checked = check(); !checked) {
        return std::unexpected(std::move(checked).error());
    }
    auto lease = with_memory(core_, [&] { return core_->take(client_, interface); });
    if (!lease) {
        return std::unexpected(std::move(lease).error());
    }
    return InterfaceLease{*core_, client_, *lease, interface};
}

Result<> Registration::deregister() {
    if (auto checked = check(); !checked) {
        return checked;
    }
    return with_memory(core_, [&] { return core_->deregister(client_); });
}

Result<> Registration::release(InterfaceRef interface) {
    if (auto checked = check(); !checked) {
        return checked;
    }
    return with_memory(core_, [&] { return core_->release(client_, interface, std::nullopt); });
}

Result<> Registration::add(InterfaceRef interface, MembershipKey const& key,
                           MembershipFlags flags) {
    if (auto checked = check(); !checked) {
        return checked;
    }
    return with_memory(core_, [&] {
        return core_->add({client_, std::nullopt, interface, key, flags, std::nullopt});
    });
}

Result<> Registration::remove(InterfaceRef interface, MembershipKey const& key,
                              MembershipFlags flags) {
    if (auto checked = check(); !checked) {
        return checked;
    }
    return with_memory(core_, [&] {
        return core_->remove({client_, std::nullopt, interface, key, flags, std::nullopt});
    });
}

Result<> Registration::set_upstream_neighbor(FlowKey key, Ipv4 upstream) {
    if (auto checked = check(); !checked) {
        return checked;
    }
    if (auto free = core_->not_from_question(); !free) {
        return free;
    }
    StoredEntry* entry = core_->store.find(key);
    if (entry == nullptr) {
        return failure(MgmError::not_found, "there is no entry " + to_string(key));
    }
    if (entry->owner != client_) {
        return failure(MgmError::invalid_parameter,
                       "another component owns the arrival interface of " + to_string(key));
    }
    entry->upstream = upstream;
    return {};
}

Result<GroupCursor> Registration::groups(GroupListing listing) const {
    if (auto checked = check(); !checked) {
        return std::unexpected(std::move(checked).error());
    }
    return core_->groups(listing);
}

} // namespace mcast::mgm
