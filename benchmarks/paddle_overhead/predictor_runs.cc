// `Predictor::Infer` with Paddle's oneDNN engine.

#include <memory>

#include "hrnet_native/predictor.h"
#include "runs.h"

int main(int argc, char** argv) {
  return Main(argc, argv, [](const Arguments& arguments) {
    hrnet_native::PredictorOptions options;
    options.backend = hrnet_native::Backend::kOneDnn;
    options.num_threads = arguments.threads;
    options.max_batch_size = arguments.batch;
    auto predictor = std::make_shared<hrnet_native::Predictor>(arguments.model, options);
    return [&arguments, predictor] {
      std::vector<float> scores(static_cast<std::size_t>(arguments.batch) * predictor->model_info().num_classes);
      predictor->Infer(arguments.input.data(), arguments.batch, scores.data());
      return scores;
    };
  });
}
