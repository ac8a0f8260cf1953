// mgm_c.h: entries and their statistics, one by one and as listings.
#include "mgm_c_door.h"
#include "mgm_c_record.h"

using namespace mcast::mgm;

namespace {

// How many entries are copied at once while a listing fills its buffer.
constexpr std::size_t k_chunk = 64;

// Where the caller wants records.
struct Buffer {
    PDWORD size;
    PBYTE bytes;

    bool given() const { return size != nullptr; }
    std::size_t room() const { return bytes == nullptr ? 0 : *size; }
};

mcast::FlowKey key_of(MIB_IPMCAST_MFE const& record) {
    return {c::from_c(record.dwSource), c::from_c(record.dwGroup)};
}

mcast::handoff::FlowTotals totals_of(c::Door const& door, c::Layout layout, mcast::FlowKey key) {
    if (layout == c::Layout::entry) {
        return {};
    }
    auto stats = door.manager.entry_stats(key);
    return stats ? std::move(stats->totals) : mcast::handoff::FlowTotals{};
}

DWORD one(MIB_IPMCAST_MFE const* which, std::optional<c::Layout> layout, Buffer buffer) {
    return c::enter([&](c::Door& door) -> DWORD {
        if (which == nullptr || !layout || !buffer.given()) {
            return ERROR_INVALID_PARAMETER;
        }
        auto const entry = door.manager.entry(key_of(*which));
        if (!entry) {
            return c::to_c(entry);
        }
        std::size_t const need = c::bytes_of(*layout, entry->outputs.size());
        if (need > buffer.room()) {
            *buffer.size = static_cast<DWORD>(need);
            return ERROR_INSUFFICIENT_BUFFER;
        }
        c::write_record(*layout, *entry, totals_of(door, *layout, entry->key), buffer.bytes);
        return NO_ERROR;
    });
}

DWORD fill(c::Door const& door, c::Layout layout, std::optional<mcast::FlowKey> after,
           Buffer buffer, DWORD& count) {
    std::size_t used = 0;
    for (;;) {
        EntryPage const page = door.manager.page(after, k_chunk);
        for (ForwardingEntry const& entry : page.entries) {
            std::size_t const need = c::bytes_of(layout, entry.outputs.size());
            if (need > buffer.room() - used) {
                if (count != 0) {
                    return ERROR_MORE_DATA;
                }
                *buffer.size = static_cast<DWORD>(need);
                return ERROR_INSUFFICIENT_BUFFER;
            }
            c::write_record(layout, entry, totals_of(door, layout, entry.key), buffer.bytes + used);
            used += need;
            ++count;
            after = entry.key;
        }
        if (!page.more) {
            return ERROR_NO_MORE_ITEMS;
        }
    }
}

DWORD list(std::optional<mcast::FlowKey> after, std::optional<c::Layout> layout, Buffer buffer,
           PDWORD count) {
    return c::enter([&](c::Door& door) -> DWORD {
        if (!layout || !buffer.given() || count == nullptr) {
            return ERROR_INVALID_PARAMETER;
        }
        *count = 0;
        DWORD written = 0;
        DWORD const code = fill(door, *layout, after, buffer, written);
        *count = written;
        return code;
    });
}

DWORD list_after(MIB_IPMCAST_MFE const* start, std::optional<c::Layout> layout, Buffer buffer,
                 PDWORD count) {
    return start == nullptr ? ERROR_INVALID_PARAMETER : list(key_of(*start), layout, buffer, count);
}

} // namespace

DWORD MgmSetMfe(HANDLE hProtocol, PMIB_IPMCAST_MFE pmimm) {
    return c::enter([&](c::Door& door) -> DWORD {
        c::Seat* const seat = door.seat(hProtocol);
        if (seat == nullptr || pmimm == nullptr) {
            return ERROR_INVALID_PARAMETER;
        }
        return c::to_c(seat->registration.set_upstream_neighbor(key_of(*pmimm),
                                                                c::from_c(pmimm->dwUpStrmNgbr)));
    });
}

DWORD MgmGetMfe(PMIB_IPMCAST_MFE pimm, PDWORD pdwBufferSize, PBYTE pbBuffer) {
    return one(pimm, c::Layout::entry, {pdwBufferSize, pbBuffer});
}

DWORD MgmGetFirstMfe(PDWORD pdwBufferSize, PBYTE pbBuffer, PDWORD pdwNumEntries) {
    return list(std::nullopt, c::Layout::entry, {pdwBufferSize, pbBuffer}, pdwNumEntries);
}

DWORD MgmGetNextMfe(PMIB_IPMCAST_MFE pimmStart, PDWORD pdwBufferSize, PBYTE pbBuffer,
                    PDWORD pdwNumEntries) {
    return list_after(pimmStart, c::Layout::entry, {pdwBufferSize, pbBuffer}, pdwNumEntries);
}

DWORD MgmGetMfeStats(PMIB_IPMCAST_MFE pimm, PDWORD pdwBufferSize, PBYTE pbBuffer, DWORD dwFlags) {
    return one(pimm, c::layout_of(dwFlags), {pdwBufferSize, pbBuffer});
}

DWORD MgmGetFirstMfeStats(PDWORD pdwBufferSize, PBYTE pbBuffer, PDWORD pdwNumEntries,
                          DWORD dwFlags) {
    return list(std::nullopt, c::layout_of(dwFlags), {pdwBufferSize, pbBuffer}, pdwNumEntries);
}

DWORD MgmGetNextMfeStats(PMIB_IPMCAST_MFE pimmStart, PDWORD pdwBufferSize, PBYTE pbBuffer,
                         PDWORD pdwNumEntries, DWORD dwFlags) {
    return list_after(pimmStart, c::layout_of(dwFlags), {pdwBufferSize, pbBuffer}, pdwNumEntries);
}
