#pragma once

#include "app/commands.hpp"

#include <rowmill/app.hpp>

#include <memory>
#include <string>
#include <vector>

namespace rowmill {

/// What an App declares.
struct App::Jobs {
    std::string name, description;
    std::vector<std::unique_ptr<Job>> jobs;
    app::Declarations declarations;

    void add_commands(cli::Program& program) const;
};

}  // namespace rowmill
