#include "run/required.hpp"

#include "progress/program_name.hpp"

namespace rowmill::run {

void require_store(store::Store& store, const db::Connector& connector) {
    if (store.is_current()) return;
    const std::string where = store.schema() + " on " + connector.endpoint().display();
    if (store.exists())
        throw Error{ErrorKind::usage, "the run store " + where + " was made by an earlier rowmill: rowmill init brings it up to date"};
    throw Error{ErrorKind::usage, "no run store " + store.schema() + " is to be seen on " + connector.endpoint().display() +
                                      ": nothing has run here yet, or this account may not read it, or --store-schema names another"};
}

store::RunRecord require_run(store::Store& store, store::RunId run) {
    if (auto found = store.find_run(run)) return *std::move(found);
    throw Error{ErrorKind::usage, "there is no run " + std::to_string(run) + " in this store; " + progress::program_name() +
                                      " status --all lists those there are"};
}

}  // namespace rowmill::run
