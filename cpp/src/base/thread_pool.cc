#include "base/thread_pool.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace hrnet_native {
namespace {

/// The indices of one ForEach. Helpers that start after its end find nothing left to do.
class Indices {
 public:
  Indices(int count, const std::function<void(int)>& work) : count_(count), left_(count), work_(work) {}

  void Help() {
    std::unique_lock lock(mutex_);
    while (next_ < count_) {
      const int index = next_++;
      lock.unlock();
      work_(index);
      lock.lock();
      if (--left_ == 0) finished_.notify_all();
    }
  }

  void Wait() {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable finished_;
  int next_ = 0;
  const int count_;
  int left_;
  const std::function<void(int)>& work_;  // the caller's, called only while it waits
};

}  // namespace

bool ThreadPool::Post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  tasks_.push_back(std::move(task));
  if (tasks_.size() > idle_ && threads_.size() < max_threads_) threads_.emplace_back([this] { Loop(); });
  changed_.notify_one();
  return true;
}

void ThreadPool::ForEach(int count, const std::function<void(int)>& work) {
  const auto indices = std::make_shared<Indices>(count, work);
  const int helpers = std::min(count - 1, static_cast<int>(max_threads_) - 1);
  for (int i = 0; i < helpers; ++i) Post([indices] { indices->Help(); });
  indices->Help();
  indices->Wait();
}

void ThreadPool::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  const std::lock_guard lock(join_mutex_);
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ThreadPool::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return closed_ || !tasks_.empty(); });
    --idle_;
    if (tasks_.empty()) return;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace hrnet_native
