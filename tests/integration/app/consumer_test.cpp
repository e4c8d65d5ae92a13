#include "bookshop.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

using namespace rowmill;
using namespace rowmill::test;

namespace {

namespace fs = std::filesystem;

/// What rowmill itself is built on. No user of the library is to need the headers of any.
constexpr std::string_view dependencies[] = {"/boost/", "/mysql", "/mariadb", "/fmt/",     "/spdlog/",
                                             "/CLI/",   "/toml",  "/curl/",   "/openssl/", ROWMILL_SOURCE_DIR};

void must_succeed(const std::vector<std::string>& command) {
    const Finished finished = run_process(command, {}, std::chrono::minutes{10});
    if (!finished.succeeded())
        throw std::runtime_error{command.front() + " " + command.at(1) + ": " + finished.how() + "\n" +
                                 finished.output + finished.errors};
}

/// An installed copy of rowmill in a folder of its own, and what was built against it.
class Installed {
public:
    Installed() {
        must_succeed({"cmake", "--install", ROWMILL_BUILD_FOLDER, "--prefix", prefix().string()});
    }

    fs::path prefix() const { return fs::path{folder_.path()} / "prefix"; }

    /// Configures and builds a project; its folder.
    fs::path build(const std::string& project) const {
        const fs::path into = fs::path{folder_.path()} / "build" / project;
        const std::string sanitize = ROWMILL_SANITIZE;
        must_succeed({"cmake", "-S", (fs::path{ROWMILL_SOURCE_DIR} / project).string(), "-B", into.string(), "-G",
                      "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_PREFIX_PATH=" + prefix().string(),
                      "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror" + (sanitize.empty() ? "" : " -fsanitize=" + sanitize) +
                          // As rowmill itself: fences of Asio that this sanitizer can't see.
                          (sanitize == "thread" ? " -DBOOST_ASIO_DISABLE_FENCED_BLOCK -Wno-tsan" : "")});
        must_succeed({"cmake", "--build", into.string()});
        return into;
    }

    std::vector<fs::path> headers() const {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator{prefix() / "include" / "rowmill"})
            found.push_back(entry.path());
        return found;
    }

    /// Every file that a header, compiled by itself, draws in.
    std::vector<std::string> drawn_in_by(const fs::path& header) const {
        const Finished finished = run_process({"c++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-I",
                                               (prefix() / "include").string(), "-MD", "-MF", "/dev/stdout", "-c", "-o",
                                               "/dev/null", "-x", "c++", "-include", header.string(), "/dev/null"});
        INFO(finished.errors);
        REQUIRE(finished.succeeded());
        std::vector<std::string> files;
        std::istringstream words{finished.output};
        for (std::string word; words >> word;)
            if (word.starts_with("/") && word != "/dev/null") files.push_back(word);
        return files;
    }

private:
    TemporaryFolder folder_;
};

/// Installed once for all tests.
const Installed& installed() {
    static const Installed copy;
    return copy;
}

std::vector<std::string> of_dependencies(const std::vector<std::string>& files) {
    std::vector<std::string> found;
    std::ranges::copy_if(files, std::back_inserter(found), [](const std::string& file) {
        return std::ranges::any_of(dependencies, [&](std::string_view dependency) { return says(file, dependency); });
    });
    return found;
}

Finished run_at(const fs::path& program, const Bookshop& shop, std::vector<std::string> arguments,
                const std::string& folder = {}) {
    arguments.insert(arguments.begin(), program.string());
    arguments.insert(arguments.end(), {"--store-schema", shop.store_name()});
    ProcessOptions options = shop.options();
    options.folder = folder;
    return run_process(arguments, options);
}

}  // namespace

TEST_CASE("an installed header compiles by itself, and draws in none of a dependency's") {
    const auto headers = installed().headers();
    REQUIRE(headers.size() >= 10);
    for (const fs::path& header : headers) {
        if (header.filename() == "coroutine.hpp") continue;
        const auto files = installed().drawn_in_by(header);
        REQUIRE(
            std::ranges::any_of(files, [&](const auto& file) { return file.ends_with(header.filename().string()); }));
        CHECK_MESSAGE(of_dependencies(files) == std::vector<std::string>{}, header.filename().string());
    }
}

