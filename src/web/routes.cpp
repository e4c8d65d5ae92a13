#include "web/routes.hpp"

#include "run/catalog.hpp"
#include "run/request.hpp"

#include <rowmill/error.hpp>

namespace rowmill::web {

Frame frame_of(const Place& place, const Visitor& visitor) {
    Frame frame;
    frame.program = place.program;
    frame.csrf = visitor.csrf;
    frame.may_change = visitor.may_change;
    frame.has_login = visitor.is_logged_in;
    return frame;
}

std::string steer(const Place& place, store::RunId run, unsigned refused, const std::function<std::string()>& action) {
    try {
        return action();
    } catch (const run::BadParams&) {
        throw;
    } catch (const run::JobChanged& changed) {
        Problem problem{refused, changed.what()};
        problem.may_accept_changes = true;
        throw problem;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::usage && error.kind() != ErrorKind::refused) throw;
        if (!place.desk.run(run)) throw no_such_run(run);
        throw Problem{refused, error.what()};
    }
}

Problem no_such_run(store::RunId run) {
    return Problem{404, "There is no run " + std::to_string(run) + "."};
}

job::Job find_job(const Place& place, const std::string& name) {
    if (std::optional<job::Job> job = place.desk.catalog().find(name)) return *std::move(job);
    throw Problem{404, "There is no job \"" + name + "\"."};
}

}  // namespace rowmill::web
