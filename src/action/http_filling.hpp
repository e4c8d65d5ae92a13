#pragma once

#include "job/item_template.hpp"

#include <string>
#include <string_view>

namespace rowmill::action {

/// How messages name what a template stands for: "{title}", "{:publisher_id}".
std::string shown(const job::ItemTemplate::Part& part);

/// Reads a template; a parameter that the run does not have is Error{usage}. `where`: "action.url".
job::ItemTemplate read_template(std::string_view text, std::string_view where, const job::Params& params);

/// An item and the parameters of its run: what a template is filled from. A view.
struct Filling {
    const Item& item;
    const job::Params& params;

    ValueView operator[](const job::ItemTemplate::Part& part) const {
        return job::ItemTemplate::value(part, item, params);
    }
    /// Throws Error{row} where it is NULL; `place` says where it was to stand: "a URL".
    ValueView present(const job::ItemTemplate::Part& part, std::string_view place) const;
};

}  // namespace rowmill::action
