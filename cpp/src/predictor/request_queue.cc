#include "predictor/request_queue.h"

#include <algorithm>
#include <utility>

#include "base/cpu_budget.h"
#include "base/spin.h"
#include "base/start_thread.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

Error Closed() { return {ErrorCode::kClosed, "the predictor was closed"}; }

/// Of one that has a deadline.
Error TooLate(const Request& request) {
  // NOLINTNEXTLINE(bugprone-unchecked-optional-access): nothing else can be late
  return Late(*request.deadline, "the engine began to run the image");
}

/// The error that `make` returns, or what it throws where there is no memory for a message: whoever waits is told one.
template <typename Make>
std::exception_ptr ErrorFrom(const Make& make) {
  try {
    throw make();
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace

RequestQueue::RequestQueue(int max_size, int max_batch_size, std::chrono::microseconds max_delay)
    : max_size_(max_size), max_batch_size_(max_batch_size), max_delay_(max_delay), spins_(CpuBudget() > 1) {}

void RequestQueue::Admit(const RequestPtr& request, bool wait) {
  Requests place{request};
  std::unique_lock lock(mutex_);
  if (closed_) throw Closed();
  if (request->deadline && request->deadline->IsOver()) throw TooLate(*request);
  const bool others_wait = line_ != requests_.end();
  if (!wait && (others_wait || !HasRoomFor(*request))) {
    throw Error(ErrorCode::kQueueFull,
                StrCat("the queue is full: ", size_, " images wait", others_wait ? ", and callers for room" : "",
                       ", max_queue_size=", max_size_));
  }
  if (request->deadline) WatchDeadline(*request, request->deadline->at);  // the last that may throw
  request->place_ = place.begin();
  request->state_ = Request::State::kInLine;
  requests_.splice(requests_.end(), place);
  if (!others_wait) line_ = request->place_;
  AdmitFromLine();
  if (request->state_ != Request::State::kInLine) return;
  std::condition_variable turn;
  request->turn_ = &turn;
  WakeWhoGathers();
  turn.wait(lock, [&] { return request->state_ != Request::State::kInLine; });
  request->turn_ = nullptr;
  if (request->state_ == Request::State::kRefused) throw closed_ ? Closed() : TooLate(*request);
}

bool RequestQueue::HasRoomFor(const Request& request) const {
  return max_size_ < 0 || size_ == 0 || request.batch <= max_size_ - size_;
}

/// Whether nobody gets in before another leaves.
bool RequestQueue::IsFull() const { return max_size_ >= 0 && (size_ >= max_size_ || line_ != requests_.end()); }

void RequestQueue::AdmitFromLine() {
  for (; !closed_ && line_ != requests_.end() && HasRoomFor(**line_); ++line_) {
    Request& request = **line_;
    request.state_ = Request::State::kAdmitted;
    size_ += request.batch;
    if (request.turn_ != nullptr) request.turn_->notify_one();
  }
}

void RequestQueue::Push(const RequestPtr& request) {
  {
    const std::lock_guard lock(mutex_);
    if (request->state_ != Request::State::kAdmitted) return;
    request->state_ = Request::State::kReady;
    request->ready_since_ = Clock::now();
    ++news_;
  }
  // notify_one could wake an instance that may not take this request, or whose batch is full without it; then all are
  // woken.
  if (request->instance || max_delay_.count() > 0) {
    ready_.notify_all();
  } else {
    ready_.notify_one();
  }
}

bool RequestQueue::End(const RequestPtr& request, const std::exception_ptr& error) {
  Requests ended;
  {
    const std::lock_guard lock(mutex_);
    if (request->state_ != Request::State::kAdmitted && request->state_ != Request::State::kReady) return false;
    MoveOut(*request, Request::State::kEnded, ended);
  }
  request->done(error);
  return true;
}

bool RequestQueue::IsWaiting(const RequestPtr& request) const {
  const std::lock_guard lock(mutex_);
  return request->state_ == Request::State::kInLine || request->state_ == Request::State::kAdmitted ||
         request->state_ == Request::State::kReady;
}

RequestQueue::Requests RequestQueue::Take(int instance) {
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
  for (auto at = requests_.begin(); at != line_; ++at) {
    const Request& request = **at;
    if (request.state_ != Request::State::kReady || request.instance.value_or(instance) != instance) continue;
    images += request.batch;
    const bool is_all = images == size_ && IsFull();
    if (request.instance || images >= max_batch_size_ || is_all) return Clock::time_point::min();
    due = std::min(due, request.ready_since_ + max_delay_);
    if (max_delay_.count() == 0) break;
  }
  return due;
}

/// Takes what is ready, in order, until one does not fit: those behind it shall not overtake it.
RequestQueue::Requests RequestQueue::TakeReady(int instance) {
  Requests batch;
  int images = 0;
  for (auto at = requests_.begin(); at != line_;) {
    Request& request = **at++;
    if (request.state_ != Request::State::kReady) continue;
    if (request.instance) {
      if (*request.instance != instance || !batch.empty()) continue;
    } else if (!batch.empty() && images + request.batch > max_batch_size_) {
      break;
    }
    images += request.batch;
    MoveOut(request, Request::State::kRunning, batch);
    if (request.instance || images >= max_batch_size_) break;
  }
  return batch;
}

/// Ends a request's stay: moves it to the list, or refuses it where it has no room yet. Lets in who waits for its room.
void RequestQueue::MoveOut(Request& request, Request::State state, Requests& to) {
  if (request.deadline) deadlines_.erase(request.deadline_place_);
  if (request.place_ == line_) ++line_;
  if (request.state_ == Request::State::kInLine) {
    request.state_ = Request::State::kRefused;
    request.turn_->notify_one();
    requests_.erase(request.place_);  // it lives on in Admit, which tells its caller
  } else {
    request.state_ = state;
    size_ -= request.batch;
    to.splice(to.end(), requests_, request.place_);
  }
  AdmitFromLine();
  WakeWhoGathers();
}

/// Where nobody else can come, nobody need wait for company.
void RequestQueue::WakeWhoGathers() {
  if (max_delay_.count() > 0 && IsFull()) ready_.notify_all();
}

void RequestQueue::WatchDeadline(Request& request, Clock::time_point deadline) {
  if (!watcher_.joinable()) watcher_ = StartThread([this] { WatchDeadlines(); });
  request.deadline_place_ = deadlines_.emplace(deadline, &request);
  if (deadline >= watcher_looks_) return;
  watcher_looks_ = deadline;
  watcher_should_look_.notify_one();
}

void RequestQueue::WatchDeadlines() {
  std::unique_lock lock(mutex_);
  while (!closed_) {
    Requests late;
    const auto now = Clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      MoveOut(*deadlines_.begin()->second, Request::State::kEnded, late);
    }
    if (!late.empty()) {
      lock.unlock();
      for (const RequestPtr& request : late) request->done(ErrorFrom([&] { return TooLate(*request); }));
      late.clear();
      lock.lock();
    } else if (deadlines_.empty()) {
      watcher_looks_ = Clock::time_point::max();
      watcher_should_look_.wait(lock);
    } else {
      watcher_looks_ = deadlines_.begin()->first;
      watcher_should_look_.wait_until(lock, watcher_looks_);
    }
  }
}

void RequestQueue::Close() {
  Requests ended;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ++news_;
    while (!requests_.empty()) MoveOut(*requests_.front(), Request::State::kEnded, ended);
    ready_.notify_all();
    watcher_should_look_.notify_all();
  }
  for (const RequestPtr& request : ended) request->done(ErrorFrom(Closed));
  const std::lock_guard lock(join_mutex_);
  if (watcher_.joinable()) watcher_.join();
}

int RequestQueue::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace hrnet_native
