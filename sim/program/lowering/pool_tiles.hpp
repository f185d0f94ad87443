#pragma once
#include "sim/mapping/geometry.hpp"
#include "sim/program/lowering/builder.hpp"

namespace octet::sim {

// A window that moves over an image, made tile by tile on one side (the *target*) from the other.
struct PoolShape {
  Axis y, x;
  bool forward = true;  // the target is the output; else the input
  std::int64_t batch = 1, target_c = 1, source_c = 1;
  std::int64_t read_c = 1;                          // of the source, channels that are read
  std::int64_t source_bytes = 1, target_bytes = 1;  // on chip, of one element with all its copies
  Drain drain = {};                                 // of the target
  std::int64_t window = 1;   // values that one of the output is made of, or is spread over
  bool cut_channels = true;  // target and source channels correspond one to one
  [[nodiscard]] std::int64_t height() const { return forward ? y.out : y.in; }
  [[nodiscard]] std::int64_t width() const { return forward ? x.out : x.in; }
  [[nodiscard]] std::int64_t source_height() const { return forward ? y.in : y.out; }
  [[nodiscard]] std::int64_t source_width() const { return forward ? x.in : x.out; }
  [[nodiscard]] Span source_rows(Span rows) const {
    return forward ? y.inputs_of(rows) : y.outputs_of(rows);
  }
  [[nodiscard]] Span source_columns(Span columns) const {
    return forward ? x.inputs_of(columns) : x.outputs_of(columns);
  }
};

// Several images only when their rows are whole, several rows only when their columns and channels
// are.
struct PoolTile {
  Span images, rows, columns, channels;  // of the target
  bool whole = true;                     // whole rows with all channels
};

// Tiles that fit half a scratchpad: images or rows, those of fewest cycles; else a part of one row,
// else some of its channels, as many as fit. Throws if not even one element with its window fits.
void for_each_pool(Builder& builder, const PoolShape& shape,
                   const std::function<void(const PoolTile&)>& body);
// What a tile makes.
[[nodiscard]] ElementSet target_set(const PoolShape& shape, const PoolTile& tile);
// Of a target that is the input: the elements of the tile that `reads` elements of the output,
// those of one of its source sets, reach by their windows, each as often as it is reached.
[[nodiscard]] std::int64_t window_elements(const PoolShape& shape, const PoolTile& tile,
                                           std::int64_t reads);
// What it reads: one set if the rows are whole, else one a row; empty sets are left out.
[[nodiscard]] std::vector<ElementSet> source_sets(const PoolShape& shape, const PoolTile& tile);

}  // namespace octet::sim
