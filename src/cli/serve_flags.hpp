#pragma once

#include "web/server.hpp"
#include "web/site.hpp"

#include <string>
#include <vector>

// CLI11 costs every file that includes it a second.
namespace CLI {
class App;
}

namespace rowmill::cli {

/// Where pages are served, and to whom.
struct ServeFlags {
    std::string token_file, tls_certificate, tls_key;
    std::vector<std::string> hosts;
    bool is_behind_proxy = false, is_read_only = false;

    void add_to(CLI::App& command);

    /// Throws Error{usage} for an address that others can reach without a token, or over which it would travel in the clear; and for a
    /// token that is short, or that others can read.
    web::ServerOptions server_at(const std::string& address) const;
    web::SiteOptions site() const;
};

}  // namespace rowmill::cli
