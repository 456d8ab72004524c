#include "predictor/list_call.h"

#include <algorithm>
#include <utility>

#include "hrnet_native/error.h"
#include "predictor/postprocess.h"
#include "predictor/run_sizes.h"

namespace hrnet_native {
namespace {

bool IsClosed(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& e) {
    return e.code() == ErrorCode::kClosed;
  } catch (...) {
    return false;
  }
}

}  // namespace

Pipeline::ListCall::ListCall(Pipeline& pipeline, const std::vector<ImageSource>& images, const RequestOptions& options)
    : pipeline_(pipeline),
      images_(images),
      asked_(Clock::now()),
      top_k_(pipeline.TopK(options)),
      deadline_(DeadlineOf(options, asked_)),
      is_given_up_(options.is_given_up),
      sizes_(RunSizes(images.size(), pipeline.options_.max_batch_size, pipeline.options_.num_instances)),
      outcomes_(images.size()),
      // One runs and one is ready for each instance; with two more the decoders seldom wait, for waking them takes
      // long.
      ring_(std::min(sizes_.size(), 2 * (static_cast<std::size_t>(pipeline.options_.num_instances) + 1))) {}

std::vector<Outcome> Pipeline::ListCall::Run() {
  Lock lock(mutex_);
  try {
    while (finished_ < sizes_.size()) {
      if (started_ < opened_ && At(started_).to_decode == 0) {
        Start(lock);
      } else if (finished_ < started_ && At(finished_).done) {
        Finish(lock);
      } else if (HasRoom()) {
        Open();
      } else if (!DecodeNext(lock)) {
        changed_.wait(lock);
      }
    }
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    Abandon(lock);
    pipeline_.statistics_->AddReject(std::current_exception(), static_cast<int>(images_.size() - settled_images_));
    throw;
  }
  return std::move(outcomes_);
}

void Pipeline::ListCall::Open() {
  Piece& piece = At(opened_);
  piece.begin = opened_images_;
  piece.size = piece.to_decode = sizes_[opened_];
  piece.done = false;
  piece.error = nullptr;
  piece.preparations.assign(piece.size, {asked_, asked_, asked_, asked_, false});
  piece.inputs.resize(piece.size * pipeline_.input_size());
  piece.scores.resize(piece.size * static_cast<std::size_t>(pipeline_.info_.num_classes));
  piece.served.clear();
  piece.served.reserve(piece.size);
  piece.request = std::make_shared<Request>();
  ++opened_;
  opened_images_ += piece.size;
  CallHelpers();
}

void Pipeline::ListCall::CallHelpers() {
  const std::size_t most = std::min(pipeline_.decoders_.max_threads(), opened_images_ - taken_images_) - 1;
  try {
    while (helpers_ < most && pipeline_.decoders_.Post([self = shared_from_this()] { self->Help(); })) ++helpers_;
  } catch (...) {
    return;  // without threads or memory for helpers the caller decodes alone
  }
}

/// On another thread. Those that come after the end of the call find nothing to do.
void Pipeline::ListCall::Help() {
  Lock lock(mutex_);
  while (DecodeNext(lock)) {
    if (GiveWay()) return;
  }
  --helpers_;
}

/// Lets a helper end and be called again where others wait for its thread: a list may be long. Returns whether it did.
bool Pipeline::ListCall::GiveWay() {
  TaskGroup& decoders = pipeline_.decoders_;
  try {
    return decoders.SomeWait() && decoders.Post([self = shared_from_this()] { self->Help(); });
  } catch (...) {
    return false;
  }
}

/// Decodes the next image that may be. Returns false if there is none.
bool Pipeline::ListCall::DecodeNext(Lock& lock) {
  if (taken_ == opened_) return false;
  Piece& piece = At(taken_);
  const std::size_t index = next_image_++;
  if (next_image_ == piece.size) {
    ++taken_;
    next_image_ = 0;
  }
  ++taken_images_;
  ++decoding_;
  lock.unlock();
  Decode(piece, index);
  lock.lock();
  --piece.to_decode;
  --decoding_;
  if (piece.to_decode == 0 || decoding_ == 0) changed_.notify_one();
  return true;
}

void Pipeline::ListCall::Decode(Piece& piece, std::size_t index) {
  try {
    if (deadline_ && deadline_->IsOver()) throw Late(*deadline_, "the image was decoded");
    float* chw = piece.inputs.data() + index * pipeline_.input_size();
    pipeline_.Prepare(images_[piece.begin + index], piece.preparations[index], chw);
  } catch (...) {
    outcomes_[piece.begin + index].error = std::current_exception();
  }
}

/// Hands the first piece that is decoded to the queue, and waits for room there.
void Pipeline::ListCall::Start(Lock& lock) {
  Piece& piece = At(started_++);
  lock.unlock();
  DropBadImages(piece);
  Request& request = *piece.request;
  request.deadline = deadline_;
  request.inputs = piece.inputs.data();
  request.batch = static_cast<int>(piece.served.size());
  request.scores = piece.scores.data();
  request.done = [this, &piece](const std::exception_ptr& error) {
    const std::lock_guard guard(mutex_);  // held while notifying: the caller destroys this as soon as it may
    piece.error = error;
    piece.done = true;
    changed_.notify_one();
  };
  if (piece.served.empty()) {
    request.done(nullptr);
  } else {
    pipeline_.Enqueue(piece.request);
  }
  lock.lock();
}

/// Closes the gaps in the inputs.
void Pipeline::ListCall::DropBadImages(Piece& piece) {
  const std::size_t input_size = pipeline_.input_size();
  float* inputs = piece.inputs.data();
  for (std::size_t i = 0; i < piece.size; ++i) {
    if (const auto& error = outcomes_[piece.begin + i].error) {
      pipeline_.statistics_->AddReject(error);
      ++settled_images_;
      continue;
    }
    const std::size_t to = piece.served.size();
    if (to != i) std::copy_n(inputs + i * input_size, input_size, inputs + to * input_size);
    piece.served.push_back(i);
  }
}

void Pipeline::ListCall::Finish(Lock& lock) {
  Piece& piece = At(finished_++);
  lock.unlock();
  if (piece.error && IsClosed(piece.error)) std::rethrow_exception(piece.error);
  if (piece.error) pipeline_.statistics_->AddReject(piece.error, static_cast<int>(piece.served.size()));
  const float* scores = piece.scores.data();
  for (const std::size_t i : piece.served) {
    outcomes_[piece.begin + i] = piece.error ? Outcome{{}, piece.error}
                                             : pipeline_.Answer(piece.preparations[i], *piece.request, scores, top_k_);
    scores += pipeline_.info_.num_classes;
  }
  settled_images_ += piece.served.size();
  if (is_given_up_ && finished_ < sizes_.size() && is_given_up_()) {
    throw Error(ErrorCode::kCancelled, "the call was given up");
  }
  lock.lock();
}

/// Waits until nobody uses what the call owns or borrows.
void Pipeline::ListCall::Abandon(Lock& lock) {
  taken_ = opened_;
  lock.unlock();
  for (std::size_t piece = finished_; piece < started_; ++piece) {
    pipeline_.queue_->End(At(piece).request, nullptr);
  }
  lock.lock();
  changed_.wait(lock, [this] {
    bool done = decoding_ == 0;
    for (std::size_t piece = finished_; piece < started_; ++piece) done = done && At(piece).done;
    return done;
  });
}

}  // namespace hrnet_native
