#pragma once

#include "bindings.h"

namespace hrnet_native::bindings {

// pybind11's gil_scoped_release and gil_scoped_acquire, but for a thread that wants the GIL of an interpreter that
// ends. Python up to 3.13 ends such a thread by unwinding its stack, and the first noexcept function on it, a
// destructor for one, calls std::terminate. Here the thread stays where it is instead, until the process ends.

/// The GIL is free as long as this lives.
class GilReleased {
 public:
  GilReleased() : state_(PyEval_SaveThread()) {}
  ~GilReleased();
  GilReleased(const GilReleased&) = delete;
  GilReleased& operator=(const GilReleased&) = delete;

 private:
  PyThreadState* state_;
};

/// The GIL is held as long as this lives; any thread.
class GilHeld {
 public:
  GilHeld();
  ~GilHeld() { PyGILState_Release(state_); }
  GilHeld(const GilHeld&) = delete;
  GilHeld& operator=(const GilHeld&) = delete;

 private:
  PyGILState_STATE state_;
};

}  // namespace hrnet_native::bindings
