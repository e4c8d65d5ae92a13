#include "app/declared_jobs.hpp"

#include "app/job_command.hpp"

#include <algorithm>
#include <utility>

namespace rowmill::app {
namespace {

class DeclaredJobs : public run::Catalog {
public:
    DeclaredJobs(const Declarations& declarations, const cli::ConnectionFlags& connection)
        : declarations_{declarations}, connection_{connection} {
        std::ranges::sort(declarations_, {}, &Declaration::name);
    }

    std::vector<Entry> entries() override {
        std::vector<Entry> entries;
        for (const Declaration* declaration : declarations_) entries.push_back({declaration->name, declaration->description, {}});
        return entries;
    }

    std::optional<job::Job> find(std::string_view name) override {
        const Declaration* declaration = find_declaration(name);
        if (declaration == nullptr) return {};
        return read(*declaration);
    }

    run::Request request(std::string_view name, const run::ParamTexts& params) override {
        const Declaration* declaration = find_declaration(name);
        if (declaration == nullptr) throw Error{ErrorKind::usage, "there is no job " + std::string{name} + " here"};
        // Names every parameter that won't do; the command line would stop at the first.
        run::read_params(read(*declaration), params);
        JobCommand command = command_of(*declaration);
        give(command, params);
        return request_of(command);
    }

    std::optional<job::Job> job_of(const std::string& definition) override {
        for (const Declaration* declaration : declarations_)
            if (JobCommand command = command_of(*declaration); command.take_definition(definition))
                return read(*declaration, command.run_section.overrides());
        return {};
    }

    std::optional<run::Request> request_of(const std::string& definition, const run::ParamTexts& secrets) override {
        for (const Declaration* declaration : declarations_) {
            JobCommand command = command_of(*declaration);
            give(command, secrets);
            if (command.take_definition(definition)) return request_of(command);
        }
        return {};
    }

private:
    const Declaration* find_declaration(std::string_view name) const {
        const auto found = std::ranges::find(declarations_, name, &Declaration::name);
        return found == declarations_.end() ? nullptr : *found;
    }

    job::Job read(const Declaration& declaration, const job::Overrides& overrides = {}) const {
        job::Job job = read_declaration(declaration, overrides);
        job.store_schema = connection_.schema_or(job.store_schema);
        return job;
    }

    JobCommand command_of(const Declaration& declaration) const {
        JobCommand command{declaration};
        command.connection = connection_;
        return command;
    }

    /// An empty text is a parameter that was not given, as a form has it.
    static void give(JobCommand& command, const run::ParamTexts& params) {
        for (const auto& [name, text] : params)
            if (!text.empty()) command.give(name, text);
    }

    static run::Request request_of(const JobCommand& command) {
        run::Request request = command.request();
        request.handler = make_handler(command.declaration());
        return request;
    }

    Declarations declarations_;
    const cli::ConnectionFlags connection_;
};

}  // namespace

std::shared_ptr<run::Catalog> declared_jobs(const Declarations& declarations, const cli::ConnectionFlags& connection) {
    return std::make_shared<DeclaredJobs>(declarations, connection);
}

}  // namespace rowmill::app
