#include "throttle/flag_file.hpp"

#include <rowmill/error.hpp>

#include <filesystem>
#include <system_error>

namespace rowmill::throttle {
namespace {

class FlagFile : public Throttle {
public:
    explicit FlagFile(std::string path) : path_{std::move(path)} {}

    std::string kind() const override { return "flag_file"; }
    std::string asks() const override { return "the flag file " + path_; }
    Reading look() override {
        std::error_code failed;
        const bool is_there = std::filesystem::exists(path_, failed);
        if (failed)
            throw Error{ErrorKind::fatal, "the flag file " + path_ + " can't be looked at: " + failed.message()};
        if (!is_there) return {};
        return {.strain = 2, .reason = "the flag file " + path_ + " is there"};
    }

private:
    std::string path_;
};

}  // namespace

std::unique_ptr<Throttle> flag_file(std::string path) {
    return std::make_unique<FlagFile>(std::move(path));
}

}  // namespace rowmill::throttle
