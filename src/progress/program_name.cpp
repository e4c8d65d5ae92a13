#include "progress/program_name.hpp"

#include <utility>

namespace rowmill::progress {
namespace {

std::string& stored_name() {
    static std::string name = "rowmill";
    return name;
}

}  // namespace

const std::string& program_name() {
    return stored_name();
}

void set_program_name(std::string name) {
    stored_name() = std::move(name);
}

}  // namespace rowmill::progress
