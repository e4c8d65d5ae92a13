#pragma once

#include "support/server.hpp"
#include "support/trial.hpp"

#include <map>
#include <string>
#include <vector>

namespace rowmill::test {

/// A table `t` (id, mood) whose rows are worked on by a shell script, which writes down what it did.
class Works {
public:
    /// `script` is run by sh for each row, with ROWMILL_KEY and the like, $1 the row's mood and $LOG to be appended to; `run` is
    /// what [run] says beside quick retries.
    Works(std::uint64_t rows, const std::string& script, const std::string& run = {});

    void execute(const std::string& sql) { schema_.execute(sql); }
    void set_script(const std::string& script) const;
    Finished run(const std::vector<std::string>& flags = {}) const { return trial_.run(flags); }
    Finished command(const std::string& verb, const std::vector<std::string>& arguments) const {
        return trial_.command(verb, arguments);
    }
    const Trial& trial() const { return trial_; }
    std::string scalar(const std::string& sql) { return schema_.scalar(sql); }
    /// A cell of the run store.
    std::string stored(const std::string& select, const std::string& table);
    /// What the script wrote, line by line.
    std::vector<std::string> log() const;
    /// How often each line is there.
    std::map<std::string, unsigned> counted() const;

private:
    Schema schema_;
    Trial trial_;
};

}  // namespace rowmill::test
