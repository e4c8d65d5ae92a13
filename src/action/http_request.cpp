#include "action/http_request.hpp"

#include "job/header_name.hpp"
#include "job/row_texts.hpp"
#include "job/sql_token.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <array>

namespace rowmill::action {
namespace {

using Part = job::ItemTemplate::Part;

[[noreturn]] void refuse(const std::string& what) {
    throw Error{ErrorKind::usage, what};
}

std::string header_value(const job::ItemTemplate& value, const Filling& filling) {
    std::string header;
    for (const Part& part : value.parts()) {
        if (part.kind == Part::Kind::text) {
            header += part.text;
            continue;
        }
        const std::string_view text = filling.present(part, "a header").text();
        if (job::has_control(text))
            throw Error{ErrorKind::row, shown(part) + " holds a control character, which a header can't"};
        header += text;
    }
    return header;
}

std::string read_method(const job::ActionSpec& action) {
    constexpr std::array methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    if (std::ranges::find(methods, action.method) == methods.end())
        refuse("action.method is \"" + action.method + "\"; it can be GET, HEAD, POST, PUT, PATCH or DELETE");
    if (!action.body.empty() && (action.method == "GET" || action.method == "HEAD"))
        refuse("action.body can't be sent with action.method = \"" + action.method + "\"; leave one of them out");
    return action.method;
}

}  // namespace

RequestTemplate::RequestTemplate(const job::ActionSpec& action, const job::Params& params)
    : method_{read_method(action)}, url_{action.url, params} {
    for (const auto& [name, text] : action.headers) read_header(name, text, params);
    if (action.body.empty()) return;
    says_type_ = has_header("Content-Type");
    body_.emplace(action.body, says_type_ ? content_type() : "application/json", params);
}

void RequestTemplate::read_header(const std::string& name, const std::string& text, const job::Params& params) {
    const std::string where = "action.headers." + name;
    if (const auto fault = job::fault_of_header_name(name); !fault.empty()) refuse(where + " " + std::string{fault});
    job::ItemTemplate value = read_template(text, where, params);
    job::refuse_control(value, where, "a header");
    headers_.emplace_back(name, std::move(value));
}

bool RequestTemplate::has_header(std::string_view name) const {
    return std::ranges::any_of(headers_, [name](const auto& header) { return job::same_name(header.first, name); });
}

/// The job's own, which says how the body is escaped.
std::string RequestTemplate::content_type() const {
    const auto found =
        std::ranges::find_if(headers_, [](const auto& header) { return job::same_name(header.first, "Content-Type"); });
    std::string type;
    for (const Part& part : found->second.parts()) {
        if (part.kind != Part::Kind::text)
            refuse("action.headers.Content-Type says how the body is escaped, so that no template can stand in it");
        type += part.text;
    }
    return type;
}

http::Request RequestTemplate::render(const Filling& filling, const std::string& token) const {
    http::Request request{method_, url_.render(filling), {}, body_ ? body_->render(filling) : std::string{}};
    for (const auto& [name, value] : headers_) request.headers.push_back({name, header_value(value, filling)});
    if (!says_type_) request.headers.push_back({"Content-Type", "application/json"});
    if (!has_header("Idempotency-Key")) request.headers.push_back({"Idempotency-Key", token});
    return request;
}

}  // namespace rowmill::action
