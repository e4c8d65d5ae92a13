#pragma once

#include "job/document.hpp"
#include "job/read.hpp"

#include <rowmill/job.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace rowmill::app {

/// What a Job has been told, in the words of a job file, so that both are read and checked by the same code.
struct Declaration {
    /// `program` names it in errors, as the command line does: "bookshop previews".
    Declaration(const std::string& program, std::string job_name, std::string job_description);

    std::string place;  ///< "bookshop previews"
    std::string name, description;
    bool once = false;
    job::Node params, source, action, session, run;  ///< tables
    /// What is done with a row; SQL is in `action`.
    std::variant<std::monostate, EachFunction, BatchFunction, std::shared_ptr<const CoroutineFunction>> handler;
    bool is_handled_twice = false;  ///< by a handler and by SQL, or by two handlers
    bool retry_on_exception = false;

    bool has_handler() const { return !std::holds_alternative<std::monostate>(handler); }

    // Each puts a value under a key, in the place of an earlier one.
    void put_text(job::Node& table, const std::string& key, const std::string& text) const;
    void put_integer(job::Node& table, const std::string& key, std::uint64_t number) const;
    void put_number(job::Node& table, const std::string& key, double number) const;
    void put_boolean(job::Node& table, const std::string& key, bool value) const;
    void put_list(job::Node& table, const std::string& key, const std::vector<std::string>& texts) const;
    job::Node& put_table(job::Node& table, const std::string& key) const;

private:
    job::Node& put(job::Node& table, const std::string& key, job::Node::Kind kind, std::string text) const;
};

/// The job, with flags over its [run]. Throws Error{usage} that names the job and the key.
job::Job read_declaration(const Declaration& declaration, const job::Overrides& overrides);

}  // namespace rowmill::app
