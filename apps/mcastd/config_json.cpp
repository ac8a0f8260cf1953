#include "config_json.h"

#include <toml++/toml.h>

#include <sstream>

namespace mcastd {

mcast::api::Json json_of_toml(std::string const& text) {
    try {
        toml::table const table = toml::parse(text);
        std::ostringstream json;
        json << toml::json_formatter{table};
        return mcast::api::Json::parse(json.str(), nullptr, false);
    } catch (toml::parse_error const&) {
        return nullptr;
    }
}

} // namespace mcastd
