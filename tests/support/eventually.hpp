#pragma once

#include <chrono>
#include <functional>

namespace rowmill::test {

/// Asks again and again until the condition holds, for what can only be asked about (another process, a server's
/// state). False where it still did not hold after `limit`. Wait for a signal instead where there is one.
/// Not for information_schema.innodb_trx and its like: the server renews their content only after 100 ms without a
/// reader.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit = std::chrono::seconds{30});

}  // namespace rowmill::test
