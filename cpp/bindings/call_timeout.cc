#include "call_timeout.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "arguments.h"
#include "hrnet_native/error.h"

namespace hrnet_native::bindings {

CallTimeout::CallTimeout(const py::handle& timeout) : seconds_(ToOptional("timeout", timeout, ToNumber)) {
  if (!seconds_) return;
  text_ = py::str(py::float_(*seconds_));
  if (!(*seconds_ > 0)) throw Error(ErrorCode::kInvalidArgument, "timeout must be above 0 seconds, not " + text_);
}

std::optional<std::chrono::microseconds> CallTimeout::Next() {
  if (!seconds_) return std::nullopt;
  const auto now = Clock::now();
  is_split_ = begun_.has_value();
  if (!begun_) begun_ = now;
  constexpr double kEndless = 1e9;
  const double left = std::min(*seconds_, kEndless) - std::chrono::duration<double>(now - *begun_).count();
  return std::chrono::microseconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(left * 1e6))));
}

std::exception_ptr CallTimeout::Whole(const std::exception_ptr& error) const {
  if (!is_split_) return error;
  try {
    std::rethrow_exception(error);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::kDeadlineExceeded) return error;
    const std::string message = "the time-out of " + text_ + " s passed before all images were run";
    return std::make_exception_ptr(Error(e.code(), message));
  } catch (...) {
    return error;
  }
}

}  // namespace hrnet_native::bindings
