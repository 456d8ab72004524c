#include "predictor/request_queue.h"

#include <algorithm>
#include <utility>

#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

Error Closed() { return {ErrorCode::kClosed, "the predictor was closed"}; }
Error Late() { return {ErrorCode::kDeadlineExceeded, "the time-out passed before the engine began to run the image"}; }

}  // namespace

RequestQueue::RequestQueue(int max_size, int max_batch_size, std::chrono::microseconds max_delay)
    : max_size_(max_size), max_batch_size_(max_batch_size), max_delay_(max_delay) {}

void RequestQueue::Admit(const RequestPtr& request, bool wait) {
  std::unique_lock lock(mutex_);
  const auto admissible = [&] { return closed_ || max_size_ < 0 || size_ == 0 || size_ + request->batch <= max_size_; };
  if (request->deadline && *request->deadline <= Clock::now()) throw Late();
  if (!admissible()) {
    if (!wait) {
      throw Error(ErrorCode::kQueueFull, "the queue is full: " + std::to_string(size_) +
                                             " images wait, max_queue_size=" + std::to_string(max_size_));
    }
    if (!request->deadline) {
      room_.wait(lock, admissible);
    } else if (!room_.wait_until(lock, *request->deadline, admissible)) {
      throw Late();
    }
  }
  if (closed_) throw Closed();
  request->state_ = Request::State::kAdmitted;
  request->place_ = waiting_.insert(waiting_.end(), request);
  size_ += request->batch;
  if (!request->deadline) return;
  if (!watcher_.joinable()) watcher_ = std::thread([this] { WatchDeadlines(); });
  deadline_.notify_one();
}

void RequestQueue::Push(const RequestPtr& request) {
  {
    const std::lock_guard lock(mutex_);
    if (request->state_ != Request::State::kAdmitted) return;
    request->state_ = Request::State::kReady;
    request->ready_since_ = Clock::now();
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
  std::vector<RequestPtr> batch;
  ready_.wait(lock, [&] {
    if (!closed_) batch = TakeReady(instance, {});
    return closed_ || !batch.empty();
  });
  if (batch.empty() || batch.front()->instance || max_delay_.count() == 0) return batch;
  const auto images = [&batch] {
    int count = 0;
    for (const RequestPtr& request : batch) count += request->batch;
    return count;
  };
  ready_.wait_until(lock, batch.front()->ready_since_ + max_delay_, [&] {
    batch = TakeReady(instance, std::move(batch));
    return closed_ || images() >= max_batch_size_;
  });
  return batch;
}

/// Adds to the batch what is ready, in order, until one does not fit: those behind it shall not overtake it.
std::vector<RequestQueue::RequestPtr> RequestQueue::TakeReady(int instance, std::vector<RequestPtr> batch) {
  int images = 0;
  for (const RequestPtr& request : batch) images += request->batch;
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
    std::vector<RequestPtr> late;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      const RequestPtr request = *at++;
      if (!request->deadline) continue;
      if (*request->deadline > now) {
        next = std::min(next, *request->deadline);
        continue;
      }
      Remove(*request, Request::State::kEnded);
      late.push_back(request);
    }
    if (!late.empty()) {
      lock.unlock();
      for (const RequestPtr& request : late) request->done(std::make_exception_ptr(Late()));
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
