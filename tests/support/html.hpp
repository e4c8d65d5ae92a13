#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::test {

struct HtmlTag {
    std::string name;
    std::map<std::string, std::string> attributes;  ///< values as they stand in the page, escaped
};

/// The tags of a page that is written as strictly as ours: every tag closed in its turn but for the void ones, attributes in double quotes
/// or without a value, `&`, `<` and `>` nowhere but where they belong. Throws std::runtime_error with the place where it is not.
class HtmlReader {
public:
    static std::vector<HtmlTag> read(const std::string& page) {
        HtmlReader reader{page};
        reader.read_all();
        return reader.tags_;
    }

private:
    explicit HtmlReader(std::string_view page) : page_{page} {}

    [[noreturn]] void fail(const std::string& what) const {
        throw std::runtime_error{what + " at " + std::to_string(at_) + ": …" + std::string{page_.substr(at_ < 60 ? 0 : at_ - 60, 160)}};
    }

    void read_all() {
        if (page_.starts_with("<!DOCTYPE html>")) at_ = 15;
        while (at_ < page_.size()) {
            if (page_[at_] == '<') {
                page_[at_ + 1] == '/' ? read_end() : read_begin();
            } else {
                read_text_character();
            }
        }
        if (!open_.empty()) fail("<" + open_.back() + "> is never closed");
    }

    void read_text_character() {
        if (page_[at_] == '>') fail("a bare >");
        if (page_[at_] == '&') check_entity();
        ++at_;
    }

    void check_entity() const {
        for (const std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
            if (page_.substr(at_).starts_with(known)) return;
        fail("a bare &");
    }

    std::string read_name() {
        const std::size_t begin = at_;
        while (at_ < page_.size() && (std::string_view{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"}.find(page_[at_]) !=
                                      std::string_view::npos))
            ++at_;
        if (begin == at_) fail("a name is missing");
        return std::string{page_.substr(begin, at_ - begin)};
    }

    void read_end() {
        at_ += 2;
        const std::string name = read_name();
        if (open_.empty() || open_.back() != name) fail("</" + name + "> closes nothing");
        if (page_[at_] != '>') fail("an end tag that goes on");
        open_.pop_back();
        ++at_;
    }

    void read_begin() {
        ++at_;
        HtmlTag tag{read_name(), {}};
        while (page_[at_] == ' ') {
            ++at_;
            read_attribute(tag);
        }
        bool is_closed = false;
        if (page_[at_] == '/') {
            is_closed = true;
            ++at_;
        }
        if (at_ >= page_.size() || page_[at_] != '>') fail("a tag that does not end");
        ++at_;
        static const std::vector<std::string> voids{"meta", "link", "input", "img", "br"};
        for (const std::string& one : voids) is_closed = is_closed || one == tag.name;
        if (!is_closed) open_.push_back(tag.name);
        tags_.push_back(std::move(tag));
    }

    void read_attribute(HtmlTag& tag) {
        const std::string name = read_name();
        std::string value;
        if (page_[at_] == '=') {
            if (page_[++at_] != '"') fail("a value without quotes");
            const std::size_t begin = ++at_;
            for (; at_ < page_.size() && page_[at_] != '"'; ++at_) {
                if (page_[at_] == '<' || page_[at_] == '>') fail("markup in a value");
                if (page_[at_] == '&') check_entity();
            }
            value = page_.substr(begin, at_ - begin);
            ++at_;
        }
        if (!tag.attributes.emplace(name, value).second) fail(name + " stands twice in a tag");
    }

    std::string_view page_;
    std::size_t at_ = 0;
    std::vector<std::string> open_;
    std::vector<HtmlTag> tags_;
};

}  // namespace rowmill::test
