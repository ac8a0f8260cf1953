// The picture in columns: who is beyond a link, the link, and on the right the streams. A blue line
// leads from the link where a stream comes in, green ones to those where it goes out.
#include "topology.h"

#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

namespace mcast::ctl {

namespace {

constexpr int k_row = 22;    // height of a line of text
constexpr int k_gap = 18;    // between boxes
constexpr int k_top = 60;    // room for the title
constexpr int k_beyond = 20; // left edges of the columns
constexpr int k_links = 260;
constexpr int k_streams = 680;
constexpr int k_link_width = 220;
constexpr int k_width = 1060;

std::string escaped(std::string_view text) {
    std::string all;
    for (char const c : text) {
        switch (c) {
        case '&':
            all += "&amp;";
            break;
        case '<':
            all += "&lt;";
            break;
        case '>':
            all += "&gt;";
            break;
        default:
            all += c;
        }
    }
    return all;
}

std::string text_at(int x, int y, std::string_view text, std::string_view style = "") {
    return fmt::format("<text x=\"{}\" y=\"{}\"{}{}>{}</text>\n", x, y, style.empty() ? "" : " ",
                       style, escaped(text));
}

class Drawing {
public:
    explicit Drawing(Json const& topology) {
        body_ = text_at(k_beyond, 32, text_of(topology.at("router")), "font-size=\"20\"");
        for (Json const& it : topology.at("interfaces")) {
            link(it);
        }
        Json const& streams = topology.at("streams");
        for (std::size_t n = 0; n < streams.size() && n < k_streams_drawn; ++n) {
            stream(streams[n]);
        }
        if (streams.size() > k_streams_drawn) {
            body_ += text_at(k_streams, right_ + k_row,
                             fmt::format("and {} streams more", streams.size() - k_streams_drawn));
            right_ += 2 * k_row;
        }
    }

    std::string text() const {
        return fmt::format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
            "viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"13\">\n"
            "<defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" "
            "markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n"
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{2}</svg>\n",
            k_width, std::max(left_, right_) + k_gap, body_);
    }

private:
    // One row for each who is beyond it, three at least: name, address, owner.
    void link(Json const& it) {
        Json const& neighbors = it.at("neighbors");
        int const beyond = static_cast<int>(neighbors.size()) + (it.at("groups") != 0 ? 1 : 0);
        int const height = std::max(beyond, 3) * k_row;
        std::string const name = text_of(it.at("name"));
        bool const up = it.at("up") == true;
        body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"5\" "
                             "fill=\"#eef\" stroke=\"black\"{}/>\n",
                             k_links, left_, k_link_width, height,
                             up ? "" : " stroke-dasharray=\"5 4\"");
        body_ +=
            text_at(k_links + 10, left_ + 17, name + (up ? "" : " (down)"), "font-weight=\"bold\"");
        body_ += text_at(k_links + 10, left_ + 17 + k_row, text_of(it.at("address")));
        body_ +=
            text_at(k_links + 10, left_ + 17 + 2 * k_row,
                    it.at("owner").is_null() ? "no owner" : "owner " + text_of(it.at("owner")));
        int row = left_;
        for (Json const& neighbor : neighbors) {
            outside(row, text_of(neighbor.at("address")) + " " + text_of(neighbor.at("state")));
            row += k_row;
        }
        if (it.at("groups") != 0) {
            outside(row, "hosts, groups: " + it.at("groups").dump());
        }
        middle_[name] = left_ + height / 2;
        left_ += height + k_gap;
    }

    void outside(int row, std::string_view who) {
        body_ += text_at(k_beyond, row + 16, who);
        body_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"black\"/>\n",
                             k_links - 40, row + 12, k_links, row + 12);
    }

    void stream(Json const& it) {
        int const middle = right_ + k_row / 2;
        if (auto const in = middle_.find(text_of(it.at("arrival"))); in != middle_.end()) {
            curve(k_links + k_link_width, in->second, k_streams, middle, "blue");
        }
        for (Json const& output : it.at("outputs")) {
            if (auto const out = middle_.find(text_of(output)); out != middle_.end()) {
                curve(k_streams, middle, k_links + k_link_width, out->second, "darkgreen");
            }
        }
        body_ += text_at(k_streams + 8, right_ + 16,
                         fmt::format("{} to {}: {} packets{}", text_of(it.at("source")),
                                     text_of(it.at("group")), it.at("packets").dump(),
                                     it.at("outputs").empty() ? ", wanted by nobody" : ""));
        right_ += k_row + 6;
    }

    void curve(int x1, int y1, int x2, int y2, std::string_view colour) {
        int const between = (x1 + x2) / 2;
        body_ += fmt::format("<path d=\"M{0} {1}C{2} {1} {2} {3} {4} {3}\" fill=\"none\" "
                             "stroke=\"{5}\" marker-end=\"url(#end)\"/>\n",
                             x1, y1, between, y2, x2, colour);
    }

    std::string body_;
    std::map<std::string, int> middle_; // of the links, by name
    int left_ = k_top;                  // where the next one goes
    int right_ = k_top;
};

} // namespace

std::string topology_svg(Json const& topology) {
    return Drawing(topology).text();
}

} // namespace mcast::ctl
