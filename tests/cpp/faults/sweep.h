#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <optional>

#include "faults.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

/// One operation while the system refuses something.
class Trial {
 public:
  Trial(Fault fault, Extent extent, long n) : fault_(fault), extent_(extent), n_(n) {}

  /// Runs `operation`, once for each trial. Returns whether it succeeded; what it throws must be what this library may
  /// throw.
  template <typename Operation>
  bool Succeeds(Operation operation) {
    const Injection injection(fault_, extent_, n_);
    bool succeeded = false;
    try {
      operation();
      succeeded = true;
    } catch (const Error& error) {
      code_ = error.code();
    } catch (const std::bad_alloc&) {
    }  // anything else ends the test
    happened_ = injection.happened();
    return succeeded;
  }

  bool happened() const { return happened_; }
  /// Of the Error that the operation threw, if it threw one.
  std::optional<ErrorCode> code() const { return code_; }

 private:
  Fault fault_;
  Extent extent_;
  long n_;
  bool happened_ = false;
  std::optional<ErrorCode> code_;
};

/// Calls `body` with the first call failing, then the second, and so on until nothing failed: every call, where they
/// are few, and ever fewer beyond. `body` makes its trial, and checks what the library is worth afterwards. Where it
/// does not come to an end, or ends the process, the name of the operation and the number of the call are printed.
void Sweep(const char* operation, Fault fault, Extent extent, const std::function<void(Trial&)>& body);

/// Every fault and extent.
void SweepAll(const char* operation, const std::function<void(Trial&)>& body);

}  // namespace hrnet_native
