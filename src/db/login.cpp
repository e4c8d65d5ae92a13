#include "db/login.hpp"

#include "db/names.hpp"
#include "db/option_file.hpp"

#include <rowmill/error.hpp>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

namespace rowmill::db {
namespace {

bool is_local(const std::string& host) {
    return host.empty() || host == "localhost";
}

/// What one place said of where the server is. Who names only a host means that host, not a socket that was named
/// elsewhere; who names only a socket means this machine. With both, a host that is not local wins, as with MySQL's
/// clients.
struct Place {
    std::optional<std::string> host, socket;

    void apply_to(Endpoint& endpoint) const {
        if (host) {
            endpoint.host = *host;
            if (!is_local(*host)) endpoint.socket.clear();
        }
        if (socket && (!host || is_local(*host))) {
            endpoint.socket = expand_home(*socket);
            if (!host) endpoint.host = "localhost";
        }
    }
};

/// What the option files said, applied in order.
class FileOptions {
public:
    explicit FileOptions(Endpoint& endpoint) : endpoint_{endpoint} {}

    void apply(const FileOption& option) {
        const std::string& name = option.name;
        if (apply_switch(option) || !option.value) return;
        const std::string& value = *option.value;
        if (name == "host")
            place_.host = value;
        else if (name == "socket")
            place_.socket = value;
        else if (name == "user")
            endpoint_.user = value;
        else if (name == "password")
            endpoint_.password = value;
        else if (name == "database")
            endpoint_.database = value;
        else if (name == "port")
            endpoint_.port = parse_port(value, option.where);
        else if (name == "connect-timeout")
            endpoint_.connect_timeout = parse_seconds(value, option.where);
        else if (name == "protocol")
            tcp_ = value == "tcp" || value == "TCP";
        else if (name == "ssl-ca")
            endpoint_.ssl_ca = expand_home(value);
        else if (name == "ssl-cert")
            endpoint_.ssl_cert = expand_home(value);
        else if (name == "ssl-key")
            endpoint_.ssl_key = expand_home(value);
        else if (name == "ssl-mode")
            set_mode(parse_ssl_mode(value, option.where));
    }

    void finish() {
        place_.apply_to(endpoint_);
        if (tcp_ && is_local(endpoint_.host)) {
            endpoint_.host = "127.0.0.1";
            endpoint_.socket.clear();
        }
        if (!mode_given_ && !endpoint_.ssl_ca.empty()) endpoint_.ssl_mode = SslMode::verify_ca;
    }

private:
    void set_mode(SslMode mode) {
        endpoint_.ssl_mode = mode;
        mode_given_ = true;
    }

    /// MariaDB's clients have switches instead of ssl-mode.
    bool apply_switch(const FileOption& option) {
        const bool off = option.value && (*option.value == "0" || *option.value == "OFF" || *option.value == "off");
        if (option.name == "ssl")
            set_mode(off ? SslMode::disabled : SslMode::required);
        else if (option.name == "skip-ssl" || option.name == "disable-ssl")
            set_mode(SslMode::disabled);
        else if (option.name == "ssl-verify-server-cert" && !off)
            set_mode(SslMode::verify_identity);
        else
            return false;
        return true;
    }

    Endpoint& endpoint_;
    Place place_;
    bool tcp_ = false;
    bool mode_given_ = false;
};

void apply_option_files(const LoginFlags& flags, Endpoint& endpoint) {
    const std::vector<std::string> groups = {"client", "rowmill"};
    FileOptions options{endpoint};
    if (flags.defaults_file) {
        const std::string path = expand_home(*flags.defaults_file);
        if (is_world_writable(path)) {
            throw Error{ErrorKind::usage,
                        path + " is writable for everybody; take that away (chmod o-w) before it is believed"};
        }
        for (const auto& option : read_option_file(path, groups)) options.apply(option);
    } else {
        for (const char* path : {"/etc/my.cnf", "/etc/mysql/my.cnf", "~/.my.cnf"}) {
            const std::string file = expand_home(path);
            // As MySQL's clients do, without a word: not there, not ours to read, or anybody's to write.
            if (::access(file.c_str(), R_OK) != 0 || is_world_writable(file)) continue;
            for (const auto& option : read_option_file(file, groups)) options.apply(option);
        }
    }
    options.finish();
}

std::string read_password(const std::string& path) {
    struct stat status {};
    std::ifstream file{path};
    if (!file || ::stat(path.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) {
        throw Error{ErrorKind::usage, "--password-file: cannot read " + path};
    }
    if (S_ISREG(status.st_mode) && (status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
        throw Error{ErrorKind::usage, "--password-file: " + path + " is open to everybody; chmod 600 it"};
    }
    std::string password;
    std::getline(file, password);
    if (!password.empty() && password.back() == '\r') password.pop_back();
    return password;
}

void apply_flags(const LoginFlags& flags, Endpoint& endpoint) {
    Place{flags.host, flags.socket}.apply_to(endpoint);
    if (flags.port) endpoint.port = *flags.port;
    if (flags.user) endpoint.user = *flags.user;
    if (flags.database) endpoint.database = *flags.database;
    if (flags.password_file) endpoint.password = read_password(expand_home(*flags.password_file));
    if (flags.ssl_mode) endpoint.ssl_mode = parse_ssl_mode(*flags.ssl_mode, "--ssl-mode");
}

std::string login_name() {
    const passwd* entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : "";
}

}  // namespace

Endpoint resolve_login(const LoginFlags& flags) {
    Endpoint endpoint;
    apply_option_files(flags, endpoint);
    if (flags.dsn) {
        endpoint = parse_dsn(*flags.dsn, std::move(endpoint));
    } else if (const char* dsn = std::getenv("ROWMILL_DSN"); dsn != nullptr && *dsn != '\0') {
        endpoint = parse_dsn(dsn, std::move(endpoint));
    }
    apply_flags(flags, endpoint);
    if (endpoint.user.empty()) endpoint.user = login_name();
    return endpoint;
}

}  // namespace rowmill::db
