#include "predictor/pipeline.h"

#include <algorithm>
#include <utility>

#include "base/byte_source.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/decode.h"
#include "predictor/completion.h"
#include "predictor/future_state.h"
#include "predictor/list_call.h"
#include "predictor/postprocess.h"
#include "predictor/run_sizes.h"

namespace hrnet_native {

/// One submitted image.
struct Pipeline::Submission {
  ImageSource source;
  std::shared_ptr<const void> owner;
  std::function<void(const Outcome&)> on_done;
  int top_k;
  std::shared_ptr<Statistics> statistics;
  Preparation preparation;
  std::vector<float> input;
  std::vector<float> scores;
  Request request;  // whoever holds it, holds all of this
  std::shared_ptr<Future::State> state = std::make_shared<Future::State>();
};

Pipeline::Pipeline(std::shared_ptr<const Bundle> bundle, std::shared_ptr<const LoadedModel> model,
                   const PredictorOptions& options, std::shared_ptr<Runtime> runtime)
    : runtime_(std::move(runtime)),
      bundle_(std::move(bundle)),
      model_(std::move(model)),
      options_(options),
      decode_options_(DecodeOptionsFor(options.image, bundle_->preprocess)),
      preprocessor_(bundle_->preprocess),
      statistics_(std::make_shared<Statistics>(options.max_batch_size)),
      queue_(std::make_shared<RequestQueue>(options.max_queue_size, options.max_batch_size, options.max_queue_delay)),
      decoders_(runtime_->decoders()),
      instances_(bundle_, model_, options_, *queue_, *statistics_) {
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
void Pipeline::Prepare(const ImageSource& source, Preparation& preparation, float* chw) const {
  preparation.begun = preparation.decoded = Clock::now();
  if (const auto* view = std::get_if<ImageView>(&source)) {
    preprocessor_.Run(*view, chw);
  } else if (const auto* encoded = std::get_if<EncodedImage>(&source)) {
    PrepareEncoded({static_cast<const std::uint8_t*>(encoded->data), encoded->size}, preparation, chw);
  } else {
    PrepareFile(std::get<std::filesystem::path>(source), preparation, chw);
  }
  preparation.preprocessed = Clock::now();
}

void Pipeline::PrepareEncoded(EncodedBytes encoded, Preparation& preparation, float* chw) const {
  const ReusedImage pixels(encoded, decode_options_);
  preparation.decoded = Clock::now();
  preparation.truncated = pixels->truncated();
  preprocessor_.Run(pixels->view(), chw);
}

void Pipeline::PrepareFile(const std::filesystem::path& path, Preparation& preparation, float* chw) const {
  const FileBytes file(path);
  try {
    DecodeBudget(decode_options_.limits).CheckEncodedBytes(file.size());
    const std::vector<std::uint8_t> bytes = ReadAll(file);
    PrepareEncoded({bytes.data(), bytes.size()}, preparation, chw);
  } catch (const Error& error) {
    throw Error(error.code(), StrCat(path, ": ", error.what()));
  }
}

void Pipeline::Preprocess(const ImageSource& image, float* chw) const {
  Preparation unused;
  Prepare(image, unused, chw);
}

std::vector<Outcome> Pipeline::Predict(const std::vector<ImageSource>& images, const RequestOptions& options) {
  return std::make_shared<ListCall>(*this, images, options)->Run();
}

/// The outcome of an image that was run; where there is no memory for the answer, that is its error.
Outcome Pipeline::Answer(const Preparation& preparation, const Request& request, const float* scores, int top_k) {
  try {
    Outcome outcome{hrnet_native::TopK(scores, info_.num_classes, top_k, bundle_->labels), nullptr};
    outcome.classification.truncated = preparation.truncated;
    statistics_->AddAnswer({preparation.asked, preparation.begun, preparation.decoded, preparation.preprocessed,
                            request.run_begin, request.run_end, Clock::now()});
    return outcome;
  } catch (...) {
    statistics_->AddReject(std::current_exception());
    return {{}, std::current_exception()};
  }
}

Future Pipeline::Submit(const ImageSource& image, const RequestOptions& options, std::shared_ptr<const void> owner,
                        std::function<void(const Outcome&)> on_done) {
  const auto asked = Clock::now();
  auto submission = std::make_shared<Submission>();
  submission->source = image;
  submission->owner = std::move(owner);
  submission->on_done = std::move(on_done);
  submission->top_k = TopK(options);
  submission->statistics = statistics_;
  submission->preparation.asked = asked;
  const RequestQueue::RequestPtr request(submission, &submission->request);
  request->deadline = DeadlineOf(options, asked);
  request->done = [this, &submission = *submission](const std::exception_ptr& error) { Finish(submission, error); };
  submission->state->cancel = [queue = std::weak_ptr(queue_), request = std::weak_ptr(request)] {
    const auto alive = queue.lock();
    const auto waiting = request.lock();
    return alive && waiting &&
           alive->End(waiting, std::make_exception_ptr(Error(ErrorCode::kCancelled, "the request was cancelled")));
  };
  const Future future(submission->state);
  try {
    queue_->Admit(request, false);
  } catch (...) {
    statistics_->AddReject(std::current_exception());
    throw;
  }
  try {
    decoders_.Post([this, submission] { Decode(submission); });  // not run after Close, but that ends the request
  } catch (...) {
    queue_->End(request, std::current_exception());
  }
  return future;
}

void Pipeline::Decode(const std::shared_ptr<Submission>& submission) {
  const RequestQueue::RequestPtr request(submission, &submission->request);
  if (!queue_->IsWaiting(request)) return;
  try {
    submission->input.resize(input_size());
    submission->scores.resize(static_cast<std::size_t>(info_.num_classes));
    Prepare(submission->source, submission->preparation, submission->input.data());
    request->inputs = submission->input.data();
    request->scores = submission->scores.data();
    queue_->Push(request);
  } catch (...) {
    queue_->End(request, std::current_exception());
  }
}

/// With an error, this is called also by futures, whose predictor may be destroyed meanwhile.
void Pipeline::Finish(Submission& submission, const std::exception_ptr& error) {
  if (error) submission.statistics->AddReject(error);
  const Outcome& outcome = submission.state->Set(
      error ? Outcome{{}, error}
            : Answer(submission.preparation, submission.request, submission.scores.data(), submission.top_k));
  try {
    if (submission.on_done) submission.on_done(outcome);
  } catch (...) {
    return;  // it must not throw, but has only itself to blame: the future has the outcome
  }
}

/// Hands over a request, and waits for room; where that fails, the error is the request's.
void Pipeline::Enqueue(const std::shared_ptr<Request>& request) {
  try {
    queue_->Admit(request, true);
    queue_->Push(request);
  } catch (...) {
    request->done(std::current_exception());
  }
}

/// Runs requests, which are all made before the first is handed over: nothing may throw while an engine uses what the
/// caller owns. Returns the error of one of them, if any failed.
std::exception_ptr Pipeline::RunAll(const std::vector<std::shared_ptr<Request>>& requests) {
  Completion completion(static_cast<int>(requests.size()));
  for (const auto& request : requests) {
    request->done = [&completion](const std::exception_ptr& error) { completion.End(error); };
    Enqueue(request);
  }
  return completion.Wait();
}

void Pipeline::Infer(const float* nchw, int batch, float* scores, const RequestOptions& options) {
  if (batch < 1) throw Error(ErrorCode::kInvalidArgument, StrCat("batch must be at least 1, not ", batch));
  const auto asked = Clock::now();
  const auto deadline = DeadlineOf(options, asked);
  std::vector<std::shared_ptr<Request>> requests;
  const auto count = static_cast<std::size_t>(batch);
  for (const std::size_t size : RunSizes(count, options_.max_batch_size, options_.num_instances)) {
    requests.push_back(std::make_shared<Request>(nchw, static_cast<int>(size), scores));
    requests.back()->deadline = deadline;
    nchw += size * input_size();
    scores += size * static_cast<std::size_t>(info_.num_classes);
  }
  if (const std::exception_ptr error = RunAll(requests)) {
    statistics_->AddReject(error, batch);
    std::rethrow_exception(error);
  }
  const auto answered = Clock::now();
  for (const auto& request : requests) {
    const Course course{asked, asked, asked, asked, request->run_begin, request->run_end, answered};
    for (int i = 0; i < request->batch; ++i) statistics_->AddAnswer(course);
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
    std::vector<float> scores(classes * static_cast<std::size_t>(options_.num_instances));
    for (int iteration = 0; iteration < iterations; ++iteration) {
      std::vector<std::shared_ptr<Request>> requests;
      for (int instance = 0; instance < options_.num_instances; ++instance) {
        float* to = scores.data() + static_cast<std::size_t>(instance) * classes;
        requests.push_back(std::make_shared<Request>(inputs.data(), size, to));
        requests.back()->instance = instance;
      }
      if (const std::exception_ptr error = RunAll(requests)) std::rethrow_exception(error);
    }
  }
}

Stats Pipeline::stats() const {
  Stats stats = statistics_->Snapshot();
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
