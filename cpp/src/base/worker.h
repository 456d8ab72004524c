#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace hrnet_native {

/// One thread that runs tasks in order. Callers wait for theirs; what a task throws is thrown to its caller.
class Worker {
 public:
  Worker() : thread_([this] { Loop(); }) {}
  ~Worker() { Close(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Runs a task on the thread and waits for it. Throws Error kClosed after Close. Any thread but the worker's own.
  void Run(const std::function<void()>& task);

  /// Finishes the tasks that were accepted, runs `last_task` after them (what it throws is lost), then ends the thread.
  /// May be called again, from any thread; only the first call's last task is run.
  void Close(const std::function<void()>& last_task = [] {});

 private:
  void Loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::packaged_task<void()>> tasks_;
  bool closed_ = false;
  std::mutex join_mutex_;
  std::thread thread_;  // last: it uses the members above
};

}  // namespace hrnet_native
