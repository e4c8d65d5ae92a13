#include "action/http_filling.hpp"

#include <rowmill/error.hpp>

namespace rowmill::action {

using Part = job::ItemTemplate::Part;

std::string shown(const Part& part) {
    return (part.kind == Part::Kind::param ? "{:" : "{") + part.text + "}";
}

job::ItemTemplate read_template(std::string_view text, std::string_view where, const job::Params& params) {
    job::ItemTemplate parsed = job::ItemTemplate::parse(text, where);
    for (const std::string& name : parsed.params()) {
        if (!params.contains(name)) {
            throw Error{ErrorKind::usage, std::string{where} + " names the parameter {:" + name +
                                              "}, which the job does not have; declare it under [params." + name + "]"};
        }
    }
    return parsed;
}

ValueView Filling::present(const Part& part, std::string_view place) const {
    const ValueView value = (*this)[part];
    if (value.is_null())
        throw Error{ErrorKind::row, shown(part) + " is NULL, which can't stand in " + std::string{place}};
    return value;
}

}  // namespace rowmill::action
