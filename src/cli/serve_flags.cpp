#include "cli/serve_flags.hpp"

#include "progress/program_name.hpp"

#include <rowmill/error.hpp>

#include <CLI/CLI.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

namespace rowmill::cli {
namespace {

constexpr std::size_t shortest_token = 16;

std::string read_token(const std::string& path) {
    struct stat status {};
    std::ifstream file{path};
    if (!file || ::stat(path.c_str(), &status) != 0 || S_ISDIR(status.st_mode))
        throw Error{ErrorKind::usage, "--token-file: cannot read " + path};
    if (S_ISREG(status.st_mode) && (status.st_mode & (S_IROTH | S_IWOTH)) != 0)
        throw Error{ErrorKind::usage, "--token-file: " + path + " is open to everybody; chmod 600 it"};
    std::string token;
    std::getline(file, token);
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    token.erase(token.begin(), std::ranges::find_if_not(token, is_space));
    while (!token.empty() && is_space(token.back())) token.pop_back();
    if (token.size() < shortest_token)
        throw Error{ErrorKind::usage, "--token-file: the token in " + path + " is shorter than " + std::to_string(shortest_token) +
                                          " characters; `openssl rand -hex 24` makes a good one"};
    if (!std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; }))
        throw Error{ErrorKind::usage, "--token-file: the token in " + path + " must be plain ASCII without spaces: it travels in a header"};
    return token;
}

}  // namespace

void ServeFlags::add_to(CLI::App& command) {
    const std::string group = "Who may look";
    command.add_option("--token-file", token_file, "File whose first line lets people in: asked for by a form, or sent as a bearer token")
        ->type_name("FILE")
        ->group(group);
    command.add_flag("--behind-proxy", is_behind_proxy, "A proxy in front ends TLS, and says who asked for what (X-Forwarded-…)")
        ->group(group);
    command.add_option("--server-name", hosts, "Another name under which it may be asked for; may be repeated")
        ->type_name("NAME")
        ->take_all()
        ->allow_extra_args(false)
        ->group(group);
    command.add_option("--tls-cert", tls_certificate, "Certificate chain (PEM): serve over TLS")->type_name("FILE")->group(group);
    command.add_option("--tls-key", tls_key, "Its key (PEM)")->type_name("FILE")->group(group);
    command.add_flag("--read-only", is_read_only, "Nothing can be begun or changed from the pages")->group(group);
}

web::ServerOptions ServeFlags::server_at(const std::string& address) const {
    if (tls_certificate.empty() != tls_key.empty())
        throw Error{ErrorKind::usage, "--tls-cert and --tls-key belong together: give both of them"};
    const web::ServerOptions options{.address = web::parse_address(address), .tls_certificate = tls_certificate, .tls_key = tls_key};
    if (options.address.is_loopback()) return options;
    if (token_file.empty())
        throw Error{ErrorKind::usage, address + " can be reached from elsewhere: say with --token-file what lets people in, or listen "
                                                "on 127.0.0.1 and reach it by `ssh -L`"};
    if (tls_certificate.empty() && !is_behind_proxy)
        throw Error{ErrorKind::usage, address + " can be reached from elsewhere, and the token would travel in the clear: give "
                                                "--tls-cert and --tls-key, or --behind-proxy where a proxy in front ends TLS"};
    return options;
}

web::SiteOptions ServeFlags::site() const {
    web::SiteOptions options{.program = progress::program_name()};
    if (!token_file.empty()) options.guard.token = read_token(token_file);
    options.guard.is_read_only = is_read_only;
    options.guard.is_behind_proxy = is_behind_proxy;
    options.guard.is_tls = !tls_certificate.empty();
    options.guard.hosts = hosts;
    return options;
}

}  // namespace rowmill::cli
