#pragma once

#include <rowmill/context.hpp>
#include <rowmill/export.hpp>
#include <rowmill/item.hpp>
#include <rowmill/outcome.hpp>
#include <rowmill/param.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace rowmill {

namespace app {
struct Declaration;
}

struct CoroutineFunction;
/// What a handler answers that is no Outcome. An awaitable<Outcome> is known with <rowmill/coroutine.hpp>.
template <typename Answer>
struct Awaited;

/// A handler of one row, or of several in one call, with an outcome for each of them in their order. Called from many
/// threads at once.
using EachFunction = std::function<Outcome(const Item&, Context&)>;
using BatchFunction = std::function<std::vector<Outcome>(const Items&, Context&)>;

/// A job as it is declared: what is read, what is done with a row, and how. What is wrong with a declaration is said
/// when the job is called, with exit code 2. The keys are those of the job file, and mean the same.
class ROWMILL_EXPORT Job {
public:
    explicit Job(std::unique_ptr<app::Declaration> declaration);
    ~Job();
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    /// A parameter: the next argument on the command line, or `--name VALUE`. In the filter it is `:name`, in a handler
    /// `context.param<Type>("name")`.
    template <typename Type>
    Job& param(std::string name, std::string description, Param<Type> how = {}) {
        return declare(std::move(name), std::move(description), std::move(how));
    }

    /// `table`, or `database.table`.
    Job& table(std::string name);
    /// Only rows for which this holds: SQL, with parameters as `:name`.
    Job& where(std::string filter);
    /// The columns that items have beside their key.
    Job& columns(std::vector<std::string> names);
    Job& key_index(std::string name);
    Job& from(std::vector<std::string> key);
    Job& to(std::vector<std::string> key);
    Job& partitions(std::vector<std::string> names);
    Job& descending();
    /// How long ids below the bound are waited for, where that is not left to rowmill.
    Job& settle(std::chrono::milliseconds time);

    /// What is done with each row: a function `(const Item&, Context&) -> Outcome`, or a coroutine that answers
    /// `awaitable<Outcome>` (include <rowmill/coroutine.hpp>). What throws is a failure. At least once: see the
    /// promises.
    template <typename Function>
    requires std::invocable<Function&, const Item&, Context&> Job& each(Function function) {
        using Answer = std::invoke_result_t<Function&, const Item&, Context&>;
        if constexpr (std::is_convertible_v<Answer, Outcome>)
            return handle(EachFunction{std::move(function)});
        else
            return handle(Awaited<Answer>::function(std::move(function)));
    }
    /// What is done with up to `size` rows at once.
    Job& each_batch(std::uint64_t size, BatchFunction function);
    /// What a handler throws is tried again, up to max_attempts.
    Job& retry_on_exception();
    /// SQL in place of a handler: exactly once, with the placeholders of the job file.
    Job& sql(std::string statement);
    Job& sql(std::vector<std::string> statements);

    /// Where a run with the same parameters has succeeded, there is nothing to do.
    Job& once();
    /// The defaults of the flags of the same name.
    Job& concurrency(unsigned items);
    /// As many items in flight as help, within these bounds.
    Job& adaptive_concurrency(unsigned least, unsigned most);
    Job& workers(unsigned count);
    Job& batch(std::uint64_t items);
    Job& target_time(std::chrono::milliseconds time);
    Job& rate(double items_a_second);
    Job& max_attempts(unsigned count);
    Job& backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest);
    /// A number of items, or a share: "1%".
    Job& max_failures(std::string limit);
    Job& timeout(std::chrono::milliseconds time);
    Job& sack_rows(std::uint64_t rows);
    Job& page_bytes(std::uint64_t bytes);
    Job& checkpoint_interval(std::chrono::milliseconds time);
    Job& checkpoint_items(std::uint64_t items);
    Job& lease(std::chrono::milliseconds time);
    Job& reconnect_for(std::chrono::milliseconds time);
    /// A key of the job file's [session], such as time_zone.
    Job& session(std::string key, std::string value);

private:
    friend class App;
    Job& declare(std::string name, std::string description, Param<std::int64_t> how);
    Job& declare(std::string name, std::string description, Param<double> how);
    Job& declare(std::string name, std::string description, Param<bool> how);
    Job& declare(std::string name, std::string description, Param<std::string> how);
    Job& handle(EachFunction function);
    Job& handle(std::shared_ptr<const CoroutineFunction> function);

    std::unique_ptr<app::Declaration> declaration_;
};

}  // namespace rowmill
