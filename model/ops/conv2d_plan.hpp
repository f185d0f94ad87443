#pragma once
#include <cstddef>
#include <vector>

#include "model/ops/conv2d.hpp"
#include "model/ops/packed_matrix.hpp"

namespace octet::model {

// How one image's convolution is computed from the image with a border of zero points: no patches
// are copied, each output pixel's window is a few runs of bytes in the bordered image.

// Output pixels (first_row + step_h a, first_column + step_w b), a < rows, b < columns: all of them
// in the forward pass, those of one residue in a data gradient with stride.
struct ConvPhase {
  int first_row = 0, first_column = 0;
  int rows = 0, columns = 0;
  std::vector<int> tap_rows, tap_columns;  // the window's pixels behind the pixel's start
  std::vector<std::ptrdiff_t> runs;        // bytes behind the pixel's start, for the first group
  int k4 = 0, chunk_k4 = 1;                // groups of four bytes a run; see ConvJob
  int taps = 1, tap_k4 = 0;                // likewise
  std::vector<PackedMatrix> weights;       // one a group
};

struct ConvPlan {
  int source_h = 1, source_w = 1, channels = 1;     // of the unbordered image
  int height = 1, width = 1, top = 0, left = 0;     // bordered image and where the image lies
  int stride_h = 1, stride_w = 1;                   // bordered pixels between output pixels
  int out_h = 1, out_w = 1, out_c = 1, groups = 1;  // of the output
  int step_h = 1, step_w = 1;                       // output pixels between a phase's pixels
  // A product without window, stride or border sees no image: where images are small, all pixels
  // of a slice of the batch are computed as one line, `out_w` of them an image.
  bool line = false;
  std::ptrdiff_t slack = 0;  // readable bytes behind the bordered image
  std::vector<ConvPhase> phases;
};

// Plans with packed weights [o][i][j][c], for any number of images.
[[nodiscard]] ConvPlan plan_forward(const ConvShape& shape, const Codes<std::uint8_t>& w);
[[nodiscard]] ConvPlan plan_data_gradient(const ConvShape& shape, const Codes<std::uint8_t>& w);

// Copies an image into the inside of `bordered` (height * width * channels bytes).
void copy_inside(const ConvPlan& plan, const std::uint8_t* image, std::uint8_t* bordered);

}  // namespace octet::model
