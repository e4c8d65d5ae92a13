// Literals that a session's sql_mode ends elsewhere than rowmill does.

#include "workbench.hpp"

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// What a session of this sql_mode says of a job; "" where it takes it.
std::string refusal(const std::string& mode, const std::string& filter, const std::string& statement) {
    db::SessionSettings settings;
    // As the server's own mode would: the job file says nothing of it.
    settings.set["sql_mode"] = mode;
    Workbench bench{settings};
    bench.use("books", filter);
    try {
        action::check_literals(bench.session(), bench.job({statement}));
    } catch (const Error& error) {
        CHECK(name_of(error.kind()) == name_of(ErrorKind::usage));
        return error.what();
    }
    return {};
}

const std::string plain = "UPDATE books SET n = 1 WHERE :batch";
// To a server without escapes the literal ends behind the backslash, and the condition goes on with :batch OR ….
const std::string tricky = R"(UPDATE books SET title = 'a\' WHERE :batch OR title = ' OR 1 = 1 -- ')";

}  // namespace

TEST_CASE("a backslash in a literal is refused where the session takes it for a character") {
    const std::string statement = refusal("NO_BACKSLASH_ESCAPES", "", tricky);
    CHECK(contains(statement, "action.statement: the literal 'a\\' WHERE :batch OR title = '"));
    CHECK(contains(statement, "session.sql_mode"));
    CHECK(contains(refusal("NO_BACKSLASH_ESCAPES", R"(title = 'a\'')", plain), "source.where: the literal"));
    CHECK(contains(refusal("ANSI", R"("na\"me" = 1)", plain), "under ANSI_QUOTES"));
}

TEST_CASE("a backslash in a literal is fine where the session takes it for an escape, or there is none") {
    CHECK(refusal("STRICT_TRANS_TABLES", R"(title = 'a\'')", R"(UPDATE books SET title = "\"" WHERE :batch)").empty());
    CHECK(refusal("NO_BACKSLASH_ESCAPES", "title = 'a' -- \\", plain).empty());
    CHECK(refusal("ANSI_QUOTES", R"(title = 'a\'')", plain).empty());
}
