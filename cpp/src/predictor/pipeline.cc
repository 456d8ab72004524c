#include "predictor/pipeline.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/cpu_budget.h"
#include "base/file.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/decode.h"
#include "predictor/completion.h"
#include "predictor/future_state.h"
#include "predictor/postprocess.h"

namespace hrnet_native {
namespace {

std::optional<Deadline> DeadlineOf(const RequestOptions& options, Clock::time_point now) {
  if (!options.timeout) return std::nullopt;
  if (options.timeout->count() <= 0) {
    throw Error(ErrorCode::kInvalidArgument, StrCat("timeout must be above 0, not ", options.timeout->count(), " us"));
  }
  const bool is_endless = *options.timeout > std::chrono::hours(24 * 365);  // beyond it the clock could overflow
  return is_endless ? std::nullopt : std::optional(Deadline{now + *options.timeout, *options.timeout});
}

void ThrowIfLate(const std::optional<Deadline>& deadline) {
  if (deadline && deadline->IsOver()) throw Late(*deadline, "the image was decoded");
}

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

/// The course of one image up to the queue.
struct Pipeline::Image {
  Clock::time_point asked;  // the call began
  Clock::time_point begun;  // a thread took it up
  Clock::time_point decoded;
  Clock::time_point preprocessed;
  bool truncated = false;
};

/// Consecutive images of a list that are run as one request: at most max_batch_size.
struct Pipeline::Piece {
  const ImageSource* sources;
  Outcome* outcomes;
  std::vector<Image> images;
  std::vector<float> inputs;
  std::vector<float> scores;
  std::vector<std::size_t> served;  // the images that could be prepared; the request has them alone
  std::shared_ptr<Request> request = std::make_shared<Request>();
  Completion completion;
};

/// One submitted image.
struct Pipeline::Submission {
  ImageSource source;
  std::shared_ptr<const void> owner;
  std::function<void(const Outcome&)> on_done;
  int top_k;
  Image image;
  std::vector<float> input;
  std::vector<float> scores;
  std::shared_ptr<Request> request = std::make_shared<Request>();
  std::shared_ptr<Future::State> state = std::make_shared<Future::State>();
};

Pipeline::Pipeline(std::shared_ptr<const Bundle> bundle, std::shared_ptr<const LoadedModel> model,
                   const PredictorOptions& options)
    : bundle_(std::move(bundle)),
      model_(std::move(model)),
      options_(options),
      decode_options_(DecodeOptionsFor(options.image, bundle_->preprocess)),
      preprocessor_(bundle_->preprocess),
      statistics_(options.max_batch_size),
      queue_(std::make_shared<RequestQueue>(options.max_queue_size, options.max_batch_size, options.max_queue_delay)),
      decoders_(CpuBudget()),
      instances_(bundle_, model_, options_, *queue_, statistics_) {
  info_.name = bundle_->name;
  info_.labels = bundle_->labels;
  info_.num_classes = instances_.num_classes();
  info_.channels = bundle_->preprocess.channel_num;
  info_.height = bundle_->preprocess.crop_height;
  info_.width = bundle_->preprocess.crop_width;
  Warmup(options_.warmup, 1);
}

std::size_t Pipeline::input_size() const {
  return static_cast<std::size_t>(info_.channels) * static_cast<std::size_t>(info_.height) *
         static_cast<std::size_t>(info_.width);
}

int Pipeline::TopK(const RequestOptions& options) const {
  const int top_k = options.top_k.value_or(options_.top_k);
  if (top_k < 1) throw Error(ErrorCode::kInvalidArgument, StrCat("top_k must be at least 1, not ", top_k));
  return top_k;
}

/// Decodes, where needed, and preprocesses one image into the network's input.
void Pipeline::Prepare(const ImageSource& source, Image& image, float* chw) const {
  image.begun = image.decoded = Clock::now();
  if (const auto* view = std::get_if<ImageView>(&source)) {
    preprocessor_.Run(*view, chw);
  } else if (const auto* encoded = std::get_if<EncodedImage>(&source)) {
    PrepareEncoded({static_cast<const std::uint8_t*>(encoded->data), encoded->size}, image, chw);
  } else {
    PrepareFile(std::get<std::filesystem::path>(source), image, chw);
  }
  image.preprocessed = Clock::now();
}

void Pipeline::PrepareEncoded(EncodedBytes encoded, Image& image, float* chw) const {
  const auto& pixels = DecodeReusing(encoded, decode_options_);
  image.decoded = Clock::now();
  image.truncated = pixels.truncated();
  preprocessor_.Run(pixels.view(), chw);
}

void Pipeline::PrepareFile(const std::filesystem::path& path, Image& image, float* chw) const {
  const std::uintmax_t size = FileSize(path);
  try {
    DecodeBudget(decode_options_.limits).CheckEncodedBytes(size);
    const std::vector<std::uint8_t> bytes = ReadFile(path);
    PrepareEncoded({bytes.data(), bytes.size()}, image, chw);
  } catch (const Error& error) {
    throw Error(error.code(), StrCat(path, ": ", error.what()));
  }
}

void Pipeline::Preprocess(const ImageSource& image, float* chw) const {
  Image times;
  Prepare(image, times, chw);
}

std::vector<Outcome> Pipeline::Predict(const std::vector<ImageSource>& images, const RequestOptions& options) {
  const auto asked = Clock::now();
  const int top_k = TopK(options);
  const auto deadline = DeadlineOf(options, asked);
  std::vector<Outcome> outcomes(images.size());
  std::deque<std::unique_ptr<Piece>> running;
  const auto finish_first = [&] {
    Finish(*running.front(), top_k);
    running.pop_front();
  };
  const auto step = static_cast<std::size_t>(options_.max_batch_size);
  for (std::size_t begin = 0; begin < images.size(); begin += step) {
    // While the instances run pieces, the next one is decoded; no more are kept in memory.
    if (running.size() > static_cast<std::size_t>(options_.num_instances)) finish_first();
    auto piece = std::make_unique<Piece>();
    piece->sources = &images[begin];
    piece->outcomes = &outcomes[begin];
    piece->images.resize(std::min(step, images.size() - begin), {asked, asked, asked, asked, false});
    piece->request->deadline = deadline;
    Prepare(*piece);
    if (piece->served.empty()) continue;
    Start(*piece);
    running.push_back(std::move(piece));
  }
  while (!running.empty()) finish_first();
  for (const Outcome& outcome : outcomes) {
    if (outcome.error && IsClosed(outcome.error)) std::rethrow_exception(outcome.error);
  }
  return outcomes;
}

void Pipeline::Prepare(Piece& piece) {
  piece.inputs.resize(piece.images.size() * input_size());
  decoders_.ForEach(static_cast<int>(piece.images.size()), [&](int index) {
    const auto i = static_cast<std::size_t>(index);
    try {
      ThrowIfLate(piece.request->deadline);
      Prepare(piece.sources[i], piece.images[i], piece.inputs.data() + i * input_size());
    } catch (...) {
      piece.outcomes[i].error = std::current_exception();
    }
  });
  for (std::size_t i = 0; i < piece.images.size(); ++i) {
    if (piece.outcomes[i].error) {
      statistics_.AddReject(piece.outcomes[i].error);
      continue;
    }
    if (piece.served.size() != i) {
      std::copy_n(piece.inputs.data() + i * input_size(), input_size(),
                  piece.inputs.data() + piece.served.size() * input_size());
    }
    piece.served.push_back(i);
  }
}

void Pipeline::Start(Piece& piece) {
  Request& request = *piece.request;
  piece.scores.resize(piece.served.size() * static_cast<std::size_t>(info_.num_classes));
  request.inputs = piece.inputs.data();
  request.batch = static_cast<int>(piece.served.size());
  request.scores = piece.scores.data();
  request.done = [&piece](const std::exception_ptr& error) { piece.completion.End(error); };
  try {
    queue_->Admit(piece.request, true);
    queue_->Push(piece.request);
  } catch (const Error&) {
    piece.completion.End(std::current_exception());
  }
}

void Pipeline::Finish(Piece& piece, int top_k) {
  const std::exception_ptr error = piece.completion.Wait();
  if (error) statistics_.AddReject(error, static_cast<int>(piece.served.size()));
  const float* scores = piece.scores.data();
  for (const std::size_t i : piece.served) {
    piece.outcomes[i] = error ? Outcome{{}, error} : Answer(piece.images[i], *piece.request, scores, top_k);
    scores += info_.num_classes;
  }
}

Outcome Pipeline::Answer(const Image& image, const Request& request, const float* scores, int top_k) {
  Outcome outcome{hrnet_native::TopK(scores, info_.num_classes, top_k, bundle_->labels), nullptr};
  outcome.classification.truncated = image.truncated;
  statistics_.AddAnswer({image.decoded - image.begun, image.preprocessed - image.decoded,
                         (image.begun - image.asked) + (request.run_begin - image.preprocessed),
                         request.run_end - request.run_begin, Clock::now() - request.run_end});
  return outcome;
}

Future Pipeline::Submit(const ImageSource& image, const RequestOptions& options, std::shared_ptr<const void> owner,
                        std::function<void(const Outcome&)> on_done) {
  const auto asked = Clock::now();
  auto submission = std::make_shared<Submission>();
  submission->source = image;
  submission->owner = std::move(owner);
  submission->on_done = std::move(on_done);
  submission->top_k = TopK(options);
  submission->image.asked = asked;
  const std::shared_ptr<Request>& request = submission->request;
  request->deadline = DeadlineOf(options, asked);
  request->done = [this, submission](const std::exception_ptr& error) { Finish(*submission, error); };
  submission->state->cancel = [queue = std::weak_ptr(queue_), request = std::weak_ptr(request)] {
    const auto alive = queue.lock();
    const auto waiting = request.lock();
    return alive && waiting &&
           alive->End(waiting, std::make_exception_ptr(Error(ErrorCode::kCancelled, "the request was cancelled")));
  };
  const Future future(submission->state);
  try {
    queue_->Admit(request, false);
  } catch (const Error&) {
    request->done = nullptr;  // it holds the submission, which holds the request
    statistics_.AddReject(std::current_exception());
    throw;
  }
  decoders_.Post([this, submission] {  // after Close it is not run, but then the queue has ended the request
    if (!queue_->IsWaiting(submission->request)) return;
    try {
      submission->input.resize(input_size());
      submission->scores.resize(static_cast<std::size_t>(info_.num_classes));
      Prepare(submission->source, submission->image, submission->input.data());
      submission->request->inputs = submission->input.data();
      submission->request->scores = submission->scores.data();
      queue_->Push(submission->request);
    } catch (...) {
      queue_->End(submission->request, std::current_exception());
    }
  });
  return future;
}

void Pipeline::Finish(Submission& submission, const std::exception_ptr& error) {
  const std::function<void(const std::exception_ptr&)> self = std::move(submission.request->done);  // keeps it alive
  if (error) statistics_.AddReject(error);
  Outcome outcome = error ? Outcome{{}, error}
                          : Answer(submission.image, *submission.request, submission.scores.data(), submission.top_k);
  submission.state->Set(outcome);
  if (submission.on_done) submission.on_done(outcome);
}

void Pipeline::Infer(const float* nchw, int batch, float* scores, const RequestOptions& options) {
  if (batch < 1) throw Error(ErrorCode::kInvalidArgument, StrCat("batch must be at least 1, not ", batch));
  const auto asked = Clock::now();
  const auto deadline = DeadlineOf(options, asked);
  const int pieces = (batch + options_.max_batch_size - 1) / options_.max_batch_size;
  std::vector<std::shared_ptr<Request>> requests;
  Completion completion(pieces);
  std::exception_ptr error;
  for (int begin = 0; begin < batch; begin += options_.max_batch_size) {
    const auto request = std::make_shared<Request>();
    request->inputs = nchw + static_cast<std::size_t>(begin) * input_size();
    request->batch = std::min(options_.max_batch_size, batch - begin);
    request->scores = scores + static_cast<std::size_t>(begin) * static_cast<std::size_t>(info_.num_classes);
    request->deadline = deadline;
    request->done = [&completion](const std::exception_ptr& failure) { completion.End(failure); };
    requests.push_back(request);
    try {
      queue_->Admit(request, true);
      queue_->Push(request);
    } catch (const Error&) {
      completion.End(std::current_exception());
    }
  }
  error = completion.Wait();
  if (error) {
    statistics_.AddReject(error, batch);
    std::rethrow_exception(error);
  }
  for (const auto& request : requests) {
    const StageTimes times{
        {}, {}, request->run_begin - asked, request->run_end - request->run_begin, Clock::now() - request->run_end};
    for (int i = 0; i < request->batch; ++i) statistics_.AddAnswer(times);
  }
}

void Pipeline::Warmup(const std::vector<int>& batch_sizes, int iterations) {
  if (iterations < 1) {
    throw Error(ErrorCode::kInvalidArgument, StrCat("iterations must be at least 1, not ", iterations));
  }
  for (const int size : batch_sizes) {
    if (size >= 1 && size <= options_.max_batch_size) continue;
    throw Error(ErrorCode::kInvalidArgument,
                StrCat("batch_sizes must be from 1 to max_batch_size=", options_.max_batch_size, ", not ", size));
  }
  for (const int size : batch_sizes) {
    const std::vector<float> inputs(static_cast<std::size_t>(size) * input_size());
    const std::size_t classes = static_cast<std::size_t>(size) * static_cast<std::size_t>(info_.num_classes);
    for (int iteration = 0; iteration < iterations; ++iteration) {
      std::vector<float> scores(classes * static_cast<std::size_t>(options_.num_instances));
      Completion completion(options_.num_instances);
      for (int instance = 0; instance < options_.num_instances; ++instance) {
        const auto request = std::make_shared<Request>();
        request->inputs = inputs.data();
        request->batch = size;
        request->scores = scores.data() + static_cast<std::size_t>(instance) * classes;
        request->instance = instance;
        request->done = [&completion](const std::exception_ptr& error) { completion.End(error); };
        try {
          queue_->Admit(request, true);
          queue_->Push(request);
        } catch (const Error&) {
          completion.End(std::current_exception());
        }
      }
      if (const std::exception_ptr error = completion.Wait()) std::rethrow_exception(error);
    }
  }
}

Stats Pipeline::stats() const {
  Stats stats = statistics_.Snapshot();
  stats.queue_size = queue_->size();
  const EngineMemory memory = instances_.memory();
  stats.weights_bytes = memory.weights_bytes;
  stats.arena_bytes = memory.arena_bytes;
  stats.file_bytes = model_->file_bytes();
  return stats;
}

void Pipeline::Close() {
  queue_->Close();
  decoders_.Close();
  instances_.Join();
}

}  // namespace hrnet_native
