#pragma once

#include "action/http_filling.hpp"

namespace rowmill::action {

/// The URL of an http action. What a row has is percent-encoded, and stays where it was put: it can neither end its
/// segment of the path nor become a part of the URL's own. Immutable; thread-safe.
class UrlTemplate {
public:
    /// Throws Error{usage} for what can't be an http or https URL, and where its scheme or host is not literal: where a
    /// row's data could say whom the run talks to, it could make it talk to anybody.
    UrlTemplate(std::string_view text, const job::Params& params);

    /// Throws Error{row} for NULL, and for a value that makes a segment of the path empty, "." or "..": servers read
    /// those as another path, and no encoding keeps them from it.
    std::string render(const Filling& filling) const;

    const std::string& origin() const { return origin_; }  ///< "https://host:443"

private:
    job::ItemTemplate template_;
    std::string origin_;
};

}  // namespace rowmill::action
