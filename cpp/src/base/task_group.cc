#include "base/task_group.h"

#include <mutex>
#include <utility>

namespace hrnet_native {

bool TaskGroup::Post(std::function<void()> task) {
  const std::lock_guard lock(pool_.mutex_);
  if (closed_) return false;
  tasks_.push_back(std::move(task));
  try {
    pool_.TaskCame(*this);
  } catch (...) {
    task = std::move(tasks_.back());  // which dies in the caller, not under the lock
    tasks_.pop_back();
    throw;
  }
  return true;
}

bool TaskGroup::SomeWait() const {
  const std::lock_guard lock(pool_.mutex_);
  return pool_.waiting_ > 0;
}

void TaskGroup::Close() {
  ThreadPool::Lock lock(pool_.mutex_);
  closed_ = true;
  while (!tasks_.empty()) pool_.RunNext(*this, lock);
  finished_.wait(lock, [this] { return running_ == 0; });
}

}  // namespace hrnet_native
