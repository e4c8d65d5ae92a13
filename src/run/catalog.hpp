#pragma once

#include "job/job.hpp"
#include "run/request.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::run {

/// What was given for a job's parameters, by name, as texts: from a form, or from JSON.
using ParamTexts = std::map<std::string, std::string, std::less<>>;

/// Parameters that won't do: a sentence for each, by name. Its own sentence names them all.
class BadParams : public Error {
public:
    explicit BadParams(std::map<std::string, std::string> by_name);
    const std::map<std::string, std::string>& by_name() const { return by_name_; }

private:
    std::map<std::string, std::string> by_name_;
};

/// The jobs that this process offers to begin. Thread-safe.
struct Catalog {
    struct Entry {
        std::string name, description;
        std::string problem;  ///< why it can't be begun: the sentence of `read_job`; empty: it can
    };

    virtual ~Catalog() = default;
    /// In the order of their names.
    virtual std::vector<Entry> entries() = 0;
    /// As it is now. Absent: there is no such job. Throws Error{usage} where it can't be read.
    virtual std::optional<job::Job> find(std::string_view name) = 0;
    /// A request to begin it. Empty text is the same as none where the parameter is not required. Throws Error{usage} where there is no
    /// such job, BadParams that names every parameter that is missing, unknown or ill-typed.
    virtual Request request(std::string_view name, const ParamTexts& params) = 0;
    /// The job of a run that was begun with this definition. Absent: it is none of these. Throws Error{usage} where it can't be read.
    virtual std::optional<job::Job> job_of(const std::string& definition) = 0;
    /// A request to go on with a run that was begun with this definition, and with parameters that the store does not keep. Absent: it
    /// is of none of these jobs.
    virtual std::optional<Request> request_of(const std::string& definition, const ParamTexts& secrets) = 0;
};

/// The job files (*.toml) right inside a folder: those that are there at the moment, and no file outside it, whatever the name or a
/// symbolic link says. A job's name is its file's, without the ending. `login`: the server that the command line and the option files
/// name. `store_schema`: the run store that the runs are to be kept in; a job that keeps its own elsewhere can't be begun here. Throws
/// Error{usage} where the folder can't be read.
std::shared_ptr<Catalog> job_folder(const std::string& folder, db::Endpoint login, std::string store_schema);
/// No jobs at all.
std::shared_ptr<Catalog> empty_catalog();

/// The values of a job's parameters. Throws BadParams.
job::Params read_params(const job::Job& job, const ParamTexts& texts);

}  // namespace rowmill::run
