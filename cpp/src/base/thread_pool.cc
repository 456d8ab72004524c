#include "base/thread_pool.h"

#include <utility>

#include "base/start_thread.h"

namespace hrnet_native {

ThreadPool::ThreadPool(int max_threads) : max_threads_(static_cast<std::size_t>(max_threads)) {
  threads_.reserve(max_threads_);  // a thread that was started must find its place
}

bool ThreadPool::Post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  tasks_.push_back(std::move(task));
  if (tasks_.size() > idle_ && threads_.size() < max_threads_) {
    try {
      threads_.push_back(StartThread([this] { Loop(); }));
    } catch (...) {
      if (threads_.empty()) {
        task = std::move(tasks_.back());  // which dies in the caller, not under the lock
        tasks_.pop_back();
        throw;
      }  // else those that there are will come to it
    }
  }
  changed_.notify_one();
  return true;
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
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it holds dies here: a destructor may post
    lock.lock();
  }
}

}  // namespace hrnet_native
