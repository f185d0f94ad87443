#pragma once
#include "sim/program/lowering/builder.hpp"
#include "workloads/graph/network.hpp"

namespace octet::sim {

// Rows [row0, row0 + rows) of each of `images` images from `image0`; several images only when
// whole.
struct RowTile {
  std::int64_t image0 = 0, images = 0, row0 = 0, rows = 0;
};
// A range of columns (output features): g groups from g0, and [n0, n0 + n) within each; g > 1 only
// with whole groups.
struct ColumnTile {
  std::int64_t g0 = 0, g = 0, n0 = 0, n = 0;
};
struct Span {
  std::int64_t first = 0, count = 0;
};

// The largest tile, in rows, for which fits(images, rows) holds; `rows` 0 if not even one row does.
struct TileSize {
  std::int64_t images = 0, rows = 0;
};
[[nodiscard]] TileSize largest_rows(
    std::int64_t batch, std::int64_t height,
    const std::function<bool(std::int64_t images, std::int64_t rows)>& fits);
[[nodiscard]] std::vector<RowTile> cut_rows(std::int64_t batch, std::int64_t height, TileSize size);
// Columns cut so that g * n <= most.
[[nodiscard]] std::vector<ColumnTile> cut_columns(std::int64_t groups, std::int64_t per_group,
                                                  std::int64_t most, std::int64_t array_cols);
[[nodiscard]] std::vector<Span> cut(std::int64_t count, std::int64_t most);

// One direction of a window: input position = output * stride + tap * dilation - pad.
struct Axis {
  std::int64_t in = 1, out = 1, kernel = 1, stride = 1, pad = 0, dilation = 1;
  [[nodiscard]] Span inputs_of(Span outputs) const;  // clipped to the input
  [[nodiscard]] Span outputs_of(Span inputs) const;  // clipped to the output
  // Taps by which an input at residue `r` (position mod stride) is reached.
  [[nodiscard]] std::int64_t taps_at(std::int64_t r) const;
};
[[nodiscard]] Axis vertical(const workloads::Node& node);
[[nodiscard]] Axis horizontal(const workloads::Node& node);

}  // namespace octet::sim
