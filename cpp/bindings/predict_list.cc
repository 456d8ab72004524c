#include "predict_list.h"

#include <utility>
#include <vector>

#include "gil.h"
#include "hrnet_native/error.h"
#include "image_argument.h"
#include "interruptible.h"
#include "predictor_object.h"
#include "python_call.h"

namespace hrnet_native::bindings {
namespace {

/// The images of a list that are classified by one call of the core: all of it, unless pixels had to be copied. Then as
/// many as keep the engine busy, so that few copies are in memory however long the list is.
class ListInParts {
 public:
  ListInParts(const Predictor& predictor, std::optional<int> top_k, CallTimeout& timeout, ColorOrder color)
      : predictor_(predictor),
        top_k_(top_k),
        timeout_(timeout),
        color_(color),
        copied_part_(2 * static_cast<std::size_t>(RoundSize(predictor))) {}

  void Add(const py::handle& image) {
    if (has_copies_ && part_.size() % copied_part_ == 0) {
      Run();
      CheckSignals();
    }
    try {
      part_.push_back(FromPython(image, color_, predictor_.options().image.background));
      has_copies_ = has_copies_ || part_.back().is_copy;
      positions_.push_back(results_.size());
      results_.append(py::none());
    } catch (const std::bad_alloc&) {
      throw;  // this is no image's fault
    } catch (...) {
      results_.append(ToPythonException(std::current_exception()));
    }
  }

  py::list Finish() {
    Run();
    return std::move(results_);
  }

 private:
  void Run() {
    const std::vector<Outcome> outcomes = Classify();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const auto& [classification, error] = outcomes[i];
      results_[positions_[i]] = error ? ToPythonException(timeout_.Whole(error)) : ToPython(classification);
    }
    part_.clear();
    positions_.clear();
    has_copies_ = false;
  }

  /// Ends early where a signal's handler raises: KeyboardInterrupt does not wait for all.
  std::vector<Outcome> Classify() {
    std::vector<ImageSource> sources;
    sources.reserve(part_.size());
    for (const ImageArgument& argument : part_) sources.push_back(argument.source);
    using Clock = std::chrono::steady_clock;
    const auto is_given_up = [asked = Clock::now()]() mutable {
      if (Clock::now() - asked < kSignalInterval) return false;  // the GIL may be long in coming
      asked = Clock::now();
      const GilHeld gil;
      return WithoutUnwinding(PyErr_CheckSignals) != 0;
    };
    try {
      const GilReleased no_gil;
      return predictor_.Predict(sources, {top_k_, timeout_.Next(), is_given_up});
    } catch (const Error&) {
      if (PyErr_Occurred() != nullptr) throw py::error_already_set();
      throw;
    }
  }

  const Predictor& predictor_;
  const std::optional<int> top_k_;
  CallTimeout& timeout_;
  const ColorOrder color_;
  const std::size_t copied_part_;
  py::list results_;
  std::vector<ImageArgument> part_;
  std::vector<std::size_t> positions_;  // of the part's images in the list
  bool has_copies_ = false;
};

/// Raises the first exception among the results, with all of them in its attribute `results`.
void RaiseFirst(const py::list& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    const py::handle result = results[i];
    if (PyExceptionInstance_Check(result.ptr()) == 0) continue;
    Raise(Call("hrnet_native.errors", "at_index", result, i, results));
  }
}

}  // namespace

std::int64_t RoundSize(const Predictor& predictor) {
  return std::int64_t{predictor.options().max_batch_size} * predictor.options().num_instances;
}

py::list PredictList(const Predictor& predictor, const py::object& images, std::optional<int> top_k,
                     CallTimeout& timeout, ColorOrder color, bool raise) {
  ListInParts list(predictor, top_k, timeout, color);
  for (const py::handle image : images) list.Add(image);
  py::list results = list.Finish();
  if (raise) RaiseFirst(results);
  return results;
}

}  // namespace hrnet_native::bindings
