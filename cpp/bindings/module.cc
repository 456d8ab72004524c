#include <exception>

#include "docstrings.h"
#include "hrnet_native/error.h"
#include "hrnet_native/instruction_set.h"
#include "hrnet_native/predictor.h"
#include "registration.h"

PYBIND11_MODULE(_core, module) {
  namespace bindings = hrnet_native::bindings;
  pybind11::options options;
  options.disable_function_signatures();  // the docstrings have better ones
  module.attr("__version__") = hrnet_native::Version();
  // NOLINTNEXTLINE(performance-unnecessary-value-param): the signature is pybind11's
  pybind11::register_local_exception_translator([](std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const hrnet_native::Error&) {
      bindings::SetError(bindings::ToPythonException(error));
    }
  });
  module.def("instruction_set", &hrnet_native::InstructionSet, bindings::Doc("instruction_set"));
  bindings::RegisterImaging(module);
  bindings::RegisterStats(module);
  bindings::RegisterPredictor(module);
}
