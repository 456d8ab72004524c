#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "hrnet_native/classification.h"
#include "hrnet_native/export.h"
#include "hrnet_native/future.h"
#include "hrnet_native/image.h"
#include "hrnet_native/model_bytes.h"
#include "hrnet_native/options.h"
#include "hrnet_native/stats.h"

namespace hrnet_native {

/// Encoded bytes (JPEG, PNG, WebP or BMP), borrowed for the call.
struct EncodedImage {
  const void* data = nullptr;
  std::size_t size = 0;
};

/// What Predict takes: a file, encoded bytes, or pixels.
using ImageSource = std::variant<std::filesystem::path, EncodedImage, ImageView>;

/// The answer for one image of several: a classification, or the error that this image alone met.
struct Outcome {
  Classification classification;
  std::exception_ptr error;  ///< Null if the image was served.
};

/// What a predictor learnt from its model.
struct ModelInfo {
  std::string name;  ///< From inference.yml; empty if it says none.
  int num_classes = 0;
  std::vector<std::string> labels;  ///< num_classes names, or empty.
  int channels = 0;                 ///< Shape of one input: (channels, height, width).
  int height = 0;
  int width = 0;
};

class Pipeline;

/// One loaded model. Members that are const may be called from any number of threads at once. Callers decode and
/// preprocess (helped by other threads where there are several images); the engine runs on threads of its own, one for
/// each instance, which take together what waits together, up to max_batch_size images.
///
/// Requests are served in the order in which they got room in the queue, and get room in the order in which they asked
/// for it: an image never overtakes the many of another call for which there is no room yet.
///
/// One that was moved from can be destroyed and assigned to; every other member throws Error kInvalidArgument.
///
/// In a process that was forked from the one that made it, where those threads do not exist, every call but model_info
/// and options throws Error kForked; destroying it there is allowed, and frees nothing.
class HRNET_NATIVE_EXPORT Predictor {
 public:
  /// Loads a model directory and runs each instance once. Throws Error: kNotFound (no such directory), kModelLoad (not
  /// a usable model), kInvalidArgument (an option out of range), kUnsupported (a backend that this build or machine
  /// lacks), kResourceExhausted (no thread for an instance).
  explicit Predictor(const std::filesystem::path& model_dir, const PredictorOptions& options = {});
  /// The same from memory, for instance of files that are kept encrypted: no byte of them is written to a disk.
  /// Paddle's backends throw also kUnsupported where the system has no files in memory or no temporary directory.
  static Predictor FromBytes(const ModelBytes& files, const PredictorOptions& options = {});

  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  /// Classifies one image; waits while the queue is full. Throws Error: kNotFound, kInvalidImage, kInvalidArgument,
  /// kDeadlineExceeded, kClosed, kResourceExhausted (no thread for time-outs), kInternal.
  Classification Predict(const ImageSource& image, const RequestOptions& options = {}) const;

  /// Classifies several; outcomes come in input order, and an image that fails hurts only itself. Throws Error for
  /// what is no image's fault: kInvalidArgument (options), kClosed, kCancelled (`is_given_up`).
  std::vector<Outcome> Predict(const std::vector<ImageSource>& images, const RequestOptions& options = {}) const;

  /// Queues one image and returns at once. `owner` is held until the answer is there: it keeps alive what `image`
  /// borrows. `on_done`, if any, gets the outcome on a thread of the predictor, or of who cancels: it must return soon
  /// and call nothing of a predictor that waits; the same holds for what happens when `owner` is released. What
  /// `on_done` throws is dropped: the future has the outcome. Throws Error: kInvalidArgument (options), kQueueFull
  /// (also where callers wait for room: submitted images do not overtake them), kClosed, kResourceExhausted (no thread
  /// for time-outs); all other errors are the future's.
  Future Submit(const ImageSource& image, const RequestOptions& options = {},
                std::shared_ptr<const void> owner = nullptr,
                std::function<void(const Outcome&)> on_done = nullptr) const;

  /// Decodes, where needed, and preprocesses one image as Predict does: writes the (channels, height, width) floats
  /// that Infer takes. Throws Error: kNotFound, kInvalidImage, kInvalidArgument.
  void Preprocess(const ImageSource& image, float* chw) const;

  /// Runs the network on (batch, channels, height, width) normalised floats and writes (batch, num_classes)
  /// probabilities to `scores`. Throws Error: kInvalidArgument (batch below 1), kDeadlineExceeded, kClosed, kInternal.
  void Infer(const float* nchw, int batch, float* scores, const RequestOptions& options = {}) const;

  /// Runs every instance `iterations` times on each batch size, without counting it in the statistics. Throws Error:
  /// kInvalidArgument (a size that is not 1 to max_batch_size, iterations below 1), kClosed, kInternal.
  void Warmup(const std::vector<int>& batch_sizes = {1}, int iterations = 3) const;

  /// Another predictor of the same loaded model, with the same options and its own instances, queue and statistics.
  Predictor Clone() const;

  Stats stats() const;
  void ResetStats() const;

  /// Ends the predictor: what runs is finished, what waits ends with Error kClosed, as do later calls; joins every
  /// thread. May be called again, but not from on_done.
  void Close();

  const ModelInfo& model_info() const;
  /// Those in use: no kAuto, no 0 that stands for a default.
  const PredictorOptions& options() const;

 private:
  explicit Predictor(std::unique_ptr<Pipeline> pipeline);
  Pipeline& Own() const;
  Pipeline& Use() const;

  std::unique_ptr<Pipeline> pipeline_;
};

/// Version of this library, such as "0.1.0".
HRNET_NATIVE_EXPORT const char* Version() noexcept;

}  // namespace hrnet_native
