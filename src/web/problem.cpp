#include "web/problem.hpp"

#include "progress/cells.hpp"
#include "run/catalog.hpp"

#include <rowmill/error.hpp>

#include <boost/json.hpp>

namespace rowmill::web {
namespace {

unsigned status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::unreachable:
        case ErrorKind::disconnected:
        case ErrorKind::overloaded:
        case ErrorKind::failover:
        case ErrorKind::disk_full:
        case ErrorKind::stopped:
        case ErrorKind::interrupted:
        case ErrorKind::replay:
            return 503;
        case ErrorKind::usage:
        case ErrorKind::refused:
        case ErrorKind::fatal:  // privileges, a missing table: found before the first row
        case ErrorKind::row:
        case ErrorKind::too_large:
            return 422;
        case ErrorKind::fenced:
            return 409;
        case ErrorKind::unsafe:
        case ErrorKind::internal:
            return 500;
    }
    return 500;
}

}  // namespace

Problem current_problem() {
    try {
        throw;
    } catch (const Problem& problem) {
        return problem;
    } catch (const run::BadParams& bad) {
        Problem problem{422, bad.what()};
        problem.params = bad.by_name();
        return problem;
    } catch (const run::Busy& busy) {
        return Problem{409, busy.what()};
    } catch (const Error& error) {
        return Problem{status_of(error.kind()), error.what()};
    } catch (...) {
        return Problem{500, "Something went wrong inside, which should not have. Nothing more is known here."};
    }
}

Response json_problem(const Problem& problem) {
    boost::json::object object{{"error", progress::valid_utf8(problem.what())}};
    if (!problem.params.empty()) {
        boost::json::object params;
        for (const auto& [name, sentence] : problem.params) params[progress::valid_utf8(name)] = progress::valid_utf8(sentence);
        object["params"] = std::move(params);
    }
    Response response = json(boost::json::serialize(object) + "\n", problem.status());
    response.headers.insert(response.headers.end(), problem.headers.begin(), problem.headers.end());
    return response;
}

}  // namespace rowmill::web
