#pragma once
#include <cstdint>
#include <vector>

namespace octet::model {

// One image with its border filled in, from which convolution patches (im2col rows) are copied.
struct PatchSource {
  int height = 0, width = 0, channels = 0;  // with the border
  int kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int out_w = 1;
  int groups = 1;
  std::vector<std::uint8_t> pixels;
  [[nodiscard]] int reduction() const { return kernel_h * kernel_w * (channels / groups); }
};

// Rows of patches: to[i][k], i < count, output pixels first .. first + count - 1 in (y, x) order,
// k in (kernel row, kernel column, channel) order, zero from reduction() to ld.
void copy_patches(const PatchSource& source, int group, int first, int count, std::uint8_t* to,
                  std::ptrdiff_t ld);

}  // namespace octet::model
