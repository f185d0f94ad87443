#pragma once
#include "sim/mapping/tiling.hpp"
#include "sim/program/lowering/builder.hpp"

namespace octet::sim {

// Pixels of one tile, in their order; Tiling says which of these may be parts.
struct PixelTile {
  Span images, rows, columns;
  std::int64_t first = 0, count = 0;  // pixels of the tensor
};
void for_each_pixels(Builder& builder, const Product& product, const Tiling& tiling,
                     const std::function<void(const PixelTile&)>& body);

// A range of columns (output features): g groups from g0, and [n0, n0 + n) within each.
struct ColumnTile {
  std::int64_t g0 = 0, g = 0, n0 = 0, n = 0;
};
void for_each_columns(Builder& builder, const Product& product, const Tiling& tiling,
                      const std::function<void(const ColumnTile&)>& body);

// Slices of the depth; whether the source is loaded slice by slice. Then other taps reach other
// parts of it: only `alike` slices in a row, those of one tap, differ in nothing but their
// channels.
// Of several images taps read all.
struct Slices {
  std::vector<Span> spans;
  bool source = false;
  std::size_t alike = 1;
};
[[nodiscard]] Slices cut_depth(const Product& product, const Tiling& tiling);
void for_each_slice(Builder& builder, const Slices& slices, bool several_images,
                    const std::function<void(const Span&)>& body);

// The part of `source` that a tile and a slice read is in a half of the activation scratchpad: by
// loads, unless it is there already. Half::ready says when.
Half& load_source(Builder& builder, const Product& product, int source, const PixelTile& pixels,
                  const ColumnTile& columns, const Slices& slices, Span k);

}  // namespace octet::sim
