#include "action/masking.hpp"

#include "action/secrets.hpp"

#include <algorithm>
#include <functional>

namespace rowmill::action {

Masking::Masking(const Outside& outside) : secrets_{outside.job.action.secrets} {
    for (const auto& [name, value] : outside.params) {
        const job::ParamSpec* spec = outside.job.find_param(name);
        if (spec != nullptr && spec->secret && !value.is_null()) secrets_.push_back(value.text());
    }
    std::ranges::sort(secrets_, std::ranges::greater{}, &std::string::size);
}

std::string Masking::operator()(const std::string& text) const {
    return without_secrets({ErrorKind::row, text}, secrets_).what();
}

}  // namespace rowmill::action
