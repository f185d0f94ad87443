#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace octet::model::float32 {

// Tiles of rows[channels]: passes.hpp.

// A parameter a channel, repeated along a tile.
template <class Real>
[[nodiscard]] std::vector<Real> repeat(std::span<const Real> channels, std::size_t rows) {
  std::vector<Real> lanes;
  lanes.reserve(channels.size() * rows);
  for (std::size_t row = 0; row < rows; ++row)
    lanes.insert(lanes.end(), channels.begin(), channels.end());
  return lanes;
}

// Sums a channel from sums a lane, in binary64 and in the order of the lanes.
template <class Real>
void add_lanes(std::span<const Real> lanes, std::span<double> channels) {
  for (std::size_t at = 0; at < lanes.size(); at += channels.size())
    for (std::size_t c = 0; c < channels.size(); ++c)
      channels[c] += static_cast<double>(lanes[at + c]);
}

// body(first, count): runs of `count` elements, short enough to sum their lanes in Real.
template <class Body>
void each_run(std::size_t count, std::size_t tile, const Body& body) {
  constexpr std::size_t kTiles = 64;
  for (std::size_t at = 0; at < count; at += kTiles * tile)
    body(at, std::min(kTiles * tile, count - at));
}

}  // namespace octet::model::float32
