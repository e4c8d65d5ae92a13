#include "../../support/temporary_folder.hpp"
#include "db/login.hpp"
#include "db/option_file.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace rowmill;

namespace {

/// Sets a variable of the environment for a test case, and puts it back.
class EnvironmentVariable {
public:
    EnvironmentVariable(const char* name, const std::string& value) : name_{name} {
        if (const char* old = std::getenv(name)) before_ = old;
        ::setenv(name, value.c_str(), 1);
    }
    ~EnvironmentVariable() {
        if (before_)
            ::setenv(name_, before_->c_str(), 1);
        else
            ::unsetenv(name_);
    }
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

private:
    const char* name_;
    std::optional<std::string> before_;
};

/// A home folder of the test's own, with no ROWMILL_DSN.
class Home {
public:
    Home() : home_{"HOME", folder_.path()}, dsn_{"ROWMILL_DSN", ""} {}

    std::string write(const std::string& name, const std::string& text, unsigned mode = 0600) const {
        const std::string path = folder_.path() + "/" + name;
        std::filesystem::create_directories(std::filesystem::path{path}.parent_path());
        std::ofstream{path} << text;
        std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
        return path;
    }
    const std::string& path() const { return folder_.path(); }

private:
    test::TemporaryFolder folder_;
    EnvironmentVariable home_;
    EnvironmentVariable dsn_;
};

/// What the option file alone says, so that the machine's own /etc/my.cnf does not matter.
db::Endpoint from_file(const std::string& path) {
    db::LoginFlags flags;
    flags.defaults_file = path;
    return db::resolve_login(flags);
}

template <typename Call>
std::string refusal_of(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::usage);
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("the groups client and rowmill are read, and the later line wins") {
    const Home home;
    const auto file =
        home.write("my.cnf", "[client]\nuser=one\nport = 3307\n[mysqld]\nuser=mysql\n[rowmill]\nuser = two\n");
    const db::Endpoint endpoint = from_file(file);
    CHECK(endpoint.user == "two");
    CHECK(endpoint.port == 3307);
}

TEST_CASE("values may be quoted, and a hash outside quotes starts a comment") {
    const Home home;
    CHECK(from_file(home.write("a", "[client]\npassword = \"a#b 'c'\" # mine\n")).password == "a#b 'c'");
    CHECK(from_file(home.write("b", "[client]\npassword=abc#def\n")).password == "abc");
    CHECK(from_file(home.write("c", "[client]\npassword = 'back\\\\slash\\stab\\t'\n")).password ==
          "back\\slash tab\t");
    CHECK(from_file(home.write("d", "[client]\n# password=x\n; password=y\npassword=a=b\n")).password == "a=b");
}

TEST_CASE("dashes and underscores mean the same in names, and loose- is passed over") {
    const Home home;
    const db::Endpoint endpoint =
        from_file(home.write("a", "[client]\nloose-connect_timeout=7\nSSL_MODE=required\nno-such-option\nunknown=1\n"));
    CHECK(endpoint.connect_timeout == std::chrono::seconds{7});
    CHECK(endpoint.ssl_mode == db::SslMode::required);
}

TEST_CASE("MariaDB's TLS switches are understood") {
    const Home home;
    CHECK(from_file(home.write("a", "[client]\nssl\n")).ssl_mode == db::SslMode::required);
    CHECK(from_file(home.write("b", "[client]\nssl=0\n")).ssl_mode == db::SslMode::disabled);
    CHECK(from_file(home.write("c", "[client]\nskip-ssl\n")).ssl_mode == db::SslMode::disabled);
    CHECK(from_file(home.write("d", "[client]\nssl-verify-server-cert\n")).ssl_mode == db::SslMode::verify_identity);
    CHECK(from_file(home.write("e", "[client]\nssl-ca=~/ca.pem\n")).ssl_ca == home.path() + "/ca.pem");
    CHECK(from_file(home.write("e", "[client]\nssl-ca=~/ca.pem\n")).ssl_mode == db::SslMode::verify_ca);
}

TEST_CASE("included files and folders are read in place") {
    const Home home;
    home.write("conf.d/b.cnf", "[client]\nuser=b\n");
    home.write("conf.d/a.cnf", "[client]\nuser=a\nport=1111\n");
    home.write("conf.d/c.txt", "[client]\nuser=c\n");
    home.write("one.cnf", "[rowmill]\ndatabase=shop\n");
    const db::Endpoint endpoint = from_file(
        home.write("my.cnf", "!include " + home.path() + "/one.cnf\n!includedir ~/conf.d\n[client]\nport=2222\n"));
    CHECK(endpoint.database == "shop");
    CHECK(endpoint.user == "b");
    CHECK(endpoint.port == 2222);
}

TEST_CASE("an option file that cannot be understood is refused with its line") {
    const Home home;
    const auto refusal = [&](const std::string& text) {
        const std::string path = home.write("bad.cnf", text);
        return refusal_of([&] { from_file(path); });
    };
    CHECK(refusal("user=x\n").find("bad.cnf:1: an option before any [group]") != std::string::npos);
    CHECK(refusal("[client]\n[oops\n").find("bad.cnf:2") != std::string::npos);
    CHECK(refusal("!include " + home.path() + "/bad.cnf\n").find("too deep") != std::string::npos);
    CHECK(refusal("[client]\nport=99999999\n").find("bad.cnf:2") != std::string::npos);
    CHECK(refusal_of([&] { from_file(home.path() + "/none.cnf"); }).find("cannot read") != std::string::npos);
}

TEST_CASE("a defaults file that everybody may write is refused, and a home file like that is passed over") {
    const Home home;
    const auto open = home.write("open.cnf", "[client]\nuser=mallory\n", 0666);
    CHECK(refusal_of([&] { from_file(open); }).find("chmod") != std::string::npos);
    home.write(".my.cnf", "[client]\nuser=mallory\n", 0666);
    CHECK(db::resolve_login({}).user != "mallory");
}

TEST_CASE("the home folder's option file is read, ROWMILL_DSN wins over it, and flags win over both") {
    const Home home;
    home.write(".my.cnf", "[client]\nuser=file\npassword=from-file\nport=1111\nhost=db0\n");
    CHECK(db::resolve_login({}).user == "file");
    CHECK(db::resolve_login({}).host == "db0");

    const EnvironmentVariable dsn{"ROWMILL_DSN", "mysql://dsn@db1:2222/shop"};
    CHECK(db::resolve_login({}).user == "dsn");
    CHECK(db::resolve_login({}).password == "from-file");
    CHECK(db::resolve_login({}).port == 2222);

    db::LoginFlags flags;
    flags.user = "flag";
    flags.host = "db2";
    const db::Endpoint endpoint = db::resolve_login(flags);
    CHECK(endpoint.user == "flag");
    CHECK(endpoint.host == "db2");
    CHECK(endpoint.port == 2222);
    CHECK(endpoint.database == "shop");

    flags.dsn = "mysql://other@db3/";
    flags.user.reset();
    flags.host.reset();
    CHECK(db::resolve_login(flags).user == "other");
}

TEST_CASE("a host flag leaves the file's socket, and a socket flag the file's host") {
    const Home home;
    db::LoginFlags flags;
    flags.defaults_file = home.write("a", "[client]\nsocket=/run/a.sock\n");
    CHECK(db::resolve_login(flags).socket == "/run/a.sock");
    flags.host = "localhost";
    CHECK(db::resolve_login(flags).socket == "/run/a.sock");
    flags.host = "127.0.0.1";
    CHECK(db::resolve_login(flags).socket.empty());

    db::LoginFlags local;
    local.defaults_file = home.write("b", "[client]\nhost=db0\n");
    local.socket = "/run/b.sock";
    CHECK(db::resolve_login(local).socket == "/run/b.sock");
}

TEST_CASE("a host in a file that is not local wins over the socket beside it") {
    const Home home;
    CHECK(from_file(home.write("a", "[client]\nsocket=/run/a.sock\nhost=db0\n")).socket.empty());
    CHECK(from_file(home.write("b", "[client]\nprotocol=tcp\n")).host == "127.0.0.1");
}

TEST_CASE("localhost with a port stays the local socket") {
    const Home home;
    db::LoginFlags flags;
    flags.defaults_file = home.write("empty", "");
    flags.port = 3307;
    CHECK(db::resolve_login(flags).host == "localhost");
}

TEST_CASE("the user defaults to the login name") {
    const Home home;
    CHECK_FALSE(from_file(home.write("empty", "")).user.empty());
}

TEST_CASE("a password file's first line is the password") {
    const Home home;
    db::LoginFlags flags;
    flags.defaults_file = home.write("empty", "");
    flags.password_file = home.write("password", "se cret\r\nsecond line\n");
    CHECK(db::resolve_login(flags).password == "se cret");
}

TEST_CASE("a password file that is missing or open to everybody is refused") {
    const Home home;
    db::LoginFlags flags;
    flags.defaults_file = home.write("empty", "");
    flags.password_file = home.path() + "/none";
    CHECK(refusal_of([&] { db::resolve_login(flags); }).find("cannot read") != std::string::npos);
    flags.password_file = home.path();
    CHECK(refusal_of([&] { db::resolve_login(flags); }).find("cannot read") != std::string::npos);
    flags.password_file = home.write("open", "hunter2\n", 0644);
    const std::string refusal = refusal_of([&] { db::resolve_login(flags); });
    CHECK(refusal.find("chmod 600") != std::string::npos);
    CHECK(refusal.find("hunter2") == std::string::npos);
}
