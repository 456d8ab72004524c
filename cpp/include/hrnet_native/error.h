#pragma once

#include <stdexcept>
#include <string>

#include "hrnet_native/export.h"

namespace hrnet_native {

/// What went wrong, for callers that act on it. Python, REST and gRPC map these one to one. The numbers stay what they
/// are in later versions; 0 is none, for interfaces in which it means success.
enum class ErrorCode {
  kInvalidArgument = 1,     ///< An option or an array is not what was asked for.
  kInvalidImage = 2,        ///< Encoded bytes are not a complete image of a supported format.
  kNotFound = 3,            ///< A file or directory does not exist.
  kModelLoad = 4,           ///< A model directory is incomplete, damaged or inconsistent.
  kUnsupported = 5,         ///< This build, machine or version cannot do what was asked for.
  kQueueFull = 6,           ///< Too many requests wait already.
  kClosed = 7,              ///< The predictor was closed.
  kDeadlineExceeded = 8,    ///< The answer would have come too late.
  kCancelled = 9,           ///< The caller gave the request up.
  kForked = 10,             ///< The predictor belongs to the process that this one was forked from.
  kResourceExhausted = 11,  ///< The system gives no more threads.
  kInternal = 12,           ///< The engine failed while it ran.
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
