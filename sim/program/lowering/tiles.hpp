#pragma once
#include <cstdint>
#include <functional>

namespace octet::sim {

// The largest tile, in rows, for which fits(images, rows) holds; `rows` 0 if not even one row does.
struct TileSize {
  std::int64_t images = 0, rows = 0;
};
[[nodiscard]] TileSize largest_rows(
    std::int64_t batch, std::int64_t height,
    const std::function<bool(std::int64_t images, std::int64_t rows)>& fits);

}  // namespace octet::sim
