// What the group manager shows of itself, where that is more than a fixed list of columns.
#include "views.h"

#include "list_view.h"

#include <fmt/format.h>

namespace mcast::ctl {

// A column for each component that is there.
std::string view_alerts(Json const& data, bool colour) {
    std::vector<std::string> components;
    if (data.is_array() && !data.empty()) {
        Json const& first = member(data.front(), "components");
        if (first.is_object()) {
            for (auto const& [name, count] : first.items()) {
                components.push_back(name);
            }
        }
    }
    std::vector<std::string> headings{"ALERT", "TOTAL", "NOT-TOLD"};
    for (std::string const& name : components) {
        headings.push_back(fmt::format("TO-{}", printable(name)));
    }
    headings.emplace_back("MEANING");
    Table table(std::move(headings));
    if (data.is_array()) {
        for (Json const& item : data) {
            std::vector<Cell> row{cell(member(item, "alert"), Kind::plain),
                                  cell(member(item, "total"), Kind::plain),
                                  cell(member(item, "not_told"), Kind::plain)};
            Json const& told = member(item, "components");
            for (std::string const& name : components) {
                row.push_back(cell(told.is_object() && told.contains(name) ? told[name] : Json(),
                                   Kind::plain));
            }
            row.push_back(cell(member(item, "meaning"), Kind::plain));
            table.add(std::move(row));
        }
    }
    return table.empty() ? "no alerts\n" : table.text(colour);
}

std::string view_event(Json const& event) {
    return fmt::format("{:<15}  {}\n", cell(member(event, "kind"), Kind::plain).text,
                       cell(member(event, "sentence"), Kind::plain).text);
}

} // namespace mcast::ctl
