#pragma once

#include "engine/native/operators/operator.h"

namespace hrnet_native::native {

/// A step whose kernel walks rows or planes of maps, which are numbered through the batch.
template <class Args>
Step RowsStep(void (*kernel)(const Args&, Range), const Args& args, int count) {
  return {count, {count, 1}, [=](Range rows, void*) { kernel(args, rows); }};
}

}  // namespace hrnet_native::native
