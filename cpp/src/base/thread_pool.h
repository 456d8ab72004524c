#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>
#include <thread>

namespace hrnet_native {

class TaskGroup;

/// Up to `max_threads` threads for the tasks of groups. Each is started when there is a task and nobody idle to take
/// it, and ends when it has had none for a while. Groups take turns: a thousand tasks of one hold up no other's.
class ThreadPool {
 public:
  explicit ThreadPool(int max_threads, std::chrono::milliseconds longest_idleness = std::chrono::seconds(1));
  /// Joins the threads, and so is not for them. The groups must have gone before.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t max_threads() const { return max_threads_; }

 private:
  friend class TaskGroup;  // what groups hold is under `mutex_`, too
  using Lock = std::unique_lock<std::mutex>;
  using Threads = std::list<std::thread>;

  void TaskCame(TaskGroup& group);
  void AddThread();
  void RunNext(TaskGroup& group, Lock& lock);
  void Loop(Threads::iterator self);
  void End(Threads::iterator self, Lock& lock);

  const std::size_t max_threads_;
  const std::chrono::milliseconds longest_idleness_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<TaskGroup*> ready_;  // the groups with tasks that nobody has begun, in the order of their turns
  std::size_t waiting_ = 0;      // such tasks
  std::size_t idle_ = 0;
  bool closed_ = false;
  Threads threads_;
  std::thread ended_;  // the last that ended by itself: it joined the one before
};

}  // namespace hrnet_native
