#pragma once

#include <stdexcept>
#include <string>

#include "hrnet_native/export.h"

namespace hrnet_native {

/// What went wrong, for callers that act on it. Python, REST and gRPC map these one to one.
enum class ErrorCode {
  kInvalidArgument,    ///< An option or an array is not what was asked for.
  kInvalidImage,       ///< Encoded bytes are not a complete image of a supported format.
  kNotFound,           ///< A file or directory does not exist.
  kModelLoad,          ///< A model directory is incomplete, damaged or inconsistent.
  kUnsupported,        ///< This build, machine or version cannot do what was asked for.
  kQueueFull,          ///< Too many requests wait already.
  kClosed,             ///< The predictor was closed.
  kDeadlineExceeded,   ///< The answer would have come too late.
  kCancelled,          ///< The caller gave the request up.
  kForked,             ///< The predictor belongs to the process that this one was forked from.
  kResourceExhausted,  ///< The system gives no more threads.
  kInternal,           ///< The engine failed while it ran.
};

/// The only exception that leaves this library, apart from std::bad_alloc.
class HRNET_NATIVE_EXPORT Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace hrnet_native
