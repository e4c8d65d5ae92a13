#include "action/outside.hpp"
#include "job/digest.hpp"

namespace rowmill::action {

std::string idempotency_token(const std::string& run_token, const Key& key) {
    // The length keeps a run's token and a key apart: no two pairs are written alike.
    return job::sha256(std::to_string(run_token.size()) + ":" + run_token + encode_key(key)).substr(0, 32);
}

}  // namespace rowmill::action
