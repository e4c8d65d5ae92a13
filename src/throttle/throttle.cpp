#include "throttle/throttle.hpp"

#include <fmt/format.h>

namespace rowmill::throttle {

std::string display(double number) {
    std::string text = fmt::format("{:.1f}", number);
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return text;
}

}  // namespace rowmill::throttle
