#include "store/cells.hpp"

#include <charconv>

namespace rowmill::store {
namespace {

template <typename Number>
Number parse(std::string_view text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        throw Error{ErrorKind::internal, "the run store holds \"" + std::string{text} + "\" where a number belongs"};
    }
    return number;
}

}  // namespace

std::uint64_t number_in(std::string_view cell) {
    return parse<std::uint64_t>(cell);
}

std::uint64_t Cells::number() {
    return number_in(text());
}
double Cells::real() {
    return parse<double>(text());
}

}  // namespace rowmill::store
