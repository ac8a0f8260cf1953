// A list of objects as a table, by a list of columns.
#pragma once

#include "cells.h"

#include <span>
#include <string>
#include <string_view>

namespace mcast::ctl {

struct Column {
    std::string_view heading;
    std::string_view path; // of the member
    Kind kind = Kind::plain;
};

// "no THINGS" when the list is empty.
std::string list_view(Json const& list, std::span<Column const> columns, std::string_view things,
                      bool colour);

// Above the second list of a page, and those that follow.
std::string heading(std::string_view text, bool colour);

} // namespace mcast::ctl
