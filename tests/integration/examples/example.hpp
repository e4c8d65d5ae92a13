#pragma once

#include "support/process.hpp"
#include "support/server.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json.hpp>

#include <string>
#include <vector>

namespace rowmill::test {

/// A folder of `examples/`, copied to a place of its own so that what it makes lies in nobody's way, with a schema that
/// its SQL has filled. All of it goes with the object.
class Example {
public:
    /// `name` is the folder; `schema.sql` in it is executed. Empty: a folder with the job files of `examples/` itself.
    explicit Example(const std::string& name);

    /// Executes a file of SQL, `path` being relative to the copy.
    void load(const std::string& path);
    std::string scalar(std::string_view sql) { return schema_.scalar(sql); }
    std::string store_name() const { return schema_.store_name(); }

    /// `rowmill ARGUMENTS…` in the folder, on the schema.
    Finished rowmill(std::vector<std::string> arguments) const;
    /// The options to run one of its scripts with.
    ProcessOptions options() const;
    void set_environment(const std::string& name, const std::string& value) { environment_[name] = value; }

    std::string path(const std::string& file) const { return folder_.path() + "/" + file; }
    std::string read(const std::string& file) const;
    void write(const std::string& file, const std::string& text) const;
    /// The dead letters of a run, as `failures --json` prints them.
    std::vector<boost::json::object> dead_letters(const std::string& run) const;

private:
    Schema schema_;
    TemporaryFolder folder_;
    std::map<std::string, std::string> environment_;
};

/// Each line of the text as an object.
std::vector<boost::json::object> json_lines(const std::string& text);

}  // namespace rowmill::test
