#pragma once

#include "action/http_filling.hpp"

namespace rowmill::action {

/// The body of an http action's requests, escaped as its media type asks. Immutable; thread-safe. A value becomes, in
///
/// - JSON (`application/json`, `…+json`, and the like): between quotes its text, escaped; elsewhere a
///   whole JSON value: a number as it is, NULL as `null`, anything else as a string with its quotes
/// - `application/x-www-form-urlencoded`: percent-encoded
/// - XML (`…/xml`, `…+xml`): with `&amp;` and its like
/// - anything else: as it is
///
/// NULL is no text, but for JSON's `null`.
class BodyTemplate {
public:
    /// `media_type`: of the job's Content-Type, parameters and all. Throws Error{usage} for a body that would not be
    /// JSON and ought to be.
    BodyTemplate(std::string_view text, std::string_view media_type, const job::Params& params);

    /// Throws Error{row} for what the media type can't hold: bytes that are not UTF-8 in JSON, control characters in
    /// XML.
    std::string render(const Filling& filling) const;

private:
    enum class Kind : std::uint8_t { plain, json, json_text, json_lines, form, xml };
    static Kind kind_of(std::string_view media_type);
    std::vector<Kind> kinds_of_parts() const;
    std::string escaped(const job::ItemTemplate::Part& part, ValueView value, Kind kind) const;

    job::ItemTemplate template_;
    Kind kind_;
    std::vector<Kind> kinds_;  ///< of each part: how what fills it is written
};

}  // namespace rowmill::action
