#include "office.hpp"

#include <filesystem>
#include <fstream>

using namespace rowmill;
using namespace rowmill::test;

namespace {

namespace fs = std::filesystem;

/// A folder of jobs beside a file that is none of them.
struct Folder {
    explicit Folder(const std::string& schema = "rowmill") {
        fs::create_directory(root.path() + "/jobs");
        write("jobs/count.toml", "[job]\ndescription = \"Counts\"\n" + text);
        write("outside.toml", text);
        catalog = run::job_folder(root.path() + "/jobs", {}, schema);
    }

    void write(const std::string& name, const std::string& content) const { std::ofstream{root.path() + "/" + name} << content; }
    void link(const std::string& to, const std::string& name) const { fs::create_symlink(to, root.path() + "/" + name); }
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : catalog->entries()) names.push_back(entry.name);
        return names;
    }

    const std::string text = "[source]\ntable = \"t\"\n[action]\nstatement = \"UPDATE t SET n = 1 WHERE id = :id\"\n";
    TemporaryFolder root;
    std::shared_ptr<run::Catalog> catalog;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the jobs of a folder are its files at the moment, by name") {
    const Folder folder;
    CHECK(folder.names() == Names{"count"});
    folder.write("jobs/a b.toml", folder.text);
    folder.write("jobs/notes.txt", folder.text);
    folder.write("jobs/.hidden.toml", folder.text);
    fs::create_directory(folder.root.path() + "/jobs/folder.toml");
    CHECK(folder.names() == Names{"a b", "count"});
    CHECK(folder.catalog->find("a b"));
    CHECK(folder.catalog->find("count")->description == "Counts");
    CHECK_FALSE(folder.catalog->find(".hidden"));
    CHECK_FALSE(folder.catalog->find("folder"));
    fs::remove(folder.root.path() + "/jobs/count.toml");
    CHECK_FALSE(folder.catalog->find("count"));
    CHECK(error_of([&] { run::job_folder(folder.root.path() + "/none", {}, "rowmill"); }).kind() == ErrorKind::usage);
}

TEST_CASE("no name and no link leads to a file outside of the folder") {
    const Folder folder;
    folder.link("../outside.toml", "jobs/linked.toml");
    folder.link(folder.root.path() + "/outside.toml", "jobs/absolute.toml");
    folder.link("..", "jobs/up");
    fs::create_directory(folder.root.path() + "/jobs/inner");
    folder.write("jobs/inner/deep.toml", folder.text);
    folder.link("count.toml", "jobs/same.toml");
    CHECK(folder.names() == Names{"count", "same"});
    for (const std::string name : {"linked", "absolute", "../outside", "up/outside", "inner/deep", "/etc/passwd", "", ".", "..",
                                   "count.toml/../count", "./count"}) {
        CAPTURE(name);
        CHECK_FALSE(folder.catalog->find(name));
        CHECK(error_of([&] { folder.catalog->request(name, {}); }).kind() == ErrorKind::usage);
    }
    CHECK_FALSE(folder.catalog->find(std::string("count\0", 6)));
    const auto of = [&](const std::string& path) { return R"({"file":")" + folder.root.path() + path + R"(","params":[]})"; };
    CHECK(folder.catalog->request_of(of("/jobs/count.toml"), {}));
    CHECK_FALSE(folder.catalog->request_of(of("/outside.toml"), {}));
    CHECK_FALSE(folder.catalog->request_of(of("/jobs/../outside.toml"), {}));
    CHECK_FALSE(folder.catalog->request_of(of("/jobs/linked.toml"), {}));
    CHECK_FALSE(folder.catalog->request_of(R"({"table":"t","sql":"DELETE FROM t WHERE id = :id"})", {}));
    CHECK_FALSE(folder.catalog->request_of("no JSON", {}));
}

TEST_CASE("a job file that can't be read, or that keeps its runs elsewhere, is listed with what is wrong") {
    const Folder folder;
    folder.write("jobs/broken.toml", "[source]\ntabel = \"t\"\n");
    folder.write("jobs/elsewhere.toml", folder.text + "[store]\nschema = \"other\"\n");
    const auto entries = folder.catalog->entries();
    REQUIRE(entries.size() == 3);
    CHECK(entries[0].problem.find("tabel") != std::string::npos);
    CHECK(entries[1].problem.empty());
    CHECK(entries[2].problem.find("run store of its own") != std::string::npos);
    CHECK(error_of([&] { folder.catalog->request("broken", {}); }).kind() == ErrorKind::usage);
}

TEST_CASE("every parameter that is wrong is named at once, and a secret one without its text") {
    const Folder folder;
    folder.write("jobs/many.toml", folder.text + R"([params.number]
type = "integer"
required = true
min = 1
[params.day]
type = "date"
[params.kind]
type = "choice"
choices = ["red", "blue"]
[params.pin]
type = "integer"
secret = true
[params.ratio]
type = "number"
default = 0.5
[params.name]
required = true
)");
    const auto bad = error_of<run::BadParams>([&] {
        folder.catalog->request("many", {{"number", "0"}, {"day", "2024-02-30"}, {"kind", "green"}, {"pin", "hunter2"}, {"ratio", "x"}, {"colour", ""}});
    });
    CHECK(bad.by_name().size() == 7);
    for (const std::string name : {"number", "day", "kind", "pin", "ratio", "colour", "name"}) {
        CAPTURE(name);
        CHECK(bad.by_name().contains(name));
        CHECK(bad.by_name().at(name).find(name) != std::string::npos);
    }
    CHECK(std::string{bad.what()}.find("hunter2") == std::string::npos);

    const run::Request request = folder.catalog->request("many", {{"number", "7"}, {"day", ""}, {"kind", "red"}, {"pin", "1234"}, {"ratio", ""}, {"name", "n"}});
    CHECK(display(request.params.at("ratio")) == "0.5");
    CHECK(request.params.at("day").is_null());
    CHECK(request.definition.find("1234") == std::string::npos);
    CHECK(request.definition.find("number=7") != std::string::npos);
}
