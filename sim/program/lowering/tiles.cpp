#include "sim/program/lowering/tiles.hpp"

namespace octet::sim {

TileSize largest_rows(std::int64_t batch, std::int64_t height,
                      const std::function<bool(std::int64_t, std::int64_t)>& fits) {
  const auto largest = [](std::int64_t most, const auto& ok) {
    std::int64_t low = 0;  // fits is monotonic: the largest that holds
    std::int64_t high = most;
    while (low < high) {
      const std::int64_t middle = (low + high + 1) / 2;
      if (ok(middle)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  };
  const std::int64_t images = largest(batch, [&](std::int64_t i) { return fits(i, height); });
  if (images > 0) return {images, height};
  return {1, largest(height - 1, [&](std::int64_t rows) { return fits(1, rows); })};
}

}  // namespace octet::sim
