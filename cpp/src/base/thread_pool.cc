#include "base/thread_pool.h"

#include <functional>
#include <utility>

#include "base/start_thread.h"
#include "base/task_group.h"

namespace hrnet_native {

ThreadPool::ThreadPool(int max_threads, std::chrono::milliseconds longest_idleness)
    : max_threads_(static_cast<std::size_t>(max_threads)), longest_idleness_(longest_idleness) {}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;  // from here on none ends by itself
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  if (ended_.joinable()) ended_.join();
}

/// Sees to it that somebody comes to a group's new task. Throws Error kResourceExhausted, or std::bad_alloc, if there
/// is no thread and none can be started.
void ThreadPool::TaskCame(TaskGroup& group) {
  if (waiting_ >= idle_ && threads_.size() < max_threads_) {
    try {
      AddThread();
    } catch (...) {
      if (threads_.empty()) throw;  // else those that there are will come to it
    }
  }
  ++waiting_;
  ready_.splice(ready_.end(), group.outside_);
  changed_.notify_one();
}

void ThreadPool::AddThread() {
  const auto self = threads_.emplace(threads_.end());  // first: a thread that was started must find its place
  try {
    *self = StartThread([this, self] { Loop(self); });
  } catch (...) {
    threads_.erase(self);
    throw;
  }
}

/// Runs the next task of a group that has one, without the lock.
void ThreadPool::RunNext(TaskGroup& group, Lock& lock) {
  std::function<void()> task = std::move(group.tasks_.front());
  group.tasks_.pop_front();
  --waiting_;
  ++group.running_;
  if (group.tasks_.empty()) {
    group.outside_.splice(group.outside_.end(), ready_, group.place_);
  } else {
    ready_.splice(ready_.end(), ready_, group.place_);
  }
  lock.unlock();
  task();
  task = nullptr;  // what it holds dies here: a destructor may post
  lock.lock();
  if (--group.running_ == 0) group.finished_.notify_all();
}

void ThreadPool::Loop(Threads::iterator self) {
  Lock lock(mutex_);
  while (!closed_) {
    ++idle_;
    const bool called = changed_.wait_for(lock, longest_idleness_, [this] { return closed_ || !ready_.empty(); });
    --idle_;
    if (!called) return End(self, lock);
    if (!closed_) RunNext(*ready_.front(), lock);
  }
}

/// A thread ends by itself, and leaves nothing of it for long: the next that ends joins it.
void ThreadPool::End(Threads::iterator self, Lock& lock) {
  std::thread before = std::exchange(ended_, std::move(*self));
  threads_.erase(self);
  lock.unlock();
  if (before.joinable()) before.join();
}

}  // namespace hrnet_native
