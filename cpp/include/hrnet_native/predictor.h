#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hrnet_native/classification.h"
#include "hrnet_native/export.h"
#include "hrnet_native/image.h"
#include "hrnet_native/options.h"

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

/// One loaded model. Members that are const may be called from any number of threads at once.
class HRNET_NATIVE_EXPORT Predictor {
 public:
  /// Loads a model directory and runs it once. Throws Error: kNotFound (no such directory), kModelLoad (not a usable
  /// model), kInvalidArgument (an option out of range), kUnsupported (a backend that this build or machine lacks).
  explicit Predictor(const std::filesystem::path& model_dir, const PredictorOptions& options = {});
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  /// Classifies one image. `top_k`: classes to return, 1 or more; without it that of the options. Throws Error:
  /// kNotFound, kInvalidImage, kInvalidArgument, kClosed, kInternal.
  Classification Predict(const ImageSource& image, std::optional<int> top_k = std::nullopt) const;

  /// Classifies several; outcomes come in input order, and an image that fails hurts only itself. Throws Error for
  /// what is no image's fault: kInvalidArgument (top_k), kClosed.
  std::vector<Outcome> Predict(const std::vector<ImageSource>& images, std::optional<int> top_k = std::nullopt) const;

  /// Decodes, where needed, and preprocesses one image as Predict does: writes the (channels, height, width) floats
  /// that Infer takes. Throws Error: kNotFound, kInvalidImage, kInvalidArgument.
  void Preprocess(const ImageSource& image, float* chw) const;

  /// Runs the network on (batch, channels, height, width) normalised floats and writes (batch, num_classes)
  /// probabilities to `scores`. Throws Error: kInvalidArgument (batch below 1), kClosed, kInternal.
  void Infer(const float* nchw, int batch, float* scores) const;

  /// Ends the worker; calls in flight are finished, later ones throw Error kClosed. May be called again.
  void Close();

  const ModelInfo& model_info() const noexcept;
  Backend backend() const noexcept;  ///< The one in use, never kAuto.
  int num_threads() const noexcept;  ///< The number in use, never 0.

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Version of this library, such as "0.1.0".
HRNET_NATIVE_EXPORT const char* Version() noexcept;

}  // namespace hrnet_native
