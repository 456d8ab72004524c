#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "future_notifier.h"
#include "hrnet_native/predictor.h"
#include "initialised_caster.h"

namespace hrnet_native::bindings {

/// Python's Predictor: the core's, and the thread that hands its answers to futures.
class PredictorObject {
 public:
  explicit PredictorObject(Predictor predictor) : core(std::move(predictor)) {}
  /// Called with the GIL held, on any thread.
  ~PredictorObject();

  /// A hrnet_native._future.PredictionFuture of the answer. Pixels are copied, encoded bytes are kept by reference.
  static py::object Submit(const py::object& self, const py::object& image, const RequestOptions& options,
                           ColorOrder color);

  /// The GIL must not be held.
  void Close();

  Predictor core;

 private:
  /// Returns the thread's identifier, as FutureNotifier::Start does.
  std::uint64_t StartNotifier(const py::object& self);

  std::shared_ptr<FutureNotifier> notifier_ = std::make_shared<FutureNotifier>();
  bool closes_at_exit_ = false;
};

/// The core's answer as hrnet_native.Classification.
py::object ToPython(const Classification& result);

}  // namespace hrnet_native::bindings
