#pragma once

#include "engine/lane.hpp"

namespace rowmill::action {

/// The `none` action: every item is a success at once. For runs that only read: to count, to measure.
class NoneAction : public engine::Action {
public:
    engine::Where runs_on() const override { return engine::Where::io; }
    /// There is nothing to be in flight.
    std::uint64_t make_room(std::uint64_t /*items*/) override { return 0; }
    void start(const engine::Batch& batch, engine::Context context, engine::Reply reply) override;
};

}  // namespace rowmill::action
