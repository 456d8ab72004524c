#include "gil.h"

#include <chrono>
#include <thread>

namespace hrnet_native::bindings {
namespace {

[[noreturn]] void StayHere() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

}  // namespace

GilReleased::~GilReleased() {
  try {
    PyEval_RestoreThread(state_);
  } catch (...) {  // glibc's pthread_exit, which unwinds like an exception
    StayHere();
  }
}

GilHeld::GilHeld() {
  try {
    state_ = PyGILState_Ensure();
  } catch (...) {
    StayHere();
  }
}

}  // namespace hrnet_native::bindings
