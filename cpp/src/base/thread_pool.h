#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace hrnet_native {

/// Up to `max_threads` threads, each started when there is a task and nobody idle to take it. Tasks must not throw, but
/// they and the destructors of what they hold may post others.
class ThreadPool {
 public:
  explicit ThreadPool(int max_threads);
  ~ThreadPool() { Close(); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Queues a task; after Close it does nothing and returns false. Throws Error kResourceExhausted if there is no
  /// thread and none can be started.
  bool Post(std::function<void()> task);

  std::size_t max_threads() const { return max_threads_; }

  /// Runs what was posted and joins the threads. May be called again, from any thread but the pool's own.
  void Close();

 private:
  void Loop();

  const std::size_t max_threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  std::size_t idle_ = 0;
  bool closed_ = false;
  std::mutex join_mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace hrnet_native
