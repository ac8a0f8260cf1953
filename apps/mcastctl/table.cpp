#include "table.h"

#include <algorithm>

namespace mcast::ctl {

namespace {

constexpr std::size_t k_gap = 2;

// Columns that a terminal needs for UTF-8 text of single-width characters.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string_view code_of(Tone tone) {
    switch (tone) {
    case Tone::plain:
        return "";
    case Tone::strong:
        return "\033[1m";
    case Tone::good:
        return "\033[32m";
    case Tone::doubtful:
        return "\033[33m";
    case Tone::bad:
        return "\033[31m";
    }
    return "";
}

// A line under construction: spaces are written only when text follows them.
class Line {
public:
    void cell(Cell const& cell, std::size_t width, bool colour) {
        std::size_t const padding = width - std::min(width, width_of(cell.text));
        if (cell.right) {
            owed_ += padding;
        }
        if (!cell.text.empty()) {
            text_.append(owed_, ' ');
            owed_ = 0;
            text_ += painted(cell.text, cell.tone, colour);
        }
        owed_ += k_gap + (cell.right ? 0 : padding);
    }
    std::string finish() { return text_ + '\n'; }

private:
    std::string text_;
    std::size_t owed_ = 0;
};

} // namespace

std::string painted(std::string_view text, Tone tone, bool colour) {
    if (!colour || tone == Tone::plain) {
        return std::string{text};
    }
    return std::string{code_of(tone)} + std::string{text} + "\033[0m";
}

std::string printable(std::string_view text) {
    std::string result{text};
    std::ranges::replace_if(
        result, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return result;
}

bool Table::numeric(std::size_t column) const {
    auto const number = [column](std::vector<Cell> const& row) { return row[column].right; };
    auto const fits = [&](std::vector<Cell> const& row) {
        return number(row) || row[column].text == "-";
    };
    return std::ranges::any_of(rows_, number) && std::ranges::all_of(rows_, fits);
}

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> result;
    for (std::size_t column = 0; column < headings_.size(); ++column) {
        std::size_t width = width_of(headings_[column]);
        for (std::vector<Cell> const& row : rows_) {
            width = std::max(width, width_of(row[column].text));
        }
        result.push_back(width);
    }
    return result;
}

std::string Table::text(bool colour) const {
    std::vector<std::size_t> const width = widths();
    Line heading;
    std::vector<bool> right;
    for (std::size_t column = 0; column < headings_.size(); ++column) {
        right.push_back(numeric(column));
        heading.cell({headings_[column], Tone::strong, right[column]}, width[column], colour);
    }
    std::string result = heading.finish();
    for (std::vector<Cell> const& row : rows_) {
        Line line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            Cell cell = row[column];
            cell.right = right[column];
            line.cell(cell, width[column], colour);
        }
        result += line.finish();
    }
    return result;
}

} // namespace mcast::ctl
