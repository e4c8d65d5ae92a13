#include "job/digest.hpp"

#include <rowmill/error.hpp>

#include <openssl/evp.h>
#include <array>

namespace rowmill::job {

std::string sha256(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
        throw Error{ErrorKind::internal, "SHA-256 could not be computed by the crypto library"};
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
        text += digits[digest[i] >> 4];
        text += digits[digest[i] & 0x0F];
    }
    return text;
}

}  // namespace rowmill::job
