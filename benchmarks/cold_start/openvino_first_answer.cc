// One answer of OpenVINO: openvino_first_answer MODEL INPUT OUTPUT

#include <cstdio>
#include <exception>
#include <openvino/openvino.hpp>

#include "floats.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    return 2;
  }
  try {
    ov::Core core;
    auto model = core.read_model(argv[1]);
    model->reshape(ov::PartialShape{1, 3, 224, 224});
    auto compiled = core.compile_model(model, "CPU", ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                                       ov::hint::inference_precision(ov::element::f32));
    auto request = compiled.create_infer_request();
    std::vector<float> input = ReadFloats(argv[2]);
    request.set_input_tensor(ov::Tensor(ov::element::f32, {1, 3, 224, 224}, input.data()));
    request.infer();
    const ov::Tensor output = request.get_output_tensor();
    Answer(argv[3], output.data<float>(), output.get_size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
