#pragma once

#include <rowmill/error.hpp>

#include <functional>
#include <string>

namespace rowmill::test {

/// The sentence of the error that a call throws, or "(no error)"; it must be of the kind.
inline std::string refusal(const std::function<void()>& call, ErrorKind kind = ErrorKind::usage) {
    try {
        call();
        return "(no error)";
    } catch (const Error& error) {
        return error.kind() == kind ? error.what() : "(of another kind) " + std::string{error.what()};
    }
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace rowmill::test