TEST_CASE("the header for coroutines draws in Asio, and no other dependency") {
    const auto files = installed().drawn_in_by(installed().prefix() / "include" / "rowmill" / "coroutine.hpp");
    CHECK(std::ranges::any_of(files, [](const auto& file) { return file.ends_with("boost/asio/awaitable.hpp"); }));
    const auto drawn_in = of_dependencies(files);
    CHECK(std::ranges::all_of(drawn_in, [](const auto& file) { return says(file, "/boost/"); }));
}

TEST_CASE("a project that finds the installed copy works its jobs with functions, sessions and coroutines") {
    const fs::path built = installed().build("tests/consumer");
    Bookshop shop{40};
    shop.execute("CREATE TABLE placed (id INT PRIMARY KEY, shelf INT NOT NULL, title VARCHAR(20) NOT NULL)");
    shop.execute("INSERT INTO placed VALUES (7, 0, 'early')");
    const Finished filled = run_at(built / "shelves", shop, {"fill", "3"});
    INFO(filled.errors);
    CHECK(filled.how() == "exit 0");
    CHECK(shop.scalar("SELECT COUNT(*) FROM placed JOIN books USING (id, title) WHERE shelf = id MOD 3") == "39");
    CHECK(shop.status().at("skipped") == 1);

    const Finished rung = run_at(built / "doorbells", shop, {"ring"});
    INFO(rung.errors);
    CHECK(rung.how() == "exit 3");
    CHECK(shop.status().at("succeeded") == 36);
    CHECK(
        says(run_at(built / "doorbells", shop, {"failures", "2", "--json"}).output, R"("class":"std::domain_error")"));
}

TEST_CASE("a project that finds the installed copy follows a run that it has begun") {
    const fs::path built = installed().build("tests/consumer");
    Bookshop shop{40};
    const Finished followed = run_process({(built / "follower").string(), shop.store_name()}, shop.options());
    INFO(followed.errors);
    CHECK(followed.how() == "exit 0");
    CHECK(followed.output == "counted 40\n");
}

TEST_CASE("a program links with the library alone, by the name that holds its major version") {
    const fs::path built = installed().build("tests/consumer");
    const Finished linked = run_process({"readelf", "--dynamic", (built / "shelves").string()});
    REQUIRE(linked.succeeded());
    CHECK(says(linked.output, "Shared library: [librowmill.so.0]"));
    for (const char* hidden : {"libmariadb", "libmysqlpp", "libboost", "libcurl", "libfmt", "libprometheus"})
        CHECK_FALSE(says(linked.output, hidden));
}

TEST_CASE("the library shows what its headers declare, and nothing of what is inside") {
    const Finished shown = run_process({"nm", "--dynamic", "--defined-only", "--demangle",
                                        (installed().prefix() / ROWMILL_LIBRARY_FOLDER / "librowmill.so").string()});
    REQUIRE(shown.succeeded());
    for (const char* offered : {"rowmill::App::main(int, char**)", "rowmill::App::start(", "rowmill::Run::subscribe("})
        CHECK(says(shown.output, offered));
    for (const char* inside : {"rowmill::engine::", "rowmill::db::", "rowmill::run::", "rowmill::store::", "rowmill::web::", "mysqlpp::"})
        CHECK_FALSE(says(shown.output, inside));
}

TEST_CASE("the bookshop of the examples makes its previews") {
    const fs::path built = installed().build("examples/bookshop-cpp");
    Bookshop shop{1};
    shop.execute("ALTER TABLE books ADD publisher_id INT NOT NULL DEFAULT 7");
    shop.execute(
        "INSERT INTO books (id, title, publisher_id) VALUES (2, 'The Salt Road', 6), (3, '', 6), (5, 'No Bees', 6)");
    const Finished finished =
        run_at(built / "bookshop", shop, {"previews", "6", "--concurrency", "64"}, built.string());
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    CHECK(shop.status().at("skipped") == 1);
    for (const char* file : {"previews/2.ppm", "previews/5.ppm"}) {
        REQUIRE(fs::exists(built / file));
        std::ifstream image{built / file, std::ios::binary};
        std::string kind, size;
        std::getline(image, kind);
        std::getline(image, size);
        CHECK(kind == "P6");
        CHECK(size == "180 240");
        CHECK(fs::file_size(built / file) == 15 + 3 * 180 * 240);
    }
    CHECK_FALSE(fs::exists(built / "previews/1.ppm"));
    CHECK_FALSE(fs::exists(built / "previews/3.ppm"));
}
