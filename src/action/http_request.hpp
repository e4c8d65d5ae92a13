#pragma once

#include "action/http_body.hpp"
#include "action/http_url.hpp"
#include "http/request.hpp"

#include <optional>
#include <utility>

namespace rowmill::action {

/// An http action's requests, as the job describes them. Immutable; thread-safe.
class RequestTemplate {
public:
    /// Throws Error{usage}, beginning with the key at fault, for what can't be a request.
    RequestTemplate(const job::ActionSpec& action, const job::Params& params);

    /// The request for a row. `token` becomes its Idempotency-Key, unless the job has its own. Throws Error{row} for a
    /// row that can't stand in it: see UrlTemplate and BodyTemplate; in a header neither NULL nor control characters (a
    /// line break would begin another header) can.
    http::Request render(const Filling& filling, const std::string& token) const;

    const std::string& origin() const { return url_.origin(); }

private:
    void read_header(const std::string& name, const std::string& text, const job::Params& params);
    bool has_header(std::string_view name) const;
    std::string content_type() const;

    std::string method_;
    UrlTemplate url_;
    std::vector<std::pair<std::string, job::ItemTemplate>> headers_;
    std::optional<BodyTemplate> body_;
    bool says_type_ = true;
};

}  // namespace rowmill::action
