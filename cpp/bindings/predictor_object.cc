#include "predictor_object.h"

#include <pybind11/stl.h>

#include <utility>

#include "hrnet_native/error.h"
#include "image_argument.h"

namespace hrnet_native::bindings {
namespace {

/// A Python object that threads without the GIL may pass on: it dies on the notifier's thread, under the GIL.
std::shared_ptr<py::object> Shared(py::object object, const std::shared_ptr<FutureNotifier>& notifier) {
  return {new py::object(std::move(object)),
          [notifier](py::object* dying) { notifier->Post([owned = std::shared_ptr<py::object>(dying)] {}); }};
}

/// Runs with the GIL held. A future that was cancelled meanwhile stays so.
void SetResult(const py::object& future, const Outcome& outcome) {
  try {
    if (!future.attr("set_running_or_notify_cancel")().cast<bool>()) return;
    if (outcome.error) {
      future.attr("set_exception")(ToPythonException(outcome.error));
    } else {
      future.attr("set_result")(ToPython(outcome.classification));
    }
  } catch (py::error_already_set& error) {
    error.discard_as_unraisable("hrnet_native.Predictor.submit");
  }
}

}  // namespace

py::object ToPython(const Classification& result) {
  return py::module_::import("hrnet_native.classification")
      .attr("Classification")(py::tuple(py::cast(result.class_ids)), py::tuple(py::cast(result.scores)),
                              py::tuple(py::cast(result.label_names)), result.truncated);
}

// NOLINTNEXTLINE(bugprone-exception-escape): pybind11 throws here only if the interpreter is broken
PredictorObject::~PredictorObject() {
  const py::gil_scoped_release nogil;
  try {
    core.Close();
  } catch (const Error&) {
    return;  // kForked: in this process there is nothing to end
  }
  notifier_->Close();
}

void PredictorObject::Close() {
  if (notifier_->IsOwnThread()) {
    throw Error(ErrorCode::kInvalidArgument, "a predictor cannot be closed from the callback of one of its futures");
  }
  core.Close();
  notifier_->Close();
}

py::object PredictorObject::Submit(const py::object& self, const py::object& image, const RequestOptions& options,
                                   ColorOrder color) {
  auto& object = self.cast<PredictorObject&>();
  const std::shared_ptr<FutureNotifier>& notifier = object.notifier_;
  if (!object.closes_at_exit_) {
    // A thread that waits for the GIL of an interpreter that ends would never be joined.
    py::module_::import("weakref").attr("finalize")(self, py::cpp_function([notifier] {
                                                      const py::gil_scoped_release nogil;
                                                      notifier->Close();
                                                    }));
    object.closes_at_exit_ = true;
  }
  ImageArgument argument = FromPython(image, color);
  if (py::isinstance<py::array>(argument.owner)) {
    argument = FromArray(py::array(argument.owner.attr("copy")()), color);
  }
  const auto future = Shared(py::module_::import("hrnet_native._future").attr("PredictionFuture")(), notifier);
  const auto owner = Shared(std::move(argument.owner), notifier);
  const Future handle = [&] {
    const py::gil_scoped_release nogil;
    return object.core.Submit(argument.source, options, owner, [notifier, future](const Outcome& outcome) {
      notifier->Post([future, outcome] { SetResult(*future, outcome); });
    });
  }();
  future->attr("add_done_callback")(py::cpp_function([handle](const py::object& done) {
    if (!done.attr("cancelled")().cast<bool>()) return;
    const py::gil_scoped_release nogil;
    handle.Cancel();
  }));
  return *future;
}

}  // namespace hrnet_native::bindings
