#include "base/workers.h"

#include <algorithm>

namespace hrnet_native {

Workers::Workers(int cpus) : cpus_(cpus), free_(cpus) {
  const auto most = static_cast<std::size_t>(cpus - 1);  // one CPU at least is that of a caller
  threads_.reserve(most);                                // a thread that was started must find its place
  idle_.reserve(most);
}

Workers::~Workers() = default;

void Workers::Register(int most) {
  const std::lock_guard lock(threads_mutex_);
  const int wanted = wanted_ + most - 1;
  while (static_cast<int>(threads_.size()) < std::min(wanted, cpus_ - 1)) {
    threads_.push_back(std::make_unique<Worker>());
    const std::lock_guard idle_lock(mutex_);
    idle_.push_back(threads_.back().get());
  }
  wanted_ = wanted;
}

void Workers::Unregister(int most) {
  const std::lock_guard lock(threads_mutex_);
  wanted_ -= most - 1;
}

void Workers::Take(int most, std::vector<Worker*>& lent) {
  std::unique_lock lock(mutex_);
  if (free_ > 0 && first_ == nullptr) return Serve(most, lent);
  Waiting self(most, lent);
  (first_ == nullptr ? first_ : last_->next) = &self;
  last_ = &self;
  self.served.wait(lock, [&] { return self.is_served; });
}

void Workers::GiveBack(std::vector<Worker*>& lent) {
  const std::lock_guard lock(mutex_);
  free_ += 1 + static_cast<int>(lent.size());
  for (; !lent.empty(); lent.pop_back()) idle_.push_back(lent.back());
  for (; first_ != nullptr && free_ > 0; first_ = first_->next) {
    Serve(first_->most, first_->lent);
    first_->is_served = true;
    first_->served.notify_one();  // under the lock: the caller destroys it as soon as it may
  }
}

/// There are idle threads enough: those who take CPUs are registered, and hold one fewer threads than CPUs.
void Workers::Serve(int most, std::vector<Worker*>& lent) {
  const int taken = std::min(most, free_);
  free_ -= taken;
  for (int member = 1; member < taken; ++member) {
    lent.push_back(idle_.back());
    idle_.pop_back();
  }
}

}  // namespace hrnet_native
