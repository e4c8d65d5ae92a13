#include "preview.hpp"

#include <rowmill/app.hpp>

#include <filesystem>

int main(int argc, char** argv) {
    rowmill::App app{"bookshop", "Batch jobs of the bookshop"};
    app.job("previews", "Create previews")
        .param<std::int64_t>("publisher_id", "Process books of PUBLISHER_ID")
        .param<std::string>("folder", "Where the previews go", {.otherwise = "previews"})
        .table("books")
        .where("publisher_id = :publisher_id")
        .columns({"title"})
        .each([](const rowmill::Item& book, rowmill::Context& context) -> rowmill::Outcome {
            const std::string title = book["title"].as_string();
            if (title.empty()) return rowmill::skip("it has no title");
            const std::filesystem::path folder = context.param<std::string>("folder");
            bookshop::make_preview(title, folder / (book["id"].as_string() + ".ppm"));
            return rowmill::success();
        });
    return app.main(argc, argv);
}
