#include "predictor_object.h"

#include <pybind11/stl.h>

#include <utility>
#include <variant>

#include "gil.h"
#include "hrnet_native/error.h"
#include "image_argument.h"
#include "python_call.h"

namespace hrnet_native::bindings {
namespace {

/// Keeps a Python object alive for threads without the GIL: it dies on the notifier's thread, under the GIL.
std::shared_ptr<const void> Owner(py::object object, const std::shared_ptr<FutureNotifier>& notifier) {
  auto end = std::make_unique<FutureNotifier::Task>();
  end->emplace_back([owned = std::move(object)] {});
  const auto post = [notifier](FutureNotifier::Task* task) {
    notifier->Post(std::move(*task));
    delete task;
  };
  return {end.release(), post};
}

/// What a submitted image waits for. The future is touched under the GIL alone, the outcome before the task is posted.
struct Answer {
  py::object future;
  Outcome outcome;
};

/// A future that was cancelled meanwhile stays so.
void SetResult(const py::object& future, const Outcome& outcome) {
  try {
    if (!CallMethod(future, "set_running_or_notify_cancel").cast<bool>()) return;
    if (outcome.error) std::rethrow_exception(outcome.error);
    CallMethod(future, "set_result", ToPython(outcome.classification));
  } catch (...) {
    CallMethod(future, "set_exception", ToPythonException(std::current_exception()));
  }
}

/// Hands an answer to its future. Runs with the GIL held.
void Deliver(Answer& answer) {
  const py::object future = std::move(answer.future);
  try {
    SetResult(future, answer.outcome);
  } catch (py::error_already_set& error) {
    error.discard_as_unraisable("hrnet_native.Predictor.submit");
  }
}

/// Any thread, without the GIL.
void SetOutcome(Answer& answer, const Outcome& outcome) {
  try {
    answer.outcome = outcome;
  } catch (const std::bad_alloc&) {
    answer.outcome.error = std::current_exception();
  }
}

}  // namespace

py::object ToPython(const Classification& result) {
  return Call("hrnet_native.classification", "Classification", py::tuple(py::cast(result.class_ids)),
              py::tuple(py::cast(result.scores)), py::tuple(py::cast(result.label_names)), result.truncated);
}

// NOLINTNEXTLINE(bugprone-exception-escape): nothing but Error leaves the core
PredictorObject::~PredictorObject() {
  const GilReleased no_gil;
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

std::uint64_t PredictorObject::StartNotifier(const py::object& self) {
  if (!closes_at_exit_) {
    // A thread that waits for the GIL of an interpreter that ends would never be joined.
    Call("weakref", "finalize", self, py::cpp_function([notifier = notifier_] {
           const GilReleased no_gil;
           notifier->Close();
         }));
    closes_at_exit_ = true;
  }
  return notifier_->Start();
}

py::object PredictorObject::Submit(const py::object& self, const py::object& image, const RequestOptions& options,
                                   ColorOrder color) {
  auto& object = self.cast<PredictorObject&>();
  const std::uint64_t notifier_thread = object.StartNotifier(self);
  const std::shared_ptr<FutureNotifier>& notifier = object.notifier_;
  ImageArgument argument = FromPython(image, color, object.core.options().image.background);
  if (std::holds_alternative<ImageView>(argument.source) && !argument.is_copy) {
    argument = FromPixels(CallMethod(argument.owner, "copy"), color, std::nullopt);
  }
  const py::object future = Call("hrnet_native._future", "PredictionFuture", notifier_thread);
  const auto owner = Owner(std::move(argument.owner), notifier);
  const auto answer = std::make_shared<Answer>(Answer{future, {}});
  const auto delivery = std::make_shared<FutureNotifier::Task>();
  delivery->emplace_back([answer] { Deliver(*answer); });
  const Future handle = [&] {
    const GilReleased no_gil;
    return object.core.Submit(argument.source, options, owner, [notifier, answer, delivery](const Outcome& outcome) {
      SetOutcome(*answer, outcome);
      notifier->Post(std::move(*delivery));
    });
  }();
  CallMethod(future, "expect_answer");
  CallMethod(future, "add_done_callback", py::cpp_function([handle](const py::object& done) {
               if (!CallMethod(done, "cancelled").cast<bool>()) return;
               const GilReleased no_gil;
               handle.Cancel();
             }));
  return future;
}

}  // namespace hrnet_native::bindings
