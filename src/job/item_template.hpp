#pragma once

#include "job/job.hpp"

#include <rowmill/item.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::job {

/// A text with `{column}` of a row and `{:param}` of the run in it; `{{` and `}}` are braces. What is filled in is
/// escaped for where it stands and never read as a template again. Immutable; thread-safe.
class ItemTemplate {
public:
    struct Part {
        enum class Kind : std::uint8_t { text, column, param } kind;
        std::string text;  ///< as it is to be written, or the name
    };
    /// Writes a value for where it stands. May throw Error{row} for one that can't stand there.
    using Escape = std::function<std::string(ValueView)>;

    ItemTemplate() = default;  ///< the empty text
    /// `where` names it in messages: "job.toml:7:3: action.url". Throws Error{usage} for braces that don't match and
    /// for what can't be a name.
    static ItemTemplate parse(std::string_view text, std::string_view where);

    const std::vector<Part>& parts() const { return parts_; }
    /// Each name once, in order of appearance.
    std::vector<std::string> columns() const { return names(Part::Kind::column); }
    std::vector<std::string> params() const { return names(Part::Kind::param); }

    /// What stands for a column or a parameter; NULL for a parameter that was not given. A view: valid as long as the
    /// item and the parameters. Throws Error{usage} for a column that the item does not have.
    static ValueView value(const Part& part, const Item& item, const Params& params);
    /// Throws what `value` and `escape` throw.
    std::string render(const Item& item, const Params& params, const Escape& escape) const;

private:
    std::vector<std::string> names(Part::Kind kind) const;

    std::vector<Part> parts_;
};

/// The text with its braces doubled: as a template, it stands for itself.
std::string as_template(std::string_view text);

}  // namespace rowmill::job
