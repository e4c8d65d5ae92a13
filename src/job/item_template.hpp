#pragma once

#include "job/job.hpp"

#include <rowmill/item.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::job {

/// A text with `{column}` of a row and `{:param}` of the run in it; `{{` and `}}` are braces. What is filled in is escaped for
/// where it stands and never read as a template again. Immutable; thread-safe.
class ItemTemplate {
public:
    /// Writes a value for where it stands. May throw Error{row} for one that can't stand there.
    using Escape = std::function<std::string(ValueView)>;

    /// `where` names it in messages: "job.toml:7:3: action.url". Throws Error{usage}.
    static ItemTemplate parse(std::string_view text, const std::string& where);

    const std::vector<std::string>& columns() const { return columns_; }
    const std::vector<std::string>& params() const { return params_; }
    /// Throws Error{row} for NULL where `escape` does.
    std::string render(const Item& item, const Params& params, const Escape& escape) const;

private:
    struct Part {
        enum class Kind : std::uint8_t { text, column, param } kind;
        std::string text;
    };
    std::vector<Part> parts_;
    std::vector<std::string> columns_, params_;
};

}  // namespace rowmill::job
