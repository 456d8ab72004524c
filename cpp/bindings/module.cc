#include "bindings.h"
#include "hrnet_native/instruction_set.h"
#include "hrnet_native/predictor.h"

PYBIND11_MODULE(_core, module) {
  namespace bindings = hrnet_native::bindings;
  module.attr("__version__") = hrnet_native::Version();
  bindings::RegisterErrors(module);
  module.def("instruction_set", &hrnet_native::InstructionSet);
  bindings::RegisterImaging(module);
  bindings::RegisterStats(module);
  bindings::RegisterPredictor(module);
}
