// The command line's words about single protocols: `show igmp ...`, `clear dvmrp ...` and the like;
// and what all commands share.
#pragma once

#include "options.h"

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace mcast::ctl {

struct Page {
    char const* name;
    char const* description;
};

// What CLI11 found, before it is judged.
struct Raw {
    std::string socket;
    std::string instance = "mcastd";
    std::string format = "table";
    std::string watch;
    double timeout = 5;
    std::string source;
    std::string group;
    std::string in;
    std::string interface;
    std::vector<std::string> words; // of a listing or of watch
    std::string protocol;
    std::string wait;
    std::uint64_t count = 0;
    std::string later; // a command of a later version
};

// A command of a later version: takes whatever words follow, and is in no list of help.
void add_later(CLI::App& app, std::string const& before, char const* name, std::string& later);
// The words that may follow: which rows are wanted.
void add_words(CLI::App& command, Raw& raw, char const* name, char const* description, int most);

void add_show_igmp(CLI::App& show, Raw& raw, Options& options);
void add_show_dvmrp(CLI::App& show, Raw& raw, Options& options);
void add_clear(CLI::App& app, Raw& raw, Options& options);
void add_igmp(CLI::App& app, Raw& raw, Options& options);

} // namespace mcast::ctl
