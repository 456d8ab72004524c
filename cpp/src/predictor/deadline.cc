#include "predictor/deadline.h"

#include "base/str_cat.h"

namespace hrnet_native {

std::optional<Deadline> DeadlineOf(const RequestOptions& options, Clock::time_point asked) {
  if (!options.timeout) return std::nullopt;
  if (options.timeout->count() <= 0) {
    throw Error(ErrorCode::kInvalidArgument, StrCat("timeout must be above 0, not ", options.timeout->count(), " us"));
  }
  if (*options.timeout > kLongestWait) return std::nullopt;
  return Deadline{asked + *options.timeout, *options.timeout};
}

Error Late(const Deadline& deadline, const char* what) {
  const double seconds = std::chrono::duration<double>(deadline.timeout).count();
  return {ErrorCode::kDeadlineExceeded, StrCat("the time-out of ", seconds, " s passed before ", what)};
}

}  // namespace hrnet_native
