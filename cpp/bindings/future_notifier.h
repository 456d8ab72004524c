#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "base/home_process.h"

namespace hrnet_native::bindings {

/// A thread that hands answers to Python: the core's threads must never wait for the GIL.
class FutureNotifier : public std::enable_shared_from_this<FutureNotifier> {
 public:
  /// One task in a list that is made where there may be errors, so that posting it cannot fail.
  using Task = std::list<std::function<void()>>;

  ~FutureNotifier();

  /// Starts the thread, if it does not run; never after Close. Returns what Python's threading.get_ident() is on it; 0
  /// if there is none. Throws Error kResourceExhausted. Any thread, with or without the GIL.
  std::uint64_t Start();

  /// Queues what is to be done with the GIL held; any thread, with or without the GIL. Nothing is done after Close.
  void Post(Task task) noexcept;

  /// Does what is queued and joins the thread; on the thread itself, that is in a future's callback, it only lets it
  /// end. The GIL must not be held. Every owner calls this in the end: the thread keeps the notifier alive. Nothing in
  /// a forked child, which has no such thread.
  void Close();

  bool IsOwnThread() const;

 private:
  void Loop();

  HomeProcess home_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Task tasks_;
  bool closed_ = false;
  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace hrnet_native::bindings
