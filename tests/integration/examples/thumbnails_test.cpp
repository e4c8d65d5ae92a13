#include "example.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

using namespace rowmill;
using namespace rowmill::test;

namespace {

namespace fs = std::filesystem;

/// "120x80 JPEG", as Python's own library reads the file.
std::string measured(const Example& example, const std::string& picture) {
    const std::string script =
        "import sys; from PIL import Image; image = Image.open(sys.argv[1]); image.load();"
        "print(f'{image.width}x{image.height} {image.format}', end='')";
    const Finished finished = run_process({"/usr/bin/python3", "-c", script, picture}, example.options());
    return finished.succeeded() ? finished.output : finished.errors;
}

std::size_t files_in(const std::string& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder}, fs::directory_iterator{}));
}

void draw_covers(const Example& example) {
    const Finished drawn = run_process({"./draw-covers.py"}, example.options());
    INFO(drawn.errors);
    REQUIRE(drawn.succeeded());
}

}  // namespace

TEST_CASE(
    "thumbnails: a picture is made of each cover, a lost one is skipped, and what is no picture is kept to look at") {
    Example example{"thumbnails"};
    draw_covers(example);
    const Finished run = example.rowmill({"run", "thumbnails.toml", "--param", "size=120", "--summary", "json"});
    INFO(run.errors);
    REQUIRE(run.how() == "exit 3");
    const auto summary = json_lines(run.output).back();
    CHECK(summary.at("succeeded") == 22);
    CHECK(summary.at("skipped") == 1);
    CHECK(summary.at("dead_letters") == 1);
    CHECK(files_in(example.path("thumbnails")) == 22);
    CHECK(measured(example, "thumbnails/3.jpg") == "80x120 JPEG");
    CHECK(measured(example, "thumbnails/4.jpg") == "120x80 JPEG");
    CHECK(measured(example, "thumbnails/5.jpg") == "120x120 JPEG");
    const auto letters = example.dead_letters("1");
    REQUIRE(letters.size() == 1);
    CHECK(boost::json::serialize(letters.front()).find("13.png is no picture") != std::string::npos);
}

TEST_CASE("thumbnails: a second run makes the same files again, whole") {
    Example example{"thumbnails"};
    draw_covers(example);
    REQUIRE(example.rowmill({"run", "thumbnails.toml"}).how() == "exit 3");
    const std::string before = example.read("thumbnails/5.jpg");
    REQUIRE(example.rowmill({"run", "thumbnails.toml"}).how() == "exit 3");
    CHECK(example.read("thumbnails/5.jpg") == before);
    CHECK(files_in(example.path("thumbnails")) == 22);
}

TEST_CASE("thumbnails: a dead letter is tried again when its picture has been mended, and no other") {
    Example example{"thumbnails"};
    draw_covers(example);
    REQUIRE(example.rowmill({"run", "thumbnails.toml"}).how() == "exit 3");
    fs::copy_file(example.path("pictures/12.png"), example.path("pictures/13.png"),
                  fs::copy_options::overwrite_existing);
    fs::remove(example.path("thumbnails/5.jpg"));
    const Finished retried = example.rowmill({"retry", "1"});
    INFO(retried.errors);
    CHECK(retried.how() == "exit 0");
    CHECK(measured(example, "thumbnails/13.jpg") == "133x200 JPEG");
    CHECK_FALSE(fs::exists(example.path("thumbnails/5.jpg")));
    CHECK(example.dead_letters("1").empty());
}
