#include "store/cells.hpp"

#include <charconv>

namespace rowmill::store {
namespace {

template <typename Number>
Number parse(const std::string& text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        throw Error{ErrorKind::internal, "the run store holds \"" + text + "\" where a number belongs"};
    }
    return number;
}

}  // namespace

std::uint64_t Cells::number() {
    return parse<std::uint64_t>(text());
}
double Cells::real() {
    return parse<double>(text());
}

}  // namespace rowmill::store
