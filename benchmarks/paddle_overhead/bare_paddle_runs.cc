// Paddle's own predictor with the settings of this project's engine (cpp/src/engine/paddle/configure.cc), for .json.

#include <memory>

#include "paddle/phi/api/include/tensor_utils.h"
#include "paddle_inference_abi.h"
#include "runs.h"

int main(int argc, char** argv) {
  return Main(argc, argv, [](const Arguments& arguments) {
    paddle::AnalysisConfig config;
    config.SetModel(arguments.model + "/inference.json", arguments.model + "/inference.pdiparams");
    config.DisableGpu();
    config.DisableGlogInfo();
    config.EnableMemoryOptim(true);
    config.SetCpuMathLibraryNumThreads(arguments.threads);
    config.EnableNewIR(true);
    config.EnableNewExecutor(true);
    config.EnableONEDNN();
    config.SetOnednnCacheCapacity(10);
    const auto predictor = paddle_infer::CreatePredictor(config);
    const std::string name = predictor->GetInputNames().at(0);
    return [&arguments, predictor, name] {
      std::vector<paddle::Tensor> inputs = {paddle::from_blob(
          const_cast<float*>(arguments.input.data()), {arguments.batch, 3, arguments.side, arguments.side},
          phi::DataType::FLOAT32, phi::DataLayout::NCHW, phi::CPUPlace())};
      inputs[0].set_name(name);
      std::vector<paddle::Tensor> outputs;
      if (!predictor->Run(inputs, &outputs)) {
        throw std::runtime_error("Paddle's Run returned false");
      }
      const float* values = outputs.at(0).data<float>();
      return std::vector<float>(values, values + outputs[0].numel());
    };
  });
}
