#include "engine/native/thread_team.h"

#include "base/os/wait.h"
#include "base/spin.h"
#include "base/start_thread.h"

namespace hrnet_native::native {

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

ThreadTeam::ThreadTeam(int size) : size_(size) {
  threads_.reserve(static_cast<std::size_t>(size - 1));  // a thread that runs must not find no room in the list
  try {
    for (int member = 1; member < size; ++member) threads_.push_back(StartThread([this, member] { Loop(member); }));
  } catch (...) {
    End();
    throw;
  }
}

ThreadTeam::~ThreadTeam() { End(); }

void ThreadTeam::End() {
  body_ = nullptr;
  runs_.Increment();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadTeam::Run(const std::function<void(int)>& body) {
  body_ = &body;
  runs_.Increment();
  body(0);
  Barrier();
}

void ThreadTeam::Barrier() {
  if (size_ == 1) return;
  const std::uint32_t barrier = barriers_.value();
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) == size_ - 1) {
    arrived_.store(0, std::memory_order_relaxed);
    barriers_.Increment();
  } else {
    barriers_.WaitWhile(barrier);
  }
}

void ThreadTeam::Loop(int member) {
  for (std::uint32_t run = 0;; ++run) {
    runs_.WaitWhile(run);
    if (body_ == nullptr) return;
    (*body_)(member);
    Barrier();
  }
}

}  // namespace hrnet_native::native
