#include "bindings.h"
#include "docstrings.h"
#include "hrnet_native/instruction_set.h"
#include "hrnet_native/predictor.h"

PYBIND11_MODULE(_core, module) {
  namespace bindings = hrnet_native::bindings;
  pybind11::options options;
  options.disable_function_signatures();  // the docstrings have better ones
  module.attr("__version__") = hrnet_native::Version();
  bindings::RegisterErrors(module);
  module.def("instruction_set", &hrnet_native::InstructionSet, bindings::Doc("instruction_set"));
  bindings::RegisterImaging(module);
  bindings::RegisterStats(module);
  bindings::RegisterPredictor(module);
}
