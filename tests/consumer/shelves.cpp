// Functions, sessions and the errors of both, over the table `books`.

#include <rowmill/app.hpp>

using rowmill::Context, rowmill::Item, rowmill::Outcome;

int main(int argc, char** argv) {
    rowmill::App app{"shelves", "Put books on shelves"};
    app.job("fill", "Put each book on a shelf")
        .param<std::int64_t>("shelves", "How many there are")
        .table("books")
        .columns({"title"})
        .each([](const Item& book, Context& context) -> Outcome {
            const std::int64_t shelf = book["id"].as_integer() % context.param<std::int64_t>("shelves");
            try {
                context.session().execute("INSERT INTO placed (id, shelf, title) VALUES (:id, :shelf, :title)",
                                          {{"id", book["id"]}, {"shelf", shelf}, {"title", book["title"]}});
            } catch (const rowmill::Error& error) {
                if (error.kind() != rowmill::ErrorKind::row) throw;
                return rowmill::skip(error.what());  // it stands there
            }
            const auto placed = context.session().query("SELECT COUNT(*) AS books FROM placed WHERE shelf = :shelf",
                                                        {{"shelf", shelf}});
            if (placed[0]["books"].as_integer() < 1) return rowmill::failure("it is on no shelf");
            return rowmill::success();
        });
    return app.main(argc, argv);
}
