#pragma once

#include "image/decode.h"

namespace hrnet_native {

/// What a JPEG's markers tell before anything is decoded.
struct JpegMarkers {
  int scans = 0;           ///< Counted up to one more than the limit.
  EncodedBytes exif = {};  ///< Of the first APP1 marker that has such data, without its name; size 0 if none has.
};

/// Walks over the markers without taking memory: libjpeg keeps a list of saved markers whose time grows with the square
/// of their number, and learns of scans only as it decodes them.
JpegMarkers ReadJpegMarkers(EncodedBytes encoded, int max_scans);

}  // namespace hrnet_native
