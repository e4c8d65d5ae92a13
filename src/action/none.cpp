#include "action/none.hpp"

namespace rowmill::action {

void NoneAction::start(const engine::Batch& /*batch*/, engine::Context /*context*/, engine::Reply reply) {
    reply.answer({});
}

}  // namespace rowmill::action
