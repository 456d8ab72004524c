#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/home_process.h"
#include "bindings.h"

namespace hrnet_native::bindings {

/// A thread that hands answers to Python: the core's threads must never wait for the GIL. Started by the first task.
class FutureNotifier : public std::enable_shared_from_this<FutureNotifier> {
 public:
  ~FutureNotifier();

  /// Queues what is to be done with the GIL held; any thread, with or without the GIL. Nothing is done after Close.
  void Post(std::function<void()> task);

  /// Does what is queued and joins the thread; on the thread itself, that is in a future's callback, it only lets it
  /// end. The GIL must not be held. Every owner calls this in the end: the thread keeps the notifier alive. Nothing in
  /// a forked child, which has no such thread.
  void Close();

  bool IsOwnThread() const { return thread_.get_id() == std::this_thread::get_id(); }

 private:
  void Loop();

  HomeProcess home_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool closed_ = false;
  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace hrnet_native::bindings
