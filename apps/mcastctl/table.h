// A table for people: headings, aligned columns, one row a line. Values; no terminal is touched.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::ctl {

enum class Tone : std::uint8_t { plain, strong, good, doubtful, bad };

struct Cell {
    std::string text;
    Tone tone = Tone::plain;
    bool right = false; // numbers
};

// Surrounds the text with terminal colours, or not.
std::string painted(std::string_view text, Tone tone, bool colour);

// What a terminal may be given: control characters, which could be escape sequences, become '?'.
std::string printable(std::string_view text);

class Table {
public:
    explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

    // Precondition: as many cells as headings.
    void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
    bool empty() const { return rows_.empty(); }

    // Columns are two spaces apart; no line ends in spaces. A column whose cells are all numbers
    // has its heading on the right, too.
    std::string text(bool colour) const;

private:
    std::vector<std::size_t> widths() const;
    bool numeric(std::size_t column) const;

    std::vector<std::string> headings_;
    std::vector<std::vector<Cell>> rows_;
};

} // namespace mcast::ctl
