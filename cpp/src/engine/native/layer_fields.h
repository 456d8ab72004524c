#pragma once

#include <cstddef>

#include "engine/native/activation.h"
#include "engine/native/graph.h"
#include "engine/native/json_fields.h"
#include "engine/native/operators/operator.h"
#include "engine/native/symbols.h"

namespace hrnet_native::native {

/// A layer's fields in the file, for an operator to read. All throw Error kModelLoad that names the field, what was
/// expected and what is there.
class LayerFields {
 public:
  LayerFields(const Json::Object& object, Symbols& symbols) : object_(object), symbols_(symbols) {}

  const Json::Object& object() const { return object_; }

  /// Requires that there are the fields that `names` lists between spaces, and no others; those that end in `?` may be
  /// missing.
  void Require(const char* names) const { RequireFields(object_, names); }

  ValueId Value(const char* key) const { return symbols_.Value(Member(object_, key)); }
  ValueId Value(const Json& json) const { return symbols_.Value(json); }

  /// `residual`; kNoValue if there is none.
  ValueId Residual() const;

  /// `activation`. Sigmoid only where the operator has it.
  Activation ReadActivation(bool has_sigmoid = false) const;

  /// `weight`, of so many sides, and `bias`, if there is one: one value an output. No other layer can take them then.
  Weights TakeWeights(std::size_t sides);

 private:
  const Json::Object& object_;
  Symbols& symbols_;
};

}  // namespace hrnet_native::native
