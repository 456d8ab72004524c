#pragma once

#include "arguments.h"
#include "bindings.h"
#include "hrnet_native/imaging.h"
#include "hrnet_native/stats.h"

namespace hrnet_native::bindings {

class PredictorObject;

/// Refuses an object whose __init__ has not run, which `Class.__new__(Class)` gives: pybind11 would hand out memory
/// that nobody has written.
template <typename T>
class InitialisedCaster : public py::detail::type_caster_base<T> {
 public:
  bool load(py::handle source, bool convert) {
    if (!py::detail::type_caster_base<T>::load(source, convert)) return false;
    if (source.is_none()) return true;
    auto* instance = reinterpret_cast<py::detail::instance*>(source.ptr());
    if (instance->get_value_and_holder().holder_constructed()) return true;
    RaiseTypeError(TypeName(source) + ".__init__ was not called");
  }
};

}  // namespace hrnet_native::bindings

namespace pybind11::detail {

template <>
class type_caster<hrnet_native::bindings::PredictorObject>
    : public hrnet_native::bindings::InitialisedCaster<hrnet_native::bindings::PredictorObject> {};
template <>
class type_caster<hrnet_native::ImageLimits>
    : public hrnet_native::bindings::InitialisedCaster<hrnet_native::ImageLimits> {};
template <>
class type_caster<hrnet_native::Stats> : public hrnet_native::bindings::InitialisedCaster<hrnet_native::Stats> {};
template <>
class type_caster<hrnet_native::StageStats>
    : public hrnet_native::bindings::InitialisedCaster<hrnet_native::StageStats> {};
template <>
class type_caster<hrnet_native::RejectStats>
    : public hrnet_native::bindings::InitialisedCaster<hrnet_native::RejectStats> {};

}  // namespace pybind11::detail
