#include "job/header_name.hpp"
#include "job/row_texts.hpp"
#include "job/sections.hpp"
#include "job/sql_token.hpp"

#include <string>
#include <string_view>

namespace rowmill::job {

namespace {

/// Where it goes is the job's to say: a row that named the server could send the headers' secrets anywhere.
void read_url(Section& action, RowTexts& texts, ActionSpec& spec) {
    const Node* url = action.find("url");
    if (url == nullptr) return;
    const std::string where = action.subject(*url);
    RowTexts::Text read = texts.read(*url, where, "url");
    refuse_control(read.parsed, where, "a URL");
    if (read.text.find(' ') != std::string::npos) action.fail(*url, "holds a space, which a URL writes as %20");
    const std::string head = read.parsed.parts().empty() ? "" : to_upper(read.parsed.parts().front().text);
    const std::string_view scheme = head.starts_with("HTTPS://") ? "HTTPS://" : "HTTP://";
    if (!head.starts_with(scheme)) action.fail(*url, "must begin with https:// or http:// and the server's name");
    const bool ends_in_host = head.find_first_of("/?#", scheme.size()) == std::string::npos;
    if (head.size() == scheme.size() || (ends_in_host && read.parsed.parts().size() > 1))
        action.fail(*url, "must name the server itself, followed by a /: what is filled in can't say where it is");
    spec.url = std::move(read.text);
}

void check_header(const Section& headers, const Node& header, const ActionSpec& spec) {
    if (const auto fault = fault_of_header_name(header.key); !fault.empty()) headers.fail(header, std::string{fault});
    for (const auto& [name, text] : spec.headers) {
        if (same_name(name, header.key)) headers.fail(header, "is there twice, as " + name + " too");
    }
}

void read_headers(Section headers, RowTexts& texts, ActionSpec& spec) {
    if (!headers.is_there()) return;
    for (const Node& header : headers.entries()) {
        check_header(headers, header, spec);
        const std::string where = headers.subject(header);
        RowTexts::Text value = texts.read(header, where, "header " + header.key);
        refuse_control(value.parsed, where, "a header");
        spec.headers.emplace_back(header.key, std::move(value.text));
    }
}

void read_body(Section& action, RowTexts& texts, ActionSpec& spec) {
    const Node* body = action.find("body");
    if (body == nullptr) return;
    if (spec.method == "GET" || spec.method == "HEAD")
        action.fail(*body, "means nothing with method = \"" + spec.method + "\"; leave one of them out");
    spec.body = texts.read(*body, action.subject(*body), "body").text;
}

}  // namespace

void read_http(Section& action, const std::vector<ParamSpec>& params, ActionSpec& spec) {
    RowTexts texts{spec, params};
    assign(spec.method, action.choice("method", {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}));
    read_url(action, texts, spec);
    read_headers(action.section("headers"), texts, spec);
    read_body(action, texts, spec);
    assign(spec.per_host, action.count("per_host", 1, 10'000));
    action.refuse_unknown();
    if (spec.url.empty()) action.fail("url is missing: kind = \"http\" needs the URL that each row is sent to");
}

}  // namespace rowmill::job
