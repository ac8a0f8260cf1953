#include "draft.h"
#include "reporter.h"
#include "section.h"
#include "words.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace mcast::config {

namespace {

// Beyond anybody's configuration; /dev/zero is not one.
constexpr std::size_t k_longest_file = std::size_t{16} << 20;

std::unexpected<Errors> whole_file(std::string_view file, std::string what, std::string remedy) {
    return std::unexpected(Errors{{std::string{file}, 0, 0, std::move(what), std::move(remedy)}});
}

std::unexpected<Errors> cannot_read(std::string_view file) {
    auto const reason = std::generic_category().message(errno);
    return whole_file(file, fmt::format("the file cannot be read: {}", reason),
                      "name a readable file");
}

std::expected<Config, Errors> read(toml::table const& table, std::string_view file_name) {
    Reporter reporter(file_name);
    Section root(table, "the file", reporter);
    Draft draft;
    read_platform(root, draft);
    read_control(root, draft);
    read_interfaces(root, draft);
    read_static(root, draft);
    read_proxy(root, draft);
    read_dvmrp(root, draft);
    root.finish();
    check_platform(draft, reporter);
    check_interfaces(draft, reporter);
    check_tunnels(draft, reporter);
    check_static(draft, reporter);
    check_proxy(draft, reporter);
    if (!reporter.clean()) {
        return std::unexpected(reporter.take());
    }
    return std::move(draft.config);
}

} // namespace

std::string default_socket_path(std::string_view instance) {
    return fmt::format("/run/{}/ctl.sock", instance);
}

std::expected<void, std::string> rename_instance(Config& config, std::string_view name) {
    if (!is_name(name)) {
        return std::unexpected(
            fmt::format("instance {} is no name; {}", quoted(name), k_name_rule));
    }
    std::string& socket = config.control.socket.path;
    if (socket == default_socket_path(config.platform.instance)) {
        socket = default_socket_path(name);
    }
    config.platform.instance = name;
    return {};
}

std::expected<Config, Errors> parse(std::string_view text, std::string_view file_name) {
    toml::table table;
    try {
        table = toml::parse(text, file_name);
    } catch (toml::parse_error const& fault) {
        Position const at = position_of(fault.source());
        return std::unexpected(
            Errors{{std::string{file_name}, at.line, at.column, std::string{fault.description()},
                    "the file must be TOML; mcastd.toml(5) has examples"}});
    }
    return read(table, file_name);
}

std::expected<Config, Errors> parse_file(std::string const& path) {
    int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return cannot_read(path);
    }
    std::string text;
    std::array<char, 65536> chunk;
    ssize_t got = 0;
    while (text.size() <= k_longest_file && (got = ::read(file, chunk.data(), chunk.size())) > 0) {
        text.append(chunk.data(), static_cast<std::size_t>(got));
    }
    int const fault = errno;
    ::close(file);
    errno = fault;
    if (got < 0) {
        return cannot_read(path);
    }
    if (text.size() > k_longest_file) {
        return whole_file(path, "the file is too long",
                          fmt::format("a configuration has at most {} bytes", k_longest_file));
    }
    return parse(text, path);
}

} // namespace mcast::config
