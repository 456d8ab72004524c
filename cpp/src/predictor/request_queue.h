#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "hrnet_native/error.h"
#include "predictor/deadline.h"

namespace hrnet_native {

/// Images that are run together: inputs (batch, channels, height, width), scores (batch, num_classes), both borrowed
/// until `done` was called.
struct Request {
  Request() = default;
  Request(const float* from, int images, float* to) : inputs(from), batch(images), scores(to) {}

  const float* inputs = nullptr;
  int batch = 1;
  float* scores = nullptr;
  std::optional<int> instance = std::nullopt;  ///< The one that must run it, for warm-up; such a request runs alone.
  std::optional<Deadline> deadline = std::nullopt;
  /// Called once, without locks, on the thread that ends the request; null if the scores were written.
  std::function<void(const std::exception_ptr&)> done;

  Clock::time_point run_begin;  ///< Written by the instance that runs it.
  Clock::time_point run_end;

 private:
  friend class RequestQueue;
  enum class State {
    kNew,
    kInLine,   // waits for room, in Admit
    kRefused,  // got none
    kAdmitted,
    kReady,
    kRunning,
    kEnded
  };
  State state_ = State::kNew;
  Clock::time_point ready_since_;
  std::condition_variable* turn_ = nullptr;  // of the caller that waits in Admit
  std::list<std::shared_ptr<Request>>::iterator place_;
  std::multimap<Clock::time_point, Request*>::iterator deadline_place_;
};

/// The bounded queue between those who ask and the instances that run. A request takes its room by Admit, becomes
/// ready by Push (between the two its image may be decoded), and leaves when an instance takes it or End ends it.
/// Room is given in the order in which it was asked for: a request of many images is not overtaken by smaller ones that
/// would fit. Ends what is waiting at its deadline, on a thread that exists once a request has a deadline.
class RequestQueue {
 public:
  using RequestPtr = std::shared_ptr<Request>;
  using Requests = std::list<RequestPtr>;  // moved from list to list, which takes no memory and so cannot fail

  /// `max_size`: images that may wait; -1: any number. `max_delay`: how long Take waits for company.
  RequestQueue(int max_size, int max_batch_size, std::chrono::microseconds max_delay);
  ~RequestQueue() { Close(); }
  RequestQueue(const RequestQueue&) = delete;
  RequestQueue& operator=(const RequestQueue&) = delete;

  /// Takes room for a request, and waits for it if `wait`; else the request is refused where there is none or where
  /// others wait for it. A request of more images than the queue holds gets in when the queue is empty. Throws Error:
  /// kQueueFull, kDeadlineExceeded, kClosed, kResourceExhausted (no thread for deadlines); `done` is not called then.
  void Admit(const RequestPtr& request, bool wait);

  /// Lets instances take an admitted request; nothing if it has ended.
  void Push(const RequestPtr& request);

  /// Ends a request that waits with an error. Returns false if it runs or has ended already.
  bool End(const RequestPtr& request, const std::exception_ptr& error);

  /// Whether a request waits, for room or for an instance.
  bool IsWaiting(const RequestPtr& request) const;

  /// Waits for requests that `instance` may run, and takes as many as wait in order up to max_batch_size images, once
  /// they are as many, or one has waited for company long enough, or the queue is full; none after Close. The caller
  /// runs them and calls their `done`.
  Requests Take(int instance);

  /// Ends what waits with kClosed, and lets Take and Admit return. May be called again, from any thread but the one
  /// that calls `done` at a deadline.
  void Close();

  /// Images that wait.
  int size() const;

 private:
  bool HasRoomFor(const Request& request) const;
  bool IsFull() const;
  void AdmitFromLine();
  Clock::time_point DueTime(int instance) const;
  Requests TakeReady(int instance);
  void MoveOut(Request& request, Request::State state, Requests& to);
  void WakeWhoGathers();
  void WatchDeadline(Request& request, Clock::time_point deadline);
  void WatchDeadlines();

  const int max_size_;
  const int max_batch_size_;
  const std::chrono::microseconds max_delay_;
  const bool spins_;                     // with one CPU it would keep callers from theirs
  std::atomic<std::uint32_t> news_ = 0;  // changes where Take may have something to return, under the lock
  mutable std::mutex mutex_;
  std::condition_variable ready_;                               // a request became ready
  Requests requests_;                                           // in the order in which they came
  Requests::iterator line_ = requests_.end();                   // those from here on wait for room
  int size_ = 0;                                                // images of those before it
  std::multimap<Clock::time_point, Request*> deadlines_;        // of all that have one
  std::condition_variable watcher_should_look_;                 // a deadline came that is earlier, or Close
  Clock::time_point watcher_looks_ = Clock::time_point::max();  // if nobody wakes it
  bool closed_ = false;
  std::mutex join_mutex_;
  std::thread watcher_;
};

}  // namespace hrnet_native
