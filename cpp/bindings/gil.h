#pragma once

#include <Python.h>

namespace hrnet_native::bindings {

// For threads that want the GIL of an interpreter that ends. Python up to 3.13 ends such a thread by unwinding its
// stack, and with it destructors that must not throw, or that need the GIL: the process aborts. Here the thread stays
// where it is instead, until the process ends.

/// Until the process ends.
[[noreturn]] void StayHere();

/// Calls what may take the GIL, such as a function of Python's C interface that runs Python code. It throws nothing.
template <typename Function, typename... Args>
auto WithoutUnwinding(const Function& function, Args... args) {
  try {
    return function(args...);
  } catch (...) {  // glibc's pthread_exit, which unwinds like an exception
    StayHere();
  }
}

// pybind11's gil_scoped_release and gil_scoped_acquire, without unwinding.

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
