#include "base/waitable_counter.h"

#include "base/os/wait.h"
#include "base/spin.h"

namespace hrnet_native {

void WaitableCounter::Increment() {
  value_.fetch_add(1);  // sequentially consistent, as sleepers_ is: either we see the sleeper or it sees the number
  if (sleepers_.load() > 0) os::WakeAll(value_);
}

void WaitableCounter::WaitWhile(std::uint32_t old) {
  if (SpinUntil([&] { return value() != old; })) return;  // longer than the imbalance of any layer
  sleepers_.fetch_add(1);
  while (value_.load() == old) os::Wait(value_, old);
  sleepers_.fetch_sub(1);
}

}  // namespace hrnet_native
