#include "docstrings.h"

#include <map>

namespace hrnet_native::bindings {

const char* Doc(const std::string& name) {
  static const std::map<std::string, const char*> kDocstrings = {
#include "docstrings.inc"  // made by extract_docstrings.py
  };
  return kDocstrings.at(name);
}

}  // namespace hrnet_native::bindings
