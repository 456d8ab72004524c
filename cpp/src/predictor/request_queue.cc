#include "predictor/request_queue.h"

#include <algorithm>
#include <utility>

#include "base/cpu_budget.h"
#include "base/spin.h"
#include "base/start_thread.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

Error Closed() { return {ErrorCode::kClosed, "the predictor was closed"}; }

constexpr const char* kRun = "the engine began to run the image";

}  // namespace

RequestQueue::RequestQueue(int max_size, int max_batch_size, std::chrono::microseconds max_delay)
    : max_size_(max_size), max_batch_size_(max_batch_size), max_delay_(max_delay), spins_(CpuBudget() > 1) {}

void RequestQueue::Admit(const RequestPtr& request, bool wait) {
  std::unique_lock lock(mutex_);
  const auto admissible = [&] { return closed_ || max_size_ < 0 || size_ == 0 || size_ + request->batch <= max_size_; };
  if (request->deadline && request->deadline->IsOver()) throw Late(*request->deadline, kRun);
  if (!admissible()) {
    if (!wait) {
      throw Error(ErrorCode::kQueueFull, "the queue is full: " + std::to_string(size_) +
                                             " images wait, max_queue_size=" + std::to_string(max_size_));
    }
    if (!request->deadline) {
      room_.wait(lock, admissible);
    } else if (!room_.wait_until(lock, request->deadline->at, admissible)) {
      throw Late(*request->deadline, kRun);
    }
  }
  if (closed_) throw Closed();
  if (request->deadline && !watcher_.joinable()) watcher_ = StartThread([this] { WatchDeadlines(); });
  request->place_ = waiting_.insert(waiting_.end(), request);
  request->state_ = Request::State::kAdmitted;
  size_ += request->batch;
  if (request->deadline) deadline_.notify_one();
}

void RequestQueue::Push(const RequestPtr& request) {
  {
    const std::lock_guard lock(mutex_);
    if (request->state_ != Request::State::kAdmitted) return;
    request->state_ = Request::State::kReady;
    request->ready_since_ = Clock::now();
    ++news_;
  }
  // An instance that may not take it, or that gathers company and is full, must not swallow the only signal.
  if (request->instance || max_delay_.count() > 0) {
    ready_.notify_all();
  } else {
    ready_.notify_one();
  }
}

bool RequestQueue::End(const RequestPtr& request, const std::exception_ptr& error) {
  {
    const std::lock_guard lock(mutex_);
    if (request->state_ != Request::State::kAdmitted && request->state_ != Request::State::kReady) return false;
    Remove(*request, Request::State::kEnded);
  }
  request->done(error);
  return true;
}

bool RequestQueue::IsWaiting(const RequestPtr& request) const {
  const std::lock_guard lock(mutex_);
  return request->state_ == Request::State::kAdmitted || request->state_ == Request::State::kReady;
}

std::vector<RequestQueue::RequestPtr> RequestQueue::Take(int instance) {
  std::unique_lock lock(mutex_);
  bool may_spin = spins_;
  while (!closed_) {
    const auto due = DueTime(instance);
    if (due == Clock::time_point::max() && may_spin) {
      // A caller that has just got its answer may ask again sooner than a sleeper wakes.
      may_spin = false;
      const std::uint32_t seen = news_;
      lock.unlock();
      SpinUntil([&] { return news_ != seen; });
      lock.lock();
    } else if (due == Clock::time_point::max()) {
      ready_.wait(lock);
    } else if (due > Clock::now()) {
      ready_.wait_until(lock, due);
    } else {
      return TakeReady(instance);
    }
  }
  return {};
}

/// When a batch for `instance` is to be taken: at once if it is full or nobody else can come, later if company is
/// waited for, never if nothing is ready. What waits for company stays in the queue, where it may be cancelled or be
/// late.
Clock::time_point RequestQueue::DueTime(int instance) const {
  auto due = Clock::time_point::max();
  int images = 0;
  for (const RequestPtr& request : waiting_) {
    if (request->state_ != Request::State::kReady || request->instance.value_or(instance) != instance) continue;
    images += request->batch;
    if (request->instance || images >= max_batch_size_ || images == max_size_) return Clock::time_point::min();
    due = std::min(due, request->ready_since_ + max_delay_);
    if (max_delay_.count() == 0) break;
  }
  return due;
}

/// Takes what is ready, in order, until one does not fit: those behind it shall not overtake it.
std::vector<RequestQueue::RequestPtr> RequestQueue::TakeReady(int instance) {
  std::vector<RequestPtr> batch;
  int images = 0;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const RequestPtr request = *at++;
    if (request->state_ != Request::State::kReady) continue;
    if (request->instance) {
      if (*request->instance != instance || !batch.empty()) continue;
    } else if (!batch.empty() && images + request->batch > max_batch_size_) {
      break;
    }
    Remove(*request, Request::State::kRunning);
    images += request->batch;
    batch.push_back(request);
    if (request->instance || images >= max_batch_size_) break;
  }
  return batch;
}

void RequestQueue::Remove(Request& request, Request::State state) {
  request.state_ = state;
  size_ -= request.batch;
  waiting_.erase(request.place_);
  room_.notify_all();
}

void RequestQueue::WatchDeadlines() {
  std::unique_lock lock(mutex_);
  while (!closed_) {
    const auto now = Clock::now();
    auto next = Clock::time_point::max();
    std::vector<std::pair<RequestPtr, std::exception_ptr>> late;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      const RequestPtr request = *at++;
      if (!request->deadline) continue;
      if (request->deadline->at > now) {
        next = std::min(next, request->deadline->at);
        continue;
      }
      Remove(*request, Request::State::kEnded);
      late.emplace_back(request, std::make_exception_ptr(Late(*request->deadline, kRun)));
    }
    if (!late.empty()) {
      lock.unlock();
      for (const auto& [request, error] : late) request->done(error);
      lock.lock();
    } else if (next == Clock::time_point::max()) {
      deadline_.wait(lock);
    } else {
      deadline_.wait_until(lock, next);
    }
  }
}

void RequestQueue::Close() {
  std::vector<RequestPtr> ended;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ++news_;
    while (!waiting_.empty()) {
      ended.push_back(waiting_.front());
      Remove(*waiting_.front(), Request::State::kEnded);
    }
    ready_.notify_all();
    room_.notify_all();
    deadline_.notify_all();
  }
  for (const RequestPtr& request : ended) request->done(std::make_exception_ptr(Closed()));
  const std::lock_guard lock(join_mutex_);
  if (watcher_.joinable()) watcher_.join();
}

int RequestQueue::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace hrnet_native
