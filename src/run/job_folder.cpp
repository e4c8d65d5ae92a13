#include "run/catalog.hpp"

#include "job/read.hpp"
#include "run/definition.hpp"
#include "run/preparation.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace rowmill::run {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view ending = ".toml";

class JobFolder : public Catalog {
public:
    JobFolder(fs::path folder, db::Endpoint login, std::string store_schema)
        : folder_{std::move(folder)}, login_{std::move(login)}, store_schema_{std::move(store_schema)} {}

    std::vector<Entry> entries() override {
        std::vector<Entry> entries;
        std::error_code unreadable;
        for (const fs::directory_entry& file : fs::directory_iterator{folder_, unreadable}) {
            const std::string name = file.path().filename().string();
            if (!name.ends_with(ending)) continue;
            if (auto entry = entry_of(name.substr(0, name.size() - ending.size()))) entries.push_back(*std::move(entry));
        }
        std::ranges::sort(entries, {}, &Entry::name);
        return entries;
    }

    std::optional<job::Job> find(std::string_view name) override {
        const auto file = file_of(name);
        if (!file) return {};
        return read(*file);
    }

    Request request(std::string_view name, const ParamTexts& params) override {
        const auto file = file_of(name);
        if (!file) throw Error{ErrorKind::usage, "there is no job " + std::string{name} + " here"};
        return request_with(*file, {}, params);
    }

    std::optional<job::Job> job_of(const std::string& definition) override {
        const auto known = decode_definition(definition);
        const auto file = known ? own_file(known->file) : std::nullopt;
        if (!file) return {};
        return read(*file, known->overrides);
    }

    std::optional<Request> request_of(const std::string& definition, const ParamTexts& secrets) override {
        const auto known = decode_definition(definition);
        const auto file = known ? own_file(known->file) : std::nullopt;
        if (!file) return {};
        ParamTexts params{known->params.begin(), known->params.end()};
        for (const auto& [name, text] : secrets) params.insert_or_assign(name, text);
        return request_with(*file, known->overrides, params);
    }

private:
    /// What the name says is only ever looked for right inside the folder, whatever it is made of.
    std::optional<fs::path> file_of(std::string_view name) const {
        const bool is_plain = !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos &&
                              name.find('\0') == std::string_view::npos;
        if (!is_plain) return {};
        return own_file((folder_ / (std::string{name} + std::string{ending})).string());
    }

    /// The file's real path, where that is a job file of the folder.
    std::optional<fs::path> own_file(const std::string& path) const {
        if (path.empty()) return {};
        std::error_code missing;
        const fs::path real = fs::canonical(path, missing);
        if (missing || real.parent_path() != folder_ || real.extension() != ending) return {};
        if (real.filename().string().starts_with('.') || !fs::is_regular_file(real, missing)) return {};
        return real;
    }

    std::optional<Entry> entry_of(const std::string& name) {
        const auto file = file_of(name);
        if (!file) return {};
        try {
            return Entry{name, read(*file).description, {}};
        } catch (const Error& error) {
            return Entry{name, {}, error.what()};
        }
    }

    job::Job read(const fs::path& file, const std::map<std::string, std::string>& overrides = {}) const {
        job::Job job = job::read_job(file.string(), {overrides.begin(), overrides.end()});
        const bool is_kept_here = job.store_schema == job::Job{}.store_schema || job.store_schema == store_schema_;
        if (!is_kept_here || (!job.store_dsn.empty() && !is_same_server(db::parse_dsn(job.store_dsn, login_), login_)))
            throw Error{ErrorKind::usage, file.string() + " keeps its runs in a run store of its own ([store]), which is not the one "
                                                          "that is shown here"};
        job.store_schema = store_schema_;
        return job;
    }

    Request request_with(const fs::path& file, const std::map<std::string, std::string>& overrides, const ParamTexts& texts) const {
        Request request;
        request.job = read(file, overrides);
        request.params = read_params(request.job, texts);
        request.login = login_;
        Definition definition{.program = {}, .file = file.string(), .table = {}, .where = {}, .sql = {}};
        for (const auto& [name, text] : texts)
            if (!text.empty() && !request.job.find_param(name)->secret) definition.params.emplace_back(name, text);
        definition.overrides = overrides;
        request.definition = encode(definition);
        return request;
    }

    const fs::path folder_;  ///< its real path
    const db::Endpoint login_;
    const std::string store_schema_;
};

}  // namespace

std::shared_ptr<Catalog> job_folder(const std::string& folder, db::Endpoint login, std::string store_schema) {
    std::error_code failed;
    fs::path real = fs::canonical(folder, failed);
    if (!failed) fs::directory_iterator{real, failed};
    if (failed) throw Error{ErrorKind::usage, "the folder of jobs, " + folder + ", can't be read: " + failed.message()};
    return std::make_shared<JobFolder>(std::move(real), std::move(login), std::move(store_schema));
}

}  // namespace rowmill::run
