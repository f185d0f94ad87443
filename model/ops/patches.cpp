#include "model/ops/patches.hpp"

#include <cstring>

namespace octet::model {

void copy_patches(const PatchSource& source, int group, int first, int count, std::uint8_t* to,
                  std::ptrdiff_t ld) {
  const int depth = source.channels / source.groups;
  // Neighbouring kernel columns are neighbours in memory too: one copy a kernel row.
  const bool whole_rows = source.groups == 1 && source.dilation_w == 1;
  const int run = whole_rows ? source.kernel_w * depth : depth;
  const int runs = whole_rows ? 1 : source.kernel_w;
  const int reduction = source.reduction();
  for (int i = 0; i < count; ++i, to += ld) {
    const int y = (first + i) / source.out_w * source.stride_h;
    const int x = (first + i) % source.out_w * source.stride_w;
    std::uint8_t* at = to;
    for (int row = 0; row < source.kernel_h; ++row)
      for (int column = 0; column < runs; ++column, at += run) {
        const std::int64_t from = (std::int64_t{y + row * source.dilation_h} * source.width + x +
                                   std::int64_t{column} * source.dilation_w) *
                                      source.channels +
                                  std::int64_t{group} * depth;
        std::memcpy(at, source.pixels.data() + from, static_cast<std::size_t>(run));
      }
    std::memset(at, 0, static_cast<std::size_t>(ld - reduction));
  }
}

}  // namespace octet::model
