#pragma once

#include "job/document.hpp"
#include "job/item_template.hpp"
#include "job/job.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rowmill::job {

/// Reads those texts of an action that its rows fill in, one after another: takes `${NAME}` from the environment,
/// checks what the braces name, and keeps in the specification how each was written and what is never to be shown.
class RowTexts {
public:
    RowTexts(ActionSpec& action, const std::vector<ParamSpec>& params) : action_{action}, params_{params} {}

    struct Text {
        std::string text;     ///< a template
        ItemTemplate parsed;  ///< the same
    };
    /// `where` is its place in the file and its key, `name` what the fingerprint calls it. Throws Error{usage} for what
    /// is no text, no template, names no parameter of the job, or takes what the environment does not have.
    Text read(const Node& node, const std::string& where, const std::string& name);

private:
    void check_params(const ItemTemplate& parsed, const std::string& where) const;
    void keep_secret(const std::string& value);

    ActionSpec& action_;
    const std::vector<ParamSpec>& params_;
};

/// Whether there is one (a newline, a zero byte …).
bool has_control(std::string_view text);

/// Throws Error{usage} where the template's own text holds a control character, as it can't
/// where `what` says.
void refuse_control(const ItemTemplate& parsed, const std::string& where, std::string_view what);

}  // namespace rowmill::job
