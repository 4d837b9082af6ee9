// Components, rows of V and columns of W as images.
#pragma once

#include "kinds.hpp"

namespace mpinmf::cli {

/// H's rows, of the shape in --image.
Drawing prepare_images(const Fitted& fitted);
/// W's columns, of the shape in --map.
Drawing prepare_maps(const Fitted& fitted);
/// Rows of V beside those of W H, as images of the shape in --image or else as curves.
Drawing prepare_reconstruction(const Fitted& fitted);

}  // namespace mpinmf::cli
