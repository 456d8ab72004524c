#include "hrnet_native/future.h"

#include <utility>

#include "hrnet_native/error.h"
#include "predictor/future_state.h"

namespace hrnet_native {

Future::Future(std::shared_ptr<State> state) : state_(std::move(state)) {}

Future::State& Future::Use() const {
  if (state_) return *state_;
  throw Error(ErrorCode::kInvalidArgument,
              "this future was moved from: it can be destroyed and assigned to, but not be used");
}

Classification Future::Get() const {
  const Outcome& outcome = Use().Wait();
  if (outcome.error) std::rethrow_exception(outcome.error);
  return outcome.classification;
}

bool Future::WaitFor(std::chrono::microseconds time) const { return Use().WaitFor(time); }
bool Future::Cancel() const { return Use().Cancel(); }

}  // namespace hrnet_native
