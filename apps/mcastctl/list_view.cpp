#include "list_view.h"

#include <fmt/format.h>

namespace mcast::ctl {

std::string list_view(Json const& list, std::span<Column const> columns, std::string_view things,
                      bool colour) {
    std::vector<std::string> headings;
    for (Column const& column : columns) {
        headings.emplace_back(column.heading);
    }
    Table table(std::move(headings));
    if (list.is_array()) {
        for (Json const& item : list) {
            std::vector<Cell> row;
            for (Column const& column : columns) {
                row.push_back(cell(member(item, column.path), column.kind));
            }
            table.add(std::move(row));
        }
    }
    return table.empty() ? fmt::format("no {}\n", things) : table.text(colour);
}

std::string heading(std::string_view text, bool colour) {
    return "\n" + painted(text, Tone::strong, colour) + "\n";
}

} // namespace mcast::ctl
