#include "gil.h"

#include <chrono>
#include <thread>

namespace hrnet_native::bindings {

void StayHere() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

GilReleased::~GilReleased() { WithoutUnwinding(PyEval_RestoreThread, state_); }

GilHeld::GilHeld() : state_(WithoutUnwinding(PyGILState_Ensure)) {}

}  // namespace hrnet_native::bindings
