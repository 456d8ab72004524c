#include "hrnet_native/future.h"

#include <utility>

#include "predictor/future_state.h"

namespace hrnet_native {

Future::Future(std::shared_ptr<State> state) : state_(std::move(state)) {}

Classification Future::Get() const {
  const Outcome& outcome = state_->Wait();
  if (outcome.error) std::rethrow_exception(outcome.error);
  return outcome.classification;
}

bool Future::WaitFor(std::chrono::microseconds time) const { return state_->WaitFor(time); }
bool Future::Cancel() const { return state_->Cancel(); }

}  // namespace hrnet_native
