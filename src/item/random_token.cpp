#include "item/random_token.hpp"

#include <array>
#include <cstdio>
#include <random>

namespace rowmill {

std::string random_token() {
    std::random_device source;
    std::string token;
    for (int i = 0; i < 4; ++i) {
        std::array<char, 9> digits{};
        std::snprintf(digits.data(), digits.size(), "%08x", source());
        token += digits.data();
    }
    return token;
}

}  // namespace rowmill
